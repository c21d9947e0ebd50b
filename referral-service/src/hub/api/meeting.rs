//! A hub's meetings.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::code::Rules;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::decision::NAMED_IN_WORDS;
use super::domain::{HubWay, MeetingStatus, MeetingStep};
use super::store::meeting::{self, Changed, Meeting, MeetingId, NewMember};
use super::store::practice;
use super::view::MeetingView;
use super::{hub_scope, known_locality};
use crate::policy;

/// Someone who is to sit on a meeting.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HubMemberForm)]
pub struct MemberForm {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The agency they sit for, one of `GET /v1/agencies`.
    pub agency: Word,
    /// Their user id, if they are one.
    pub user_id: Option<Uuid>,
}

/// A meeting to be planned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2026-12-01T09:30:00Z", "chair": "Harper Hub (invented)",
    "members": [{ "name": "Harper Hub (invented)", "agency": "district-charnwood" },
        { "name": "PC A Constable (invented)", "agency": "police" },
        { "name": "A Health Visitor (invented)", "agency": "health" }] }))]
pub struct MeetingForm {
    /// When it is held.
    pub held_on: DateTime<Utc>,
    /// Who chairs it.
    #[schema(min_length = 1, max_length = 200)]
    pub chair: String,
    /// Who sits on it, from several agencies.
    #[schema(min_items = 1, max_items = 100)]
    pub members: Vec<MemberForm>,
}

impl MemberForm {
    fn seat(&self) -> NewMember<'_> {
        NewMember { name: &self.name, agency: self.agency.as_str(), user: self.user_id }
    }
}

/// Refuses members of an agency that the partnership has not.
fn known_agencies(members: &[MemberForm], rules: &Rules) -> Result<(), Problem> {
    let wrong = |(n, member): (usize, &MemberForm)| {
        rules.agency_error(member.agency.as_str(), format!("/members/{n}/agency"), NAMED_IN_WORDS)
    };
    Problem::refuse_any(members.iter().enumerate().filter_map(wrong).collect())
}

/// Plan a hub's meeting
///
/// When, who chairs, who sits on it. A hub that triages by a desk team alone holds none.
#[utoipa::path(operation_id = "plan_hub_meeting", tag = "hub meetings", request_body = MeetingForm,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = MeetingView)))]
#[post("/v1/hubs/{locality}/meetings")]
pub async fn plan_hub_meeting(
    service: Data<Service>,
    command: Command<MeetingForm>,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            known_locality(&service, &locality)?;
            hub_scope(actor, &locality)?;
            tx.proceed(None).await?;
            let body = command.body()?;
            known_agencies(&body.members, &service.rules())?;
            if practice::find(tx, &locality).await?.way()? == HubWay::Desk {
                return Err(Problem::conflict("this hub triages by a desk team and holds no meetings").into());
            }
            let members: Vec<NewMember<'_>> = body.members.iter().map(MemberForm::seat).collect();
            let id = meeting::plan(tx, &locality, body.held_on, &body.chair, &members, actor).await?;
            tx.entry.record = Some(id.0);
            let view = MeetingView::read(tx, &locality, id).await?;
            Ok(Done::created(format!("/v1/hubs/{locality}/meetings/{id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, &locality, MeetingId(stored.id()?)).await?.1)).await
}

/// A meeting as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(
    service: &Service,
    actor: &Actor,
    locality: &str,
    id: MeetingId,
) -> Result<(i64, MeetingView), Problem> {
    service
        .read(actor, &policy::READ_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::find(tx, locality, id).await?;
            policy::READ_HUB.require(actor)?;
            let version = row.version;
            Ok((version, MeetingView::of(tx, row).await?))
        })
        .await
}

/// A meeting on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingLine {
    /// Its id.
    pub id: MeetingId,
    /// When it is held.
    pub held_on: DateTime<Utc>,
    /// Who chairs it.
    pub chair: String,
    /// Where it stands.
    pub status: MeetingStatus,
}

/// List a hub's meetings
///
/// The latest first, those still to come with them.
#[utoipa::path(operation_id = "list_hub_meetings", tag = "hub meetings",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<MeetingLine>)))]
#[get("/v1/hubs/{locality}/meetings")]
pub async fn list_hub_meetings(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_HUB, async |tx| {
            let scope = hub_scope(&actor, &locality)?;
            policy::READ_HUB.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = meeting::list(tx, &scope, cursor, limit).await?;
            let line = |row: Meeting| {
                Ok(MeetingLine { status: row.status()?, id: row.id, held_on: row.held_on, chair: row.chair })
            };
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.held_on, id: row.id.0 }, line);
            let items = page.items.into_iter().collect::<Result<Vec<_>, Problem>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a hub's meeting
#[utoipa::path(operation_id = "read_hub_meeting", tag = "hub meetings",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id")),
    responses((status = 200, body = MeetingView)))]
#[get("/v1/hubs/{locality}/meetings/{meeting}")]
pub async fn read_hub_meeting(
    service: Data<Service>,
    actor: Actor,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, &path.0, path.1).await?;
    Ok(found(version, "full", &view))
}

/// What of a planned meeting is changed; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2026-12-02T13:00:00Z" }))]
pub struct MeetingChange {
    /// When it is held.
    pub held_on: Option<DateTime<Utc>>,
    /// Who chairs it.
    #[schema(min_length = 1, max_length = 200)]
    pub chair: Option<String>,
    /// Who sits on it: all of them.
    #[schema(min_items = 1, max_items = 100)]
    pub members: Option<Vec<MemberForm>>,
}

/// Change a planned meeting
#[utoipa::path(operation_id = "change_hub_meeting", tag = "hub meetings", request_body = MeetingChange,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = MeetingView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/change")]
pub async fn change_hub_meeting(
    service: Data<Service>,
    command: Command<MeetingChange>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            known_agencies(body.members.as_deref().unwrap_or_default(), &service.rules())?;
            row.after(MeetingStep::Change)?;
            let changed = Changed {
                held_on: body.held_on.unwrap_or(row.held_on),
                chair: body.chair.as_deref().unwrap_or(&row.chair),
                members: body.members.as_ref().map(|members| members.iter().map(MemberForm::seat).collect()),
            };
            meeting::change(tx, &row, &changed).await?;
            let view = MeetingView::read(tx, locality, id).await?;
            Ok(Done::changed(row.version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, locality, id).await?.1)).await
}
