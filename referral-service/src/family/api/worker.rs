//! Who works on a case: the lead worker, supporting workers, supporting teams.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use shared::access;
use shared::actor::{Actor, Role, Word};
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::Event;
use shared::id::UserId;
use shared::problem::{self, FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::show_case;
use crate::family::change::case_to_change;
use crate::family::domain::CaseId;
use crate::family::store::case::{CLOCKS, Case, cases_of};
use crate::family::store::family;
use crate::family::store::scope::{open_to, unfollow};
use crate::family::store::worker::{self as rows, Team, Worker};
use crate::family::view::{CaseView, case_view};
use crate::policy;

/// Routes of workers.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(set_lead_worker)
        .service(add_supporting_worker)
        .service(end_supporting_worker)
        .service(add_supporting_team);
}

/// A worker.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseWorkerForm, example = json!({ "user_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "name": "Felix Family (invented)", "reached_by": "01632 960020" }))]
pub struct WorkerForm {
    /// The user.
    pub user_id: UserId,
    /// Their name, as the family's other helpers read it.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// How the family's other helpers reach them: telephone or e-mail.
    #[schema(min_length = 1, max_length = 200)]
    pub reached_by: Option<String>,
}

/// Set the lead worker
///
/// Who led before is kept with the days. A service's manager names anyone; others take a case on
/// themselves. The lead worker sees the case whole, also without being in its team.
#[utoipa::path(operation_id = "set_lead_worker", tag = "cases", request_body = WorkerForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseView)))]
#[post("/v1/cases/{id}/lead-worker")]
async fn set_lead_worker(
    service: Data<Service>,
    command: Command<WorkerForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ASSIGN_WORKER, async |tx| {
            let mut case = case_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            may_name(&command.actor, &body)?;
            case.require_open()?;
            let before = case.lead_worker;
            if before == Some(body.user_id.0) {
                return Err(Problem::conflict("they lead this case already").into());
            }
            let now = tx.now();
            for worker in rows::workers(tx, &[id]).await? {
                let replaced = worker.part == "lead" || worker.user_id == body.user_id.0;
                if replaced && worker.to_at.is_none() {
                    rows::end(tx, worker.id, now).await?;
                }
            }
            put(tx, &case, &body, "lead").await?;
            case.lead_worker = Some(body.user_id.0);
            case.lead_worker_name = Some(body.name.clone());
            case.bump(tx).await?;
            for clock in CLOCKS {
                deadline::assign(tx, id.0, clock, case.lead_worker).await?;
            }
            tx.publish(lead_worker_set(&case, before, now));
            finish(tx, case, before).await
        })
        .await?;
    written.respond("full", async |_| Ok(show_case(&service, &command.actor, id).await?.1)).await
}

/// Refuses whoever gives a case to somebody else without leading the service.
///
/// # Errors
/// 403.
pub fn may_name(actor: &Actor, named: &WorkerForm) -> Result<(), Problem> {
    if named.user_id == actor.user || actor.holds_any(&[Role::ServiceManager]) {
        return Ok(());
    }
    let detail = "a service's manager gives a case to somebody else; you can take it on yourself";
    Err(Problem::new(problem::NOT_ALLOWED).detail(detail))
}

/// That somebody leads a case, and who did before.
pub fn lead_worker_set(case: &Case, before: Option<Uuid>, now: DateTime<Utc>) -> Event {
    let facts = json!({ "case_id": case.id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
        "lead_worker": case.lead_worker, "before": before, "set_at": now });
    Event::new("case.lead_worker_set.v1", case.id, facts)
}

/// Add a supporting worker
///
/// They see the case whole, also without being in its team.
#[utoipa::path(operation_id = "add_supporting_worker", tag = "cases", request_body = WorkerForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseView)))]
#[post("/v1/cases/{id}/supporting-workers")]
async fn add_supporting_worker(
    service: Data<Service>,
    command: Command<WorkerForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ASSIGN_WORKER, async |tx| {
            let mut case = case_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            case.require_open()?;
            let there = rows::workers(tx, &[id]).await?;
            if there.iter().any(|worker| worker.user_id == body.user_id.0 && worker.to_at.is_none()) {
                return Err(Problem::conflict("they work on this case already").into());
            }
            put(tx, &case, &body, "supporting").await?;
            case.bump(tx).await?;
            finish(tx, case, None).await
        })
        .await?;
    written.respond("full", async |_| Ok(show_case(&service, &command.actor, id).await?.1)).await
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct WorkerEnd {}

