//! Opening a case, finding and reading it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::basis::{basis, lead_worker, top_up_error};
use super::problem::eligibility;
use super::show_case;
use super::told_need::not_noted_yet;
use super::worker::{WorkerForm, lead_worker_set, put};
use crate::family::domain::{CaseId, CaseStatus, FamilyId, FamilyState, due};
use crate::family::event::{household, of_case};
use crate::family::store::case::{self, Attachment, Case};
use crate::family::store::family::{self, Family};
use crate::family::store::member::members;
use crate::family::store::{list, problem as programme, scope};
use crate::family::view::{CaseView, case_view};
use crate::policy;
use crate::referral::offer::AllocationId;

/// Routes of cases.
pub fn routes(config: &mut ServiceConfig) {
    config.service(open_case).service(list_cases).service(read_case);
}

/// A case to be opened: from an allocation, as a "top-up", or because the family asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "allocation_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "case_type": "intensive-family-support",
    "regardless_reason": "The hub asked for it: a third child is expected and the parents have nobody." }))]
pub struct CaseForm {
    /// What kind of work it is, a code of the set `case_type`. Its clocks follow from it.
    pub case_type: String,
    /// An allocation your team has accepted.
    pub allocation_id: Option<AllocationId>,
    /// The case after whose planned exit the family comes back.
    pub previous_case_id: Option<CaseId>,
    /// What the family asked for, where it asked for itself.
    #[schema(min_length = 1, max_length = 4000)]
    pub request_reason: Option<String>,
    /// Who leads the work. A service's manager names anyone; others themselves. Of a case from an allocation, whoever
    /// leads that, if left out.
    pub lead_worker: Option<WorkerForm>,
    /// Your team, a code of the set `service`. Needed only without an allocation and if you are in several.
    pub team: Option<Word>,
    /// Why the case is opened although the family is not eligible for the programme: the hub's
    /// reason, or yours. Needed only for case types of the programme.
    #[schema(min_length = 1, max_length = 4000)]
    pub regardless_reason: Option<String>,
}

/// Open a case
///
/// Your team begins to work with the family. Whether the family is eligible for the programme, and
/// on which problems, is recorded with it. A team has one open case with a family at a time. Whoever leads the
/// allocation leads the case, unless you name another.
#[utoipa::path(operation_id = "open_case", tag = "cases", request_body = CaseForm,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = CaseView)))]
#[post("/v1/families/{id}/cases")]
async fn open_case(
    service: Data<Service>,
    command: Command<CaseForm>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::OPEN_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            family::seen(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["team", "user"]).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let rules = service.rules();
            let now = tx.now();
            let today = now.local_day();
            let mut errors = Vec::new();
            if !rules.has_code("case_type", &body.case_type, today) {
                let detail = "is no case type; GET /v1/codes/case_type lists them";
                errors.push(FieldError::at("/case_type", "unknown_code", detail));
            }
            let basis = basis(tx, &command.actor, &body, &mut errors).await?;
            let mut family = family::for_change(tx, id).await?;
            tx.entry.records.push(id.0);
            if let Some(previous) = body.previous_case_id {
                errors.extend(top_up_error(tx, &rules, previous, id, now).await?);
            }
            let found = eligibility(tx, &rules, id, today).await?;
            let asks = programme::programme(tx, today)
                .await?
                .is_some_and(|programme| programme.case_types.contains(&body.case_type));
            if asks && !found.eligible && body.regardless_reason.is_none() {
                let mut detail = format!("is needed: the family has {} of the headline problems that make it eligible", found.problems.len());
                if let Some(referral) = basis.as_ref().and_then(|basis| basis.referral)
                    && let Some(told) = not_noted_yet(tx, &rules, &found, referral).await?
                {
                    detail = format!("{detail}; {told}");
                }
                errors.push(FieldError::at("/regardless_reason", "required", detail));
            }
            let Some(basis) = basis.filter(|_| errors.is_empty()) else {
                return Err(Problem::invalid(errors).into());
            };
            if case::is_open_for(tx, id, &basis.team).await? {
                return Err(Problem::conflict("your team has an open case with this family").into());
            }
            let lead = lead_worker(tx, &command.actor, &body).await?;
            let case = Case {
                id: CaseId::new(),
                family_id: id,
                referral_id: basis.referral.map(|referral| referral.0),
                allocation_id: body.allocation_id.map(|allocation| allocation.0),
                case_type: body.case_type.clone(),
                team: basis.team.clone(),
                origin: basis.origin.as_str().to_owned(),
                previous_case_id: body.previous_case_id,
                status: CaseStatus::Open.as_str().to_owned(),
                opened_at: now,
                engaged_on: None,
                lead_worker: lead.as_ref().map(|lead| lead.user_id.0),
                lead_worker_name: lead.as_ref().map(|lead| lead.name.clone()),
                closed_at: None,
                version: 1,
            };
            let grounds = Attachment {
                case_id: case.id,
                attached_on: today,
                framework: found.framework.as_ref().map_or_else(|| "none".to_owned(), |framework| framework.code.clone()),
                threshold: found.framework.as_ref().map_or(0, |framework| framework.threshold),
                problems: found.problems.iter().map(|problem| problem.code.clone()).collect(),
                eligible: found.eligible,
                request_reason: body.request_reason.clone(),
                regardless_reason: body.regardless_reason.clone(),
            };
            case::insert(tx, &case, &grounds).await?;
            show_to(tx, &family, &case).await?;
            if let Some(due) = due(&rules, "case_engagement", &case.case_type, now) {
                shared::deadline::start(tx, case.id.0, "case_engagement", now, due).await?;
                shared::deadline::assign(tx, case.id.0, "case_engagement", case.lead_worker).await?;
            }
            if let Some(referral) = basis.referral {
                family::link(tx, id, referral).await?;
            }
            family.bump(tx).await?;
            let counted = household(&members(tx, id, today).await?, today);
            let facts = of_case(
                &case,
                family.locality.as_deref(),
                &counted,
                json!({ "allocation_id": case.allocation_id, "origin": basis.origin, "previous_case_id": case.previous_case_id,
                    "opened_at": now, "eligible": found.eligible, "framework": grounds.framework, "problems": grounds.problems,
                    "regardless": grounds.regardless_reason.is_some() }),
            );
            tx.publish(Event::new("case.opened.v1", case.id, facts));
            if let Some(lead) = &lead {
                put(tx, &case, lead, "lead").await?;
                tx.publish(lead_worker_set(&case, None, now));
            }
            let (case_id, people) = (case.id, counted.person_ids);
            tx.entry.people.extend(&people);
            let view = case_view(tx, case, now).await?;
            let pairs: Vec<(Uuid, Uuid)> = people.iter().map(|person| (case_id.0, *person)).collect();
            access::subjects(tx, &pairs).await?;
            Ok(Done::created(format!("/v1/cases/{case_id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show_case(&service, &command.actor, CaseId(stored.id()?)).await?.1)).await
}

/// Shows a new case whole to its team and the front door, and to everyone else who works with the
/// family or keeps its district in view, that somebody is helping.
async fn show_to<T>(tx: &mut Write<'_, T>, family: &Family, case: &Case) -> Result<(), Stop> {
    let team = format!("team:{}", case.team);
    let mut grants = Vec::new();
    for other in scope::holders(tx, family.id).await? {
        let view = if other == "front-door" || other == team { View::Full } else { View::Involvement };
        grants.push(scope::case_grant(case, &other, view)?);
    }
    if !grants.iter().any(|grant: &Grant| grant.scope == team) {
        grants.push(scope::case_grant(case, &team, View::Full)?);
    }
    if let Some(locality) = &family.locality {
        grants.push(scope::case_grant(case, &format!("hub:{locality}"), View::Involvement)?);
    }
    access::grant(tx, &grants).await?;
    access::move_to_state(tx, family.id.0, FamilyState::Open.as_str()).await?;
    Ok(())
}

/// A case on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseSummary {
    /// Its id.
    pub id: CaseId,
    /// The family it is about.
    pub family_id: FamilyId,
    /// The family's reference.
    pub family_reference: String,
    /// What the family is called (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose it is, a code of the set `service`.
    pub team: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When the family began to work with the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged_on: Option<NaiveDate>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker: Option<String>,
    /// What is due next: `case_engagement`, `family_assessment`, `family_review`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_clock: Option<String>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due_at: Option<DateTime<Utc>>,
}

/// List cases
///
/// Yours, your team's, those of your hub's district, or for First Response all; newest first.
#[utoipa::path(operation_id = "list_cases", tag = "cases",
    params(("status" = Option<CaseStatus>, Query, description = "Only those that stand here"),
           ("team" = Option<String>, Query, description = "Only those a team of yours leads or supports, a code of the set `service`"),
           ("mine" = Option<bool>, Query, description = "`true`: only those you are named on as a worker"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<CaseSummary>)))]
