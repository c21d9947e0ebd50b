//! Who sits on a panel.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::member::{self, Member, MembershipId, NewMember};
use crate::policy;

/// Someone who sits, or sat, on a panel.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelMember {
    /// The membership's id.
    pub id: MembershipId,
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// Their agency.
    pub agency: String,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Who said so.
    pub added_by: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
    /// The version to send as `If-Match`, in its quotes, to end it.
    pub etag: String,
}

impl From<Member> for PanelMember {
    fn from(row: Member) -> Self {
        Self {
            etag: shared::etag::etag(row.version, "full"),
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            agency: row.agency,
            from: row.from_at,
            added_by: row.added_by_name,
            until: row.until_at,
            ended_by: row.ended_by_name,
            ended_because: row.ended_because,
        }
    }
}

/// A panel there is.
fn known_panel(service: &Service, panel: &str) -> Result<(), Problem> {
    let known = service.rules().has_code("panel", panel, service.now().local_day());
    if known { Ok(()) } else { Err(Problem::not_found()) }
}

/// List a panel's members
///
/// Those who sit on it and those who did, newest first.
#[utoipa::path(operation_id = "list_panel_members", tag = "panels",
    params(("panel" = String, Path, description = "The panel, a code of the set `panel`"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PanelMember>)))]
#[get("/v1/panels/{panel}/members")]
pub async fn list_panel_members(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    panel: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::KEEP_PANELS, async |tx| {
            known_panel(&service, &panel)?;
            policy::KEEP_PANELS.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = member::list(tx, &panel, cursor, limit).await?;
            let key = |row: &Member| Cursor { sort_at: row.from_at, id: row.id.0 };
            Ok(Page::from_rows(rows, limit, key, PanelMember::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Someone who is to sit on a panel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user_id": "0198c0de-0000-7000-8000-0000000000c1", "name": "A Constable (invented)", "agency": "police" }))]
pub struct PanelMemberForm {
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Their agency.
    pub agency: Word,
}

/// Add a member to a panel
///
/// They see the cases it has open, and those to come.
#[utoipa::path(operation_id = "add_panel_member", tag = "panels", request_body = PanelMemberForm,
    params(("panel" = String, Path, description = "The panel, a code of the set `panel`"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PanelMember)))]
#[post("/v1/panels/{panel}/members")]
pub async fn add_panel_member(
    service: Data<Service>,
    command: Command<PanelMemberForm>,
    panel: Path<String>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_PANELS, async |tx| {
            known_panel(&service, &panel)?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let new = NewMember { panel: &panel, user: body.user_id, name: &body.name, agency: body.agency.as_str() };
            let now = tx.now();
            let id = member::add(tx, &new, actor, now).await?;
            let id = id.ok_or_else(|| Problem::conflict("they sit on this panel already"))?;
            tx.entry.record = Some(id.0);
            let made = PanelMember::from(member::find(tx, &panel, id).await?);
            Ok(Done::created(format!("/v1/panels/{panel}/members/{id}"), 1, made))
        })
        .await?;
    written.respond("full", async |stored| show(&service, actor, &panel, MembershipId(stored.id()?)).await).await
}

async fn show(service: &Service, actor: &Actor, panel: &str, id: MembershipId) -> Result<PanelMember, Problem> {
    service
        .read(actor, &policy::KEEP_PANELS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = member::find(tx, panel, id).await?;
            policy::KEEP_PANELS.require(actor)?;
            Ok(PanelMember::from(row))
        })
        .await
}

/// Why somebody no longer sits on a panel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Moves to another post." }))]
pub struct MembershipEnd {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// End a membership of a panel
///
/// From now on they see none of its cases.
#[utoipa::path(operation_id = "end_panel_membership", tag = "panels", request_body = MembershipEnd,
    params(("panel" = String, Path, description = "The panel, a code of the set `panel`"),
           ("member" = uuid::Uuid, Path, description = "The membership's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The `etag` of the membership")),
    responses((status = 200, body = PanelMember)))]
#[post("/v1/panels/{panel}/members/{member}/end")]
pub async fn end_panel_membership(
    service: Data<Service>,
    command: Command<MembershipEnd>,
    path: Path<(String, MembershipId)>,
) -> Result<HttpResponse, Problem> {
    let (panel, id) = (&path.0, path.1);
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_PANELS, async |tx| {
            tx.entry.record = Some(id.0);
            known_panel(&service, panel)?;
            policy::KEEP_PANELS.require(actor)?;
            let row = member::for_change(tx, panel, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            if row.until_at.is_some() {
                return Err(Problem::conflict("the membership has ended already").into());
            }
            let now = tx.now();
            member::end(tx, &row, &body.reason, actor, now).await?;
            Ok(Done::changed(row.version + 1, PanelMember::from(member::find(tx, panel, id).await?)))
        })
        .await?;
    written.respond("full", async |_| show(&service, actor, panel, id).await).await
}
