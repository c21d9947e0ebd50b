//! `/v1/cases/{id}/team-around`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{MeetingId, MeetingStatus, Seat, seat_errors};
use super::event;
use super::store::{self, Attendee, Meeting};
use super::view::{MeetingView, view, views};
use crate::family::{self, Case, CaseId};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(plan_meeting)
        .service(list_meetings)
        .service(read_meeting)
        .service(record_meeting)
        .service(cancel_meeting);
}

/// A meeting to be held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamAroundForm, example = json!({ "starts_at": "2026-12-01T14:00:00Z", "place": "Greenfield Academy", "chair": "Jean Example (invented)",
    "invited": [{ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e" },
                { "agency": "greenfield-academy", "name": "Ms A Teacher (invented)", "role": "special needs co-ordinator" }] }))]
pub struct MeetingForm {
    /// When.
    pub starts_at: DateTime<Utc>,
    /// Where.
    #[schema(min_length = 1, max_length = 500)]
    pub place: Option<String>,
    /// Who chairs it.
    #[schema(min_length = 1, max_length = 200)]
    pub chair: String,
    /// Who is asked: of the family, and of agencies.
    #[schema(min_items = 1, max_items = 50)]
    pub invited: Vec<Seat>,
}

fn rows(meeting: &Meeting, seats: Vec<Seat>, first: i16, invited: bool) -> Vec<Attendee> {
    seats
        .into_iter()
        .zip(first..)
        .map(|(seat, place)| Attendee {
            id: Uuid::now_v7(),
            meeting_id: meeting.id,
            case_id: meeting.case_id,
            place,
            person_id: seat.person_id,
            name: seat.name,
            agency: seat.agency.map(|agency| agency.as_str().to_owned()),
            role: seat.role,
            invited,
            attended: (!invited).then_some(true),
        })
        .collect()
}

/// Plan a meeting of the team around the family
#[utoipa::path(operation_id = "plan_team_around", tag = "team around the family", request_body = MeetingForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = MeetingView)))]
#[post("/v1/cases/{id}/team-around")]
async fn plan_meeting(
    service: Data<Service>,
    command: Command<MeetingForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::HOLD_TEAM_AROUND, async |tx| {
            let case = family::case_to_add_to(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let members = member_ids(tx, &case).await?;
            let errors = seat_errors(&body.invited, &members, &service.rules(), "/invited");
            Problem::refuse_any(errors)?;
            case.require_open()?;
            let meeting = Meeting {
                id: MeetingId::new(),
                case_id: id,
                status: MeetingStatus::Planned.as_str().to_owned(),
                starts_at: body.starts_at,
                place: body.place,
                chair: body.chair,
                discussed: None,
                decisions: Vec::new(),
                next_on: None,
                cancelled_because: None,
                recorded_at: None,
                version: 1,
            };
            store::insert(tx, &meeting).await?;
            store::add_attendees(tx, &rows(&meeting, body.invited, 0, true)).await?;
            tx.publish(event::planned(&case, &meeting, now));
            let meeting_id = meeting.id;
            Ok(Done::created(format!("/v1/cases/{id}/team-around/{meeting_id}"), 1, view(tx, meeting).await?))
        })
        .await?;
    written
        .respond("full", async |stored| Ok(show(&service, &command.actor, id, MeetingId(stored.id()?)).await?.1))
        .await
}

/// Everyone who ever belonged to the family: a meeting may have been about a time before.
async fn member_ids<T>(tx: &mut Write<'_, T>, case: &Case) -> Result<Vec<Uuid>, Stop> {
    let members = family::members_ever(tx, case.family_id).await?;
    Ok(members.into_iter().map(|member| member.person_id).collect())
}

/// List the meetings of the team around the family
///
/// The latest first.
#[utoipa::path(operation_id = "list_team_around", tag = "team around the family",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<MeetingView>)))]
#[get("/v1/cases/{id}/team-around")]
async fn list_meetings(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let page = service
        .read(&actor, &policy::READ_TEAM_AROUND, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_TEAM_AROUND.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            tx.entry.records.push(id.0);
            let rows = store::list(tx, id, cursor, limit).await?;
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.starts_at, id: row.id.0 }, |row| row);
            Ok(Page { items: views(tx, page.items).await?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a meeting of the team around the family
#[utoipa::path(operation_id = "read_team_around", tag = "team around the family",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id")),
    responses((status = 200, body = MeetingView)))]
#[get("/v1/cases/{id}/team-around/{meeting}")]
async fn read_meeting(
    service: Data<Service>,
    actor: Actor,
    path: Path<(CaseId, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (id, meeting) = path.into_inner();
    let (version, view) = show(&service, &actor, id, meeting).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: CaseId, meeting: MeetingId) -> Result<(i64, MeetingView), Problem> {
    service
        .read(actor, &policy::READ_TEAM_AROUND, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_TEAM_AROUND.require(actor)?;
            let row = store::find(tx, id, meeting).await?;
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok((version, view(tx, row).await?))
        })
        .await
}

/// The case and the meeting, locked, after the checks that come before the body.
async fn meeting_to_change<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: CaseId,
    meeting: MeetingId,
) -> Result<(Case, Meeting), Stop> {
    let case = family::case_of_caseworker(tx, actor, id).await?;
    policy::HOLD_TEAM_AROUND.require(actor)?;
    let meeting = store::for_change(tx, id, meeting).await?;
    tx.proceed(Some(meeting.version)).await?;
    tx.entry.records.push(id.0);
    Ok((case, meeting))
}