/// End a supporting worker's part
///
/// They see the case no longer, unless they are in its team.
#[utoipa::path(operation_id = "end_supporting_worker", tag = "cases", request_body = WorkerEnd,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("user" = uuid::Uuid, Path, description = "The worker's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseView)))]
#[post("/v1/cases/{id}/supporting-workers/{user}/end")]
async fn end_supporting_worker(
    service: Data<Service>,
    command: Command<WorkerEnd>,
    path: Path<(CaseId, UserId)>,
) -> Result<HttpResponse, Problem> {
    let (id, user) = path.into_inner();
    let written = service
        .write(&command, &policy::ASSIGN_WORKER, async |tx| {
            let mut case = case_to_change(tx, &command.actor, id).await?;
            command.body()?;
            let there = rows::workers(tx, &[id]).await?;
            let supports =
                |worker: &&Worker| worker.user_id == user.0 && worker.part == "supporting" && worker.to_at.is_none();
            let found = there.iter().find(supports).ok_or_else(Problem::not_found)?;
            let now = tx.now();
            rows::end(tx, found.id, now).await?;
            case.bump(tx).await?;
            finish(tx, case, Some(user.0)).await
        })
        .await?;
    written.respond("full", async |_| Ok(show_case(&service, &command.actor, id).await?.1)).await
}

/// A team that is to help.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "team": "youth-work" }))]
pub struct TeamForm {
    /// The team, a code of the set `service`.
    pub team: Word,
}

/// Add a supporting team
///
/// Everyone in it sees the case and the family whole.
#[utoipa::path(operation_id = "add_supporting_team", tag = "cases", request_body = TeamForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseView)))]
#[post("/v1/cases/{id}/supporting-teams")]
async fn add_supporting_team(
    service: Data<Service>,
    command: Command<TeamForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ASSIGN_WORKER, async |tx| {
            let mut case = case_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let team = body.team.as_str().to_owned();
            let now = tx.now();
            if !service.rules().has_code("service", &team, now.local_day()) {
                let detail = "is no service; GET /v1/codes/service lists them";
                return Err(Problem::invalid(vec![FieldError::at("/team", "unknown_code", detail)]).into());
            }
            case.require_open()?;
            let there = rows::teams(tx, &[id]).await?;
            if team == case.team || there.iter().any(|row| row.team == team && row.to_at.is_none()) {
                return Err(Problem::conflict("this team works on the case already").into());
            }
            let family = family::seen(tx, case.family_id).await?;
            rows::add_team(
                tx,
                &Team { id: Uuid::now_v7(), case_id: id, team: team.clone(), from_at: now, to_at: None },
            )
            .await?;
            open_to(tx, &family, &case, &format!("team:{team}")).await?;
            case.bump(tx).await?;
            tx.publish(Event::new(
                "case.team_joined.v1",
                id,
                json!({ "case_id": id, "family_id": case.family_id, "case_type": case.case_type, "team": team,
                    "lead_team": case.team, "joined_at": now, "locality": family.locality }),
            ));
            finish(tx, case, None).await
        })
        .await?;
    written.respond("full", async |_| Ok(show_case(&service, &command.actor, id).await?.1)).await
}

/// Puts a worker on the case, and lets them see it.
///
/// # Errors
/// As the database says.
pub async fn put<T>(tx: &mut Write<'_, T>, case: &Case, who: &WorkerForm, part: &str) -> Result<(), Stop> {
    let now = tx.now();
    let row = Worker {
        id: Uuid::now_v7(),
        case_id: case.id,
        user_id: who.user_id.0,
        name: who.name.clone(),
        part: part.to_owned(),
        reached_by: who.reached_by.clone(),
        from_at: now,
        to_at: None,
    };
    rows::add(tx, &row).await?;
    let family = family::seen(tx, case.family_id).await?;
    open_to(tx, &family, case, &format!("user:{}", who.user_id)).await?;
    Ok(())
}

/// Answers with the case; then takes it from a worker who has no part in it any more, who may be
/// the caller.
async fn finish<T>(tx: &mut Write<'_, T>, case: Case, gone: Option<Uuid>) -> Result<Done<CaseView>, Stop> {
    let (id, family, version, now) = (case.id, case.family_id, case.version, tx.now());
    let view = case_view(tx, case, now).await?;
    if let Some(user) = gone {
        let ids: Vec<CaseId> = cases_of(tx, family).await?.into_iter().map(|case| case.id).collect();
        let there = rows::workers(tx, &ids).await?;
        let still = |worker: &&Worker| worker.user_id == user && worker.to_at.is_none();
        let scope = format!("user:{user}");
        if !there.iter().filter(still).any(|worker| worker.case_id == id) {
            unfollow(tx, id, &scope).await?;
            access::revoke(tx, id.0, &scope).await?;
        }
        if !there.iter().any(|worker| still(&worker)) {
            for other in ids.iter().filter(|other| **other != id) {
                access::revoke(tx, other.0, &scope).await?;
            }
            access::revoke(tx, family.0, &scope).await?;
        }
    }
    Ok(Done::changed(version, view))
}
