//! Seeing onward referrals.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};

use crate::onward::domain::{OnwardId, OnwardStatus};
use crate::onward::store;
use crate::onward::view::{OnwardLine, OnwardView, whole};
use crate::policy;
use crate::referral::domain::ReferralId;

/// List onward referrals
///
/// Those of your hub, your team or the front door that you see, newest first; or all of one referral.
#[utoipa::path(operation_id = "list_onward_referrals", tag = "onward referrals",
    params(("status" = Option<OnwardStatus>, Query, description = "Only those that stand here"),
           ("referral_id" = Option<Uuid>, Query, description = "Those of this referral"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<OnwardLine>)))]
#[get("/v1/onward-referrals")]
pub async fn list_onward_referrals(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ONWARD, async |tx| {
            policy::READ_ONWARD.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<OnwardStatus>(
                "status",
                "sent, viewed, accepted, declined, no_answer, expired or withdrawn",
            );
            let referral = query.optional::<ReferralId>("referral_id", "a referral's id");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = match referral {
                Some(referral) => store::of_referral(tx, referral, status, cursor, limit).await?,
                None => store::list(tx, &actor.scopes(), status, cursor, limit).await?,
            };
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.sent_at, id: row.id.0 }, OnwardLine::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|line| line.referral_id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an onward referral
///
/// With each disclosure and what has happened.
#[utoipa::path(operation_id = "read_onward_referral", tag = "onward referrals",
    params(("id" = Uuid, Path, description = "The onward referral's id")),
    responses((status = 200, body = OnwardView)))]
#[get("/v1/onward-referrals/{id}")]
pub async fn read_onward_referral(
    service: Data<Service>,
    actor: Actor,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// An onward referral as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor does not see it; 403.
pub async fn show(service: &Service, actor: &Actor, id: OnwardId) -> Result<(i64, OnwardView), Problem> {
    service
        .read(actor, &policy::READ_ONWARD, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_ONWARD.require(actor)?;
            tx.entry.records.push(row.referral_id.0);
            let now = tx.now();
            Ok((row.version, whole(tx, row, now).await?))
        })
        .await
}
