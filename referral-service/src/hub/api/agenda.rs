//! A meeting's agenda as a whole.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::page::Page;
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::domain::MeetingStep;
use super::store::meeting::MeetingId;
use super::store::{agenda, meeting};
use super::view::HubItemView;
use crate::policy;

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct BuildAgenda {}

/// What building an agenda added.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgendaBuilt {
    /// How many lines were added; those count that you may not see.
    pub added: i64,
}

/// Build a meeting's agenda
///
/// Adds every referral that is listed for the hub and on no open agenda: urgent ones first, then those whose
/// deferral is over by then, then the longest listed; and the notes of what happened outside the meetings. Do
/// it as often as you like: what is on it stays, and what was removed from it stays off.
#[utoipa::path(operation_id = "build_hub_agenda", tag = "hub meetings", request_body = BuildAgenda,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = AgendaBuilt)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/agenda/build")]
pub async fn build_hub_agenda(
    service: Data<Service>,
    command: Command<BuildAgenda>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            // One builds at a time, so that each line has a place of its own.
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(None).await?;
            command.body()?;
            row.after(MeetingStep::Agenda)?;
            let now = tx.now();
            let added = agenda::build(tx, &row, &command.actor, now).await?;
            Ok(Done::changed(row.version, AgendaBuilt { added }))
        })
        .await?;
    // What a retry added, it had added the first time.
    written.respond("full", async |_| Ok(AgendaBuilt { added: 0 })).await
}

/// Read a meeting's agenda
///
/// In its order: each line with the referral, what was told, what the front door made of it, what agencies
/// answered, earlier referrals of the same people, and what was missing when it was put off.
#[utoipa::path(operation_id = "read_hub_agenda", tag = "hub meetings",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<HubItemView>)))]
#[get("/v1/hubs/{locality}/meetings/{meeting}/agenda")]
pub async fn read_hub_agenda(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let page = service
        .read(&actor, &policy::READ_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            meeting::find(tx, locality, id).await?;
            policy::READ_HUB.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = agenda::page(tx, id, cursor, limit).await?;
            let page = Page::from_rows(rows, limit, agenda::cursor, HubItemView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records =
                items.iter().flat_map(|item| std::iter::once(item.referral.id.0).chain(item.known.records())).collect();
            tx.entry.people = items.iter().flat_map(|item| item.known.people()).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}
