//! What happened outside a hub's meetings and must not be missed.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::domain::ItemStatus;
use super::hub_scope;
use super::store::agenda::{self, ItemId};
use super::view::HubItemView;
use crate::policy;

/// List a hub's notes
///
/// What happened outside its meetings and nobody has acknowledged, newest first: decisions that could not wait,
/// supporting services that declined. They stand on the agenda of the next meeting too.
#[utoipa::path(operation_id = "list_hub_notes", tag = "hubs",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<HubItemView>)))]
#[get("/v1/hubs/{locality}/notes")]
pub async fn list_hub_notes(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_HUB, async |tx| {
            hub_scope(&actor, &locality)?;
            policy::READ_HUB.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = agenda::notes(tx, &locality, cursor, limit).await?;
            let key = |row: &agenda::Shown| Cursor { sort_at: row.added_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, HubItemView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records =
                items.iter().flat_map(|item| std::iter::once(item.referral.id.0).chain(item.known.records())).collect();
            tx.entry.people = items.iter().flat_map(|item| item.known.people()).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// That the hub has taken note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "words": "Noted; youth work is asked in its place." }))]
pub struct NoteAcknowledgement {
    /// What the hub says to it.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
}

/// Acknowledge a note
///
/// The hub has taken note, in a meeting or at its desk.
#[utoipa::path(operation_id = "acknowledge_hub_note", tag = "hubs", request_body = NoteAcknowledgement,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("note" = uuid::Uuid, Path, description = "The note's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The `etag` of the note")),
    responses((status = 200, body = HubItemView)))]
#[post("/v1/hubs/{locality}/notes/{note}/acknowledgement")]
pub async fn acknowledge_hub_note(
    service: Data<Service>,
    command: Command<NoteAcknowledgement>,
    path: Path<(String, ItemId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            hub_scope(actor, locality)?;
            policy::KEEP_MEETINGS.require(actor)?;
            let mut note = agenda::for_change(tx, id).await?;
            if note.locality != *locality || note.kind != "note" {
                return Err(Problem::not_found().into());
            }
            tx.proceed(Some(note.version)).await?;
            let body = command.body()?;
            if let Some(settled) = note.settled() {
                return Err(Problem::conflict(settled).into());
            }
            let now = tx.now();
            note.settle(tx, ItemStatus::Noted, None, body.words.as_deref(), actor, now).await?;
            tx.entry.records.push(note.referral_id.0);
            Ok(Done::changed(note.version, HubItemView::of(agenda::show(tx, id).await?)?))
        })
        .await?;
    written
        .respond("full", async |_| {
            service
                .read(actor, &policy::READ_HUB, async |tx| {
                    tx.entry.record = Some(id.0);
                    let row = agenda::show(tx, id).await?;
                    tx.entry.records.push(row.referral_id.0);
                    HubItemView::of(row)
                })
                .await
        })
        .await
}