/// What came of a meeting.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamAroundRecord, example = json!({ "attended": ["01a20158-d2bb-77a5-a866-0a226963a91e"], "discussed": "Attendance is up; the damp in the bedroom is not seen to.",
    "decisions": ["School keeps a place at breakfast club.", "The landlord is asked again, in writing."], "next_on": "2027-01-12" }))]
pub struct MeetingRecord {
    /// When it was in fact held, if at another time than planned.
    pub held_at: Option<DateTime<Utc>>,
    /// Who of those who were asked came: the ids of their places at the table.
    pub attended: Vec<Uuid>,
    /// Who came without having been asked.
    #[schema(max_items = 50)]
    pub also_attended: Option<Vec<Seat>>,
    /// What was said.
    #[schema(min_length = 1, max_length = 50000)]
    pub discussed: String,
    /// What was decided.
    #[schema(max_items = 50)]
    pub decisions: Vec<String>,
    /// When the next one is.
    pub next_on: Option<NaiveDate>,
}

/// What is wrong with what was recorded of a meeting that was held at `held_at`.
fn record_errors(
    body: &MeetingRecord,
    held_at: DateTime<Utc>,
    (invited, members): (&[Attendee], &[Uuid]),
    rules: &Rules,
    now: DateTime<Utc>,
) -> Vec<FieldError> {
    let mut errors = seat_errors(body.also_attended.as_deref().unwrap_or_default(), members, rules, "/also_attended");
    let mut add = |at: String, code: &str, detail: &str| errors.push(FieldError::at(at, code, detail));
    if held_at > now {
        add("/held_at".to_owned(), "in_the_future", "is still to come: a meeting is recorded once it was held");
    }
    for (one, n) in body.attended.iter().zip(0..) {
        if !invited.iter().any(|place| place.id == *one) {
            add(format!("/attended/{n}"), "unknown", "is no place at this table");
        }
    }
    for (decision, n) in body.decisions.iter().zip(0..) {
        if decision.trim().is_empty() || decision.chars().count() > 4000 {
            add(format!("/decisions/{n}"), "invalid", "is blank or longer than 4000 characters");
        }
    }
    if body.next_on.is_some_and(|next| next <= held_at.local_day()) {
        add("/next_on".to_owned(), "before_from", "is not after this one");
    }
    errors
}

/// Record a meeting of the team around the family
///
/// Who came, what was said and decided, and when the next one is. What somebody is to do after it:
/// `POST /v1/cases/{id}/actions` with this meeting's id.
#[utoipa::path(operation_id = "record_team_around", tag = "team around the family", request_body = MeetingRecord,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The meeting's ETag")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/cases/{id}/team-around/{meeting}/record")]
async fn record_meeting(
    service: Data<Service>,
    command: Command<MeetingRecord>,
    path: Path<(CaseId, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (id, meeting) = path.into_inner();
    let written = service
        .write(&command, &policy::HOLD_TEAM_AROUND, async |tx| {
            let (case, mut meeting) = meeting_to_change(tx, &command.actor, id, meeting).await?;
            let body = command.body()?;
            let now = tx.now();
            let held_at = body.held_at.unwrap_or(meeting.starts_at);
            let invited = store::attendees(tx, &[meeting.id]).await?;
            let members = member_ids(tx, &case).await?;
            let errors = record_errors(&body, held_at, (&invited, &members), &service.rules(), now);
            Problem::refuse_any(errors)?;
            meeting.starts_at = held_at;
            meeting.discussed = Some(body.discussed);
            meeting.decisions = body.decisions;
            meeting.next_on = body.next_on;
            meeting.recorded_at = Some(now);
            meeting.becomes(tx, MeetingStatus::Held).await?;
            store::keep_attendance(tx, meeting.id, &body.attended).await?;
            let first = i16::try_from(invited.len()).unwrap_or(i16::MAX);
            let also = body.also_attended.unwrap_or_default();
            store::add_attendees(tx, &rows(&meeting, also, first, false)).await?;
            let people = store::attendees(tx, &[meeting.id]).await?;
            tx.publish(event::held(&case, &meeting, &people, now));
            let version = meeting.version;
            Ok(Done::changed(version, view(tx, meeting).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id, meeting).await?.1)).await
}

/// Why a meeting is not held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamAroundCancellation, example = json!({ "reason": "The school is closed for snow." }))]
pub struct MeetingCancellation {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Cancel a meeting of the team around the family
#[utoipa::path(operation_id = "cancel_team_around", tag = "team around the family", request_body = MeetingCancellation,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The meeting's ETag")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/cases/{id}/team-around/{meeting}/cancellation")]
async fn cancel_meeting(
    service: Data<Service>,
    command: Command<MeetingCancellation>,
    path: Path<(CaseId, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (id, meeting) = path.into_inner();
    let written = service
        .write(&command, &policy::HOLD_TEAM_AROUND, async |tx| {
            let (case, mut meeting) = meeting_to_change(tx, &command.actor, id, meeting).await?;
            let body = command.body()?;
            meeting.cancelled_because = Some(body.reason);
            meeting.becomes(tx, MeetingStatus::Cancelled).await?;
            tx.publish(event::cancelled(&case, &meeting));
            let version = meeting.version;
            Ok(Done::changed(version, view(tx, meeting).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id, meeting).await?.1)).await
}
