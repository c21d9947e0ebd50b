//! A meeting as it goes: who came, its opening, its end.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{Attendance, MeetingStep};
use super::meeting::show;
use super::store::meeting::MeetingId;
use super::store::{agenda, meeting};
use super::view::{MeetingView, MemberView};
use crate::policy;

/// Who came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "members": [{ "id": "0198c0de-0000-7000-8000-0000000000b1", "attendance": "attended" }] }))]
pub struct AttendanceForm {
    /// Of each member; those left out stay as they were.
    #[schema(min_items = 1, max_items = 100)]
    pub members: Vec<MemberAttendance>,
}

/// Whether a member came.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HubMemberAttendance)]
pub struct MemberAttendance {
    /// The member's id, as the meeting shows it.
    pub id: Uuid,
    /// Whether they came.
    pub attendance: Attendance,
}

/// Record who came to a meeting
#[utoipa::path(operation_id = "record_hub_attendance", tag = "hub meetings", request_body = AttendanceForm,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/attendance")]
pub async fn record_hub_attendance(
    service: Data<Service>,
    command: Command<AttendanceForm>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let seated = meeting::members(tx, id).await?;
            let mut errors = Vec::new();
            for (n, one) in body.members.iter().enumerate() {
                if !seated.iter().any(|member| member.id == one.id) {
                    let detail = "sits on no such meeting; the meeting shows its members";
                    errors.push(FieldError::at(format!("/members/{n}/id"), "unknown", detail));
                }
            }
            Problem::refuse_any(errors)?;
            row.after(MeetingStep::Attendance)?;
            let who: Vec<(Uuid, Attendance)> = body.members.iter().map(|one| (one.id, one.attendance)).collect();
            meeting::attend(tx, &row, &who).await?;
            let view = MeetingView::read(tx, locality, id).await?;
            Ok(Done::changed(row.version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, locality, id).await?.1)).await
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct OpenMeeting {}

/// Open a meeting
///
/// Builds its agenda once more, so that what was listed since stands on it. From now on items are decided.
#[utoipa::path(operation_id = "open_hub_meeting", tag = "hub meetings", request_body = OpenMeeting,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/opening")]
pub async fn open_hub_meeting(
    service: Data<Service>,
    command: Command<OpenMeeting>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(Some(row.version)).await?;
            command.body()?;
            row.after(MeetingStep::Open)?;
            let now = tx.now();
            agenda::build(tx, &row, &command.actor, now).await?;
            meeting::open(tx, &row, now).await?;
            let view = MeetingView::read(tx, locality, id).await?;
            Ok(Done::changed(row.version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, locality, id).await?.1)).await
}

/// The minutes of a meeting.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "minutes": "Twelve items, eleven decided. The school nurse is asked to every meeting from now on." }))]
pub struct CloseMeeting {
    /// What is to be remembered besides the decisions. Name no family here: the decisions do.
    #[schema(min_length = 1, max_length = 20000)]
    pub minutes: String,
}

/// Close a meeting
///
/// With its minutes. What it did not come to is listed for the next one; a note that nobody acknowledged waits
/// for it too.
#[utoipa::path(operation_id = "close_hub_meeting", tag = "hub meetings", request_body = CloseMeeting,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/closure")]
pub async fn close_hub_meeting(
    service: Data<Service>,
    command: Command<CloseMeeting>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            row.after(MeetingStep::Close)?;
            let now = tx.now();
            meeting::close(tx, &row, &body.minutes, &command.actor, now).await?;
            let view = MeetingView::read(tx, locality, id).await?;
            tx.publish(Event::new("hub.meeting_held.v1", id, held(&view, locality, now)));
            Ok(Done::changed(row.version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, locality, id).await?.1)).await
}

/// What is told of a meeting that was held: numbers, and the agencies that sat on it.
fn held(view: &MeetingView, locality: &str, now: DateTime<Utc>) -> serde_json::Value {
    let came = |member: &&MemberView| member.attendance == Some(Attendance::Attended);
    let mut agencies: Vec<&str> = view.members.iter().map(|member| member.agency.as_str()).collect();
    agencies.sort_unstable();
    agencies.dedup();
    json!({
        "meeting_id": view.id, "locality": locality, "held_on": view.held_on, "closed_at": now,
        "members": view.members.len(), "attended": view.members.iter().filter(came).count(), "agencies": agencies,
        "items": view.items,
    })
}
