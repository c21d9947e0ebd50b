//! `POST /v1/referrals/{id}/screening`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use shared::access;
use shared::events::Event;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::domain::ReferralId;
use crate::referral::view::ReferralView;
use crate::referral::{Happening, for_change};

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct StartScreening {}

/// Start screening a referral
///
/// Takes it off the pile, so that two officers don't screen the same one.
#[utoipa::path(operation_id = "start_screening", tag = "first response", request_body = StartScreening,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView)))]
#[post("/v1/referrals/{id}/screening")]
pub async fn start_screening(
    service: Data<Service>,
    command: Command<StartScreening>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let written = service
        .write(&command, &policy::SCREEN_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            command.body()?;
            let now = tx.now();
            referral.happens(tx, Happening::ScreeningStarted, &command.actor, now, None).await?;
            tx.entry.records.push(id.0);
            tx.publish(Event::new("referral.screening_started.v1", id, serde_json::json!({ "referral_id": id })));
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
