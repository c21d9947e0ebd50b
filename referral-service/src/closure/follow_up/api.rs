//! `/v1/follow-ups` and `/v1/cases/{id}/follow-ups`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::access;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::deadline::{Standing, standing};
use shared::events::{Event, joined};
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, After, FollowUpId, Row};
use crate::family::domain::end_of;
use crate::family::{CaseId, FamilyId, case_to_add_to};
use crate::measurement::{Setting, case_whole};
use crate::policy;
use crate::referral::follow_up::{FollowUpAnswer, Heard, require_due};

/// Routes of follow-ups.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_follow_ups)
        .service(read_follow_up)
        .service(answer_follow_up)
        .service(list_case_follow_ups)
        .service(schedule_follow_ups);
}

shared::words! {
    /// Where a follow-up stands.
    FollowUpStatus {
        /// The family is still to be asked.
        Due = "due",
        /// It was asked, or could not be reached.
        Answered = "answered",
    }
}

/// A follow-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct FollowUpView {
    /// Its id.
    pub id: FollowUpId,
    /// The case it follows.
    pub case_id: CaseId,
    /// The family.
    pub family_id: FamilyId,
    /// After what.
    pub after: After,
    /// The day the months run from.
    pub started_on: NaiveDate,
    /// The service the family went on to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onward_service: Option<String>,
    /// How many months after.
    pub months: i16,
    /// By when the family is to be asked.
    pub due_at: DateTime<Utc>,
    /// Where the clock stands. What nobody asks stays overdue.
    pub clock: Standing,
    /// Where it stands.
    pub status: FollowUpStatus,
    /// When the answer was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// What was heard.
    #[serde(flatten)]
    pub heard: Heard,
}

impl FollowUpView {
    fn of(row: Row, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            case_id: row.case_id,
            family_id: row.family_id,
            after: row.after.parse().map_err(|()| Problem::internal(&"unknown kind of follow-up"))?,
            started_on: row.started_on,
            onward_service: row.onward_service,
            months: row.months,
            due_at: row.due_at,
            clock: standing(row.due_at, row.answered_at, now),
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of a follow-up"))?,
            answered_at: row.answered_at,
            heard: row.heard,
        })
    }
}

/// The follow-ups of a case that the caller sees, the earliest first.
///
/// # Errors
/// As the database says.
pub async fn of_case(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    now: DateTime<Utc>,
) -> Result<Vec<FollowUpView>, Problem> {
    store::of_case(connection, case).await?.into_iter().map(|row| FollowUpView::of(row, now)).collect()
}

/// List follow-ups
///
/// Those of your team, the earliest due first.
#[utoipa::path(operation_id = "list_follow_ups", tag = "closures",
    params(("status" = Option<FollowUpStatus>, Query, description = "`due` unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<FollowUpView>)))]
#[get("/v1/follow-ups")]
async fn list_follow_ups(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_FOLLOW_UP, async |tx| {
            policy::READ_FOLLOW_UP.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<FollowUpStatus>("status", "due or answered").unwrap_or(FollowUpStatus::Due);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, &actor.scopes(), status.as_str(), cursor, limit).await?;
            let now = tx.now();
            let key = |row: &Row| Cursor { sort_at: row.due_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, |row| FollowUpView::of(row, now));
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a follow-up
#[utoipa::path(operation_id = "read_follow_up", tag = "closures",
    params(("id" = uuid::Uuid, Path, description = "The follow-up's id")),
    responses((status = 200, body = FollowUpView)))]
#[get("/v1/follow-ups/{id}")]
async fn read_follow_up(service: Data<Service>, actor: Actor, id: Path<FollowUpId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "follow_up", &view))
}

async fn show(service: &Service, actor: &Actor, id: FollowUpId) -> Result<(i64, FollowUpView), Problem> {
    service
        .read(actor, &policy::READ_FOLLOW_UP, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_FOLLOW_UP.require(actor)?;
            tx.entry.records.push(id.0);
            let now = tx.now();
            Ok((row.version, FollowUpView::of(row, now)?))
        })
        .await
}