#[get("/v1/cases")]
async fn list_cases(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_CASE, async |tx| {
            policy::READ_CASE.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<CaseStatus>("status", "open or closed");
            let team = query.optional::<Word>("team", "a team such as intensive-family-support");
            let mine = query.optional::<bool>("mine", "true or false").unwrap_or(false);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let only = match (mine, team) {
                (false, None) => None,
                (true, None) => Some(format!("user:{}", actor.user)),
                (false, Some(team)) => Some(format!("team:{team}")),
                (true, Some(_)) => return Err(Problem::parameter("mine", "does_not_fit", "say either mine or team")),
            };
            let scopes: Vec<String> =
                actor.scopes().into_iter().filter(|scope| only.as_ref().is_none_or(|only| only == scope)).collect();
            let rows = list::cases(tx, &scopes, status.map(CaseStatus::as_str), only.is_some(), cursor, limit).await?;
            let line = |row: list::CaseRow| {
                Ok(CaseSummary {
                    id: CaseId(row.id),
                    family_id: FamilyId(row.family_id),
                    family_reference: row.family_reference,
                    family_name: row.family_name,
                    locality: row.locality,
                    case_type: row.case_type,
                    team: row.team,
                    status: row.status.parse().map_err(|()| Problem::internal(&"unknown case status"))?,
                    opened_at: row.opened_at,
                    engaged_on: row.engaged_on,
                    closed_at: row.closed_at,
                    lead_worker: row.lead_worker_name,
                    next_clock: row.next_clock,
                    next_due_at: row.next_due_at,
                })
            };
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.opened_at, id: row.id }, line);
            let items = page.items.into_iter().collect::<Result<Vec<_>, Problem>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a case
///
/// Its team reads all of it; the hub of the district and other teams of the family who is helping,
/// since when, and how to reach them. The ETag is its version: send it as `If-Match` with whatever
/// you do to the case next.
#[utoipa::path(operation_id = "read_case", tag = "cases",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = CaseView)))]
#[get("/v1/cases/{id}")]
async fn read_case(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show_case(&service, &actor, *id).await?;
    Ok(found(version, &view.view, &view))
}
