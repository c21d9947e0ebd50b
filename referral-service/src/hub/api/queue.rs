//! What a hub has before it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::Actor;
use shared::page::Page;
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;

use super::hub_scope;
use crate::policy;
use crate::referral::Status;
use crate::referral::view::{Narrowed, ReferralLine, page_of};

/// List what a hub has
///
/// Those listed for the hub and waiting for its decision, unless another status is asked for.
/// A hub you don't sit on is not found.
#[utoipa::path(operation_id = "list_hub_referrals", tag = "hubs",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("status" = Option<Status>, Query, description = "listed_for_hub unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ReferralLine>)))]
#[get("/v1/hubs/{locality}/referrals")]
pub async fn list_hub_referrals(
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
            let status = query.optional::<Status>("status", "a status such as listed_for_hub");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let narrowed = Narrowed { status: Some(status.unwrap_or(Status::ListedForHub)), ..Narrowed::default() };
            page_of(tx, &[scope], narrowed, cursor, limit).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}