/// Answer a follow-up
///
/// Records what was heard of the family, or that it could not be reached; no earlier than some weeks before it is due.
#[utoipa::path(operation_id = "answer_follow_up", tag = "closures", request_body = FollowUpAnswer,
    params(("id" = uuid::Uuid, Path, description = "The follow-up's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FollowUpView)))]
#[post("/v1/follow-ups/{id}/answer")]
async fn answer_follow_up(
    service: Data<Service>,
    command: Command<FollowUpAnswer>,
    id: Path<FollowUpId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ANSWER_FOLLOW_UP, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::for_change(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["team", "user"]).await?;
            tx.proceed(Some(row.version)).await?;
            tx.entry.records.push(id.0);
            let body = command.body()?;
            let now = tx.now();
            body.check(row.started_on, row.due_at, &service.rules(), now.local_day())?;
            require_due(&row.status)?;
            store::answer(tx, &row, &body, &command.actor, now).await?;
            let of = json!({
                "follow_up_id": id, "case_id": row.case_id, "family_id": row.family_id, "after": row.after,
            });
            let facts = joined(of, body.facts(row.months, row.due_at, now));
            tx.publish(Event::new("follow_up.answered.v1", id, facts));
            let row = store::find(tx, id).await?;
            Ok(Done::changed(row.version, FollowUpView::of(row, now)?))
        })
        .await?;
    written.respond("follow_up", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// List the follow-ups of a case
///
/// The earliest due first.
#[utoipa::path(operation_id = "list_case_follow_ups", tag = "closures",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = Vec<FollowUpView>)))]
#[get("/v1/cases/{id}/follow-ups")]
async fn list_case_follow_ups(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let views = case_follow_ups(&service, &actor, *id).await?;
    Ok(HttpResponse::Ok().json(views))
}

async fn case_follow_ups(service: &Service, actor: &Actor, id: CaseId) -> Result<Vec<FollowUpView>, Problem> {
    service
        .read(actor, &policy::READ_FOLLOW_UP, async |tx| {
            tx.entry.record = Some(id.0);
            case_whole(tx, id).await?;
            policy::READ_FOLLOW_UP.require(actor)?;
            tx.entry.records.push(id.0);
            let now = tx.now();
            of_case(tx, id, now).await
        })
        .await
}

/// A family that went on to another service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "started_on": "2026-11-20", "onward_service": "the debt advice charity" }))]
pub struct OnwardStep {
    /// The day it went on.
    pub started_on: NaiveDate,
    /// To which service.
    #[schema(min_length = 1, max_length = 200)]
    pub onward_service: String,
}

/// Follow up an onward referral
///
/// The family went on to another service: it will be asked 3, 6, 9 and 12 months later whether it took part
/// and where it is. After a closure this happens by itself.
#[utoipa::path(operation_id = "schedule_follow_ups", tag = "closures", request_body = OnwardStep,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = Vec<FollowUpView>)))]
#[post("/v1/cases/{id}/follow-ups")]
async fn schedule_follow_ups(
    service: Data<Service>,
    command: Command<OnwardStep>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ANSWER_FOLLOW_UP, async |tx| {
            let case = case_to_add_to(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            if body.started_on > today || body.started_on < case.opened_at.local_day() {
                let detail = format!("from {} to today", case.opened_at.local_day());
                return Err(Problem::invalid(vec![FieldError::at("/started_on", "out_of_range", detail)]).into());
            }
            let setting = Setting::of(tx, case).await?;
            let from = end_of(body.started_on);
            let rules = service.rules();
            store::schedule(tx, &rules, &setting, After::OnwardReferral, from, Some(&body.onward_service)).await?;
            let views = of_case(tx, id, now).await?;
            Ok(Done::created(format!("/v1/cases/{id}/follow-ups"), 1, views))
        })
        .await?;
    written.respond("follow_ups", async |_| case_follow_ups(&service, &command.actor, id).await).await
}
