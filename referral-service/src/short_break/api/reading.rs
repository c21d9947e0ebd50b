//! Seeing short breaks, and the criteria they are decided by.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};

use crate::policy;
use crate::short_break::domain::{ShortBreakId, ShortBreakStatus};
use crate::short_break::store::{self, ShortBreak, ShortBreakCriterion};
use crate::short_break::view::{ShortBreakView, seen};

/// List the criteria of short breaks
///
/// What makes a child eligible, by level, as of today. Those that are not `verified` are placeholders.
#[utoipa::path(operation_id = "list_short_break_criteria", tag = "short breaks",
    responses((status = 200, body = Vec<ShortBreakCriterion>)))]
#[get("/v1/short-break-criteria")]
pub async fn list_short_break_criteria(service: Data<Service>, actor: Actor) -> Result<HttpResponse, Problem> {
    let criteria = service
        .read(&actor, &policy::READ_SHORT_BREAK, async |tx| {
            policy::READ_SHORT_BREAK.require(&actor)?;
            let today = tx.now().local_day();
            store::criteria(tx, today).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(criteria))
}

/// List short breaks
///
/// Those you asked for, your team's, or the front door's, newest first: where each stands.
#[utoipa::path(operation_id = "list_short_breaks", tag = "short breaks",
    params(("status" = Option<ShortBreakStatus>, Query, description = "`requested` unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ShortBreakView>)))]
#[get("/v1/short-breaks")]
pub async fn list_short_breaks(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_SHORT_BREAK, async |tx| {
            policy::READ_SHORT_BREAK.require(&actor)?;
            let mut query = Query::of(&request);
            let status =
                query.optional::<ShortBreakStatus>("status", "requested, agreed, declined, withdrawn or ended");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let status = status.unwrap_or(ShortBreakStatus::Requested);
            let rows = store::list(tx, &actor.scopes(), status, cursor, limit).await?;
            let key = |row: &ShortBreak| Cursor { sort_at: row.asked_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, ShortBreakView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|view| view.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a short break
///
/// Where it stands; what is said of the child and why it was decided so, for those who see it whole.
#[utoipa::path(operation_id = "read_short_break", tag = "short breaks",
    params(("id" = uuid::Uuid, Path, description = "The short break's id")),
    responses((status = 200, body = ShortBreakView)))]
#[get("/v1/short-breaks/{id}")]
pub async fn read_short_break(
    service: Data<Service>,
    actor: Actor,
    id: Path<ShortBreakId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "short_break", &view))
}

/// A short break as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor does not see it; 403.
pub async fn show(service: &Service, actor: &Actor, id: ShortBreakId) -> Result<(i64, ShortBreakView), Problem> {
    service
        .read(actor, &policy::READ_SHORT_BREAK, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_SHORT_BREAK.require(actor)?;
            tx.entry.records.push(id.0);
            let (now, version) = (tx.now(), row.version);
            Ok((version, seen(tx, row, now).await?))
        })
        .await
}
