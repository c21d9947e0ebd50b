//! Reading brief interventions.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};

use crate::brief_intervention::domain::{BriefInterventionId, BriefStatus};
use crate::brief_intervention::store;
use crate::brief_intervention::view::{BriefLine, BriefView};
use crate::policy;

/// List brief interventions
///
/// Those you may see, newest first: for a team its own and those of its families; for First Response all.
#[utoipa::path(operation_id = "list_brief_interventions", tag = "brief interventions",
    params(("status" = Option<BriefStatus>, Query, description = "Only those that stand here"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<BriefLine>)))]
#[get("/v1/brief-interventions")]
pub(super) async fn list_brief_interventions(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_BRIEF, async |tx| {
            policy::READ_BRIEF.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<BriefStatus>("status", "open or closed");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, &actor.scopes(), status, cursor, limit).await?;
            let key = |row: &store::BriefListed| Cursor { sort_at: row.sort_at, id: row.id };
            let page = Page::from_rows(rows, limit, key, BriefLine::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a brief intervention
#[utoipa::path(operation_id = "read_brief_intervention", tag = "brief interventions",
    params(("id" = uuid::Uuid, Path, description = "The brief intervention's id")),
    responses((status = 200, body = BriefView)))]
#[get("/v1/brief-interventions/{id}")]
pub(super) async fn read_brief_intervention(
    service: Data<Service>,
    actor: Actor,
    id: Path<BriefInterventionId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "brief", &view))
}

/// A brief intervention, with its version.
pub(super) async fn show(
    service: &Service,
    actor: &Actor,
    id: BriefInterventionId,
) -> Result<(i64, BriefView), Problem> {
    service
        .read(actor, &policy::READ_BRIEF, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show(tx, id).await?;
            policy::READ_BRIEF.require(actor)?;
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok((version, BriefView::of(row, tx.now())?))
        })
        .await
}
