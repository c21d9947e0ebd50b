//! Agreements reviewed and ended by information governance.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::access;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::agreement::{PartnerAgreementView, show};
use crate::partner_list::domain::AgreementId;
use crate::partner_list::event;
use crate::partner_list::store::agreement;
use crate::policy;

/// A review of an agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "review_on": "2028-08-31", "note": "41 families were found and 18 accepted help; still needed." }))]
pub struct PartnerAgreementReview {
    /// By which day it is to be reviewed next.
    pub review_on: NaiveDate,
    /// What the review found.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// Review an agreement on a partner's lists
///
/// It is in force until the day it is to be reviewed next, and its clock starts anew.
#[utoipa::path(operation_id = "review_partner_agreement", tag = "partner lists", request_body = PartnerAgreementReview,
    params(("id" = uuid::Uuid, Path, description = "The agreement's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PartnerAgreementView)))]
#[post("/v1/partner-agreements/{id}/review")]
pub async fn review_partner_agreement(
    service: Data<Service>,
    command: Command<PartnerAgreementReview>,
    id: Path<AgreementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REGISTER_PARTNER_AGREEMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let seen = agreement::find(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["governance"]).await?;
            tx.proceed(Some(seen.version)).await?;
            let mut row = agreement::for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            if body.review_on <= now.local_day() {
                let error = FieldError::at("/review_on", "in_the_past", "is not after today");
                return Err(Problem::invalid(vec![error]).into());
            }
            if row.ended_at.is_some() {
                return Err(Problem::conflict("the agreement has ended: register a new one").into());
            }
            let rules = service.rules();
            let (_, due_at) = row.review_clock(&rules);
            row.review_on = body.review_on;
            row.reviewed_at = Some(now);
            row.reviewed_by_name = Some(command.actor.name.clone());
            row.review_note = Some(body.note.clone());
            row.save(tx).await?;
            row.await_review(tx, &rules).await?;
            tx.publish(event::reviewed(&row, now, due_at));
            Ok(Done::changed(row.version, PartnerAgreementView::of(row, &rules, now)))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Why an agreement ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The school has closed." }))]
pub struct PartnerAgreementEnd {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// End an agreement on a partner's lists
///
/// No list is taken under it any more. Lists that came under it are kept as long as it said.
#[utoipa::path(operation_id = "end_partner_agreement", tag = "partner lists", request_body = PartnerAgreementEnd,
    params(("id" = uuid::Uuid, Path, description = "The agreement's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PartnerAgreementView)))]
#[post("/v1/partner-agreements/{id}/end")]
pub async fn end_partner_agreement(
    service: Data<Service>,
    command: Command<PartnerAgreementEnd>,
    id: Path<AgreementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REGISTER_PARTNER_AGREEMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let seen = agreement::find(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["governance"]).await?;
            tx.proceed(Some(seen.version)).await?;
            let mut row = agreement::for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            if row.ended_at.is_some() {
                return Err(Problem::conflict("the agreement has ended already").into());
            }
            row.ended_at = Some(now);
            row.ended_by_name = Some(command.actor.name.clone());
            row.ended_because = Some(body.reason.clone());
            row.save(tx).await?;
            deadline::meet_all(tx, id.0, now).await?;
            Ok(Done::changed(row.version, PartnerAgreementView::of(row, &service.rules(), now)))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
