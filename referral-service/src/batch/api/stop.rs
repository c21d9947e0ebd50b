//! Stopping a batch that goes on, and going on with one that is held.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::show;
use crate::batch::holding;
use crate::batch::store;
use crate::batch::view::{BatchId, BatchView};
use crate::policy;

/// Why a batch is stopped.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Sent by mistake from last year's register." }))]
pub struct BatchStop {
    /// Why; said with each row that is not taken.
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// Stop a file of referrals
///
/// By whoever sent it, their agency, First Response or an administrator. What was taken stays; every other row is
/// answered `not_taken`, with the reason. No version is asked for: that of a file that goes on changes every moment.
#[utoipa::path(operation_id = "stop_referral_batch", tag = "referral batches", request_body = BatchStop,
    params(("id" = uuid::Uuid, Path, description = "The batch's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = BatchView)))]
#[post("/v1/referral-batches/{id}/stop")]
pub async fn stop_referral_batch(
    service: Data<Service>,
    command: Command<BatchStop>,
    id: Path<BatchId>,
) -> Result<HttpResponse, Problem> {
    let (id, actor) = (*id, &command.actor);
    let written = service
        .write(&command, &policy::OVERSEE_BATCH, async |tx| {
            tx.entry.record = Some(id.0);
            store::find(tx, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let batch = store::for_change(tx, id).await?;
            batch.may_be_stopped().map_err(Problem::conflict)?;
            let now = tx.now();
            holding::stop(tx, id, &actor.name, &body.reason, now).await?;
            let row = store::find(tx, id).await?;
            Ok(Done::changed(row.version, BatchView::of(row)?))
        })
        .await?;
    written.respond("batch", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct BatchResumption {}

/// Go on with a file of referrals that is held
///
/// By whoever sent it, under the rights they have now: the rows that wait are taken as if they had been sent with them.
#[utoipa::path(operation_id = "resume_referral_batch", tag = "referral batches", request_body = BatchResumption,
    params(("id" = uuid::Uuid, Path, description = "The batch's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = BatchView)))]
#[post("/v1/referral-batches/{id}/resumption")]
pub async fn resume_referral_batch(
    service: Data<Service>,
    command: Command<BatchResumption>,
    id: Path<BatchId>,
) -> Result<HttpResponse, Problem> {
    let (id, actor) = (*id, &command.actor);
    let written = service
        .write(&command, &policy::SEND_BATCH, async |tx| {
            tx.entry.record = Some(id.0);
            store::find_own(tx, id, actor).await?;
            tx.proceed(None).await?;
            command.body()?;
            let batch = store::for_change(tx, id).await?;
            batch.may_be_resumed().map_err(Problem::conflict)?;
            holding::resume(tx, id, actor).await?;
            let row = store::find(tx, id).await?;
            Ok(Done::changed(row.version, BatchView::of(row)?))
        })
        .await?;
    written.respond("batch", async |_| Ok(show(&service, actor, id).await?.1)).await
}
