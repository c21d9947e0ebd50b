//! Reading missing episodes.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::{Actor, Word};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};

use crate::missing::domain::{EpisodeId, MissingStatus};
use crate::missing::store;
use crate::missing::view::{MissingEpisodeLine, MissingEpisodeView};
use crate::policy;

/// List missing episodes
///
/// Those you may see, newest first: for First Response all; for a hub its district's; for a team those
/// of the children it works with; for a partner what its agency reported.
#[utoipa::path(operation_id = "list_missing_episodes", tag = "missing children",
    params(("status" = Option<MissingStatus>, Query, description = "Only those that stand here"),
           ("locality" = Option<String>, Query, description = "Only those of this district"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<MissingEpisodeLine>)))]
#[get("/v1/missing-episodes")]
pub(super) async fn list_missing_episodes(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_MISSING, async |tx| {
            policy::READ_MISSING.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<MissingStatus>("status", "a status such as missing or returned");
            let locality = query.optional::<Word>("locality", "a district, such as charnwood");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let now = tx.now();
            let wanted = (status, locality.as_ref().map(|locality| locality.as_str()));
            let rows = store::list(tx, &actor.scopes(), wanted, cursor, limit).await?;
            let key = |row: &store::Listed| Cursor { sort_at: row.sort_at, id: row.id };
            let page = Page::from_rows(rows, limit, key, |row| MissingEpisodeLine::of(row, now));
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a missing episode
///
/// Its reporter sees where it stands; the working team sees all of it.
#[utoipa::path(operation_id = "read_missing_episode", tag = "missing children",
    params(("id" = uuid::Uuid, Path, description = "The episode's id")),
    responses((status = 200, body = MissingEpisodeView)))]
#[get("/v1/missing-episodes/{id}")]
pub(super) async fn read_missing_episode(
    service: Data<Service>,
    actor: Actor,
    id: Path<EpisodeId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, &view.view, &view))
}

/// An episode as the actor sees it, with its version.
pub(super) async fn show(
    service: &Service,
    actor: &Actor,
    id: EpisodeId,
) -> Result<(i64, MissingEpisodeView), Problem> {
    service
        .read(actor, &policy::READ_MISSING, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show(tx, id).await?;
            policy::READ_MISSING.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, MissingEpisodeView::of(row, tx.now())?))
        })
        .await
}
