//! What a team and its workers have in hand.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::problem::{FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{Ceiling, Load, ceiling_of};
use super::store::{self, NewCeiling, Standing};
use crate::policy;

/// What a team has in hand.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseloadView {
    /// The team, a code of the set `service`.
    pub team: String,
    /// How many allocations wait for its answer.
    pub offered: i64,
    /// How many are on its waiting list.
    pub waiting: i64,
    /// How many it works on.
    pub in_work: i64,
    /// How many of those nobody leads yet.
    pub without_lead_worker: i64,
    /// How many points a worker should have at most; absent if nobody set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<i16>,
    /// Its workers, the fullest first.
    pub workers: Vec<WorkerLoad>,
}

/// What a worker has in hand.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerLoad {
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// How many cases they work on.
    pub cases: i64,
    /// How many of those they lead.
    pub leads: i64,
    /// All of them weighed by kind of work, complexity and part, in points.
    pub weight: i64,
    /// How many points they should have at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<i16>,
    /// Whether they have more.
    pub over: bool,
}

impl WorkerLoad {
    fn of(load: Load, ceilings: &[Ceiling]) -> Self {
        let ceiling = ceiling_of(ceilings, load.user);
        Self {
            user_id: load.user,
            name: load.name,
            cases: load.leads + load.supports,
            leads: load.leads,
            weight: load.points,
            ceiling,
            over: ceiling.is_some_and(|ceiling| load.points > i64::from(ceiling)),
        }
    }
}

/// Read a caseload
///
/// What each worker of a team has in hand, weighed, and what the team has before it. The numbers count
/// every case, those you may not see with them.
#[utoipa::path(operation_id = "read_caseload", tag = "caseloads",
    params(("team" = String, Query, description = "The team, a code of the set `service`: one you work in")),
    responses((status = 200, body = CaseloadView), (status = 404, body = ProblemDocument)))]
#[get("/v1/caseloads")]
pub async fn read_caseload(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let view = service
        .read(&actor, &policy::READ_CASELOAD, async |tx| {
            policy::READ_CASELOAD.require(&actor)?;
            let mut query = Query::of(&request);
            let team = query.required::<Word>("team", "a team such as youth-work");
            query.finish()?;
            let team = team.map(|team| team.as_str().to_owned()).unwrap_or_default();
            // A team one doesn't work in is not found.
            if !actor.scopes().contains(&format!("team:{team}")) {
                return Err(Problem::not_found());
            }
            let today = tx.now().local_day();
            let Standing { offered, waiting, in_work, without_lead_worker } = store::standing(tx, &team).await?;
            let ceilings = store::ceilings(tx, &team).await?;
            let loads = store::loads(tx, &team, today).await?;
            Ok(CaseloadView {
                ceiling: ceilings.iter().find(|ceiling| ceiling.user.is_none()).map(|ceiling| ceiling.points),
                workers: loads.into_iter().map(|load| WorkerLoad::of(load, &ceilings)).collect(),
                team,
                offered,
                waiting,
                in_work,
                without_lead_worker,
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}

/// How many points a worker should have at most.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "team": "intensive-family-support", "weight": 120, "reason": "Agreed with the team for the winter." }))]
pub struct CeilingForm {
    /// The team, one you lead.
    pub team: Word,
    /// For whom; for everyone of the team who has none of their own, if left out.
    pub user_id: Option<Uuid>,
    /// How many points.
    #[schema(minimum = 1, maximum = 10000)]
    pub weight: i16,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// A ceiling as it was set.
#[derive(Debug, Serialize, ToSchema)]
pub struct CeilingView {
    /// Its id.
    pub id: Uuid,
    /// The team.
    pub team: String,
    /// For whom, if for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// How many points.
    pub weight: i16,
}

/// Set a caseload's ceiling
///
/// From now on, for a team or for one of it. It warns whoever gives out more, and never blocks. What was set
/// before is kept.
#[utoipa::path(operation_id = "set_caseload_ceiling", tag = "caseloads", request_body = CeilingForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = CeilingView)))]
#[post("/v1/caseloads/ceilings")]
pub async fn set_caseload_ceiling(
    service: Data<Service>,
    command: Command<CeilingForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SET_CEILING, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            if !actor.scopes().contains(&format!("team:{}", body.team)) {
                let error = FieldError::at("/team", "not_yours", "is no team you lead");
                return Err(Problem::invalid(vec![error]).into());
            }
            let (id, now) = (Uuid::now_v7(), tx.now());
            let new = NewCeiling {
                id,
                team: body.team.as_str(),
                user: body.user_id,
                points: body.weight,
                reason: &body.reason,
            };
            store::set_ceiling(tx, &new, actor, now).await?;
            tx.entry.record = Some(id);
            let view = CeilingView { id, team: body.team.to_string(), user_id: body.user_id, weight: body.weight };
            Ok(Done::created(format!("/v1/caseloads/ceilings/{id}"), 1, view))
        })
        .await?;
    written
        .respond("full", async |stored| {
            let (id, body) = (stored.id()?, command.body()?);
            Ok(CeilingView { id, team: body.team.to_string(), user_id: body.user_id, weight: body.weight })
        })
        .await
}
