//! `POST /v1/referrals`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use super::form::ReferralForm;
use super::taking;
use super::warning::warnings;
use crate::policy;
use crate::referral::api::show_known;
use crate::referral::domain::ReferralId;
use crate::referral::told::ContactChannel;
use crate::referral::view::ReferralView;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(submit_referral);
}

/// Submit a referral
///
/// Tell the front door of a worry about a child or a family. What you say is kept word for word.
/// First Response decides within one working day; read the referral, or its feedback, to learn
/// what was decided. Sending the same request again with the same key is safe: it is one referral.
///
/// What your agency has sent before under the same `their_reference`, and not withdrawn, is refused (409 `duplicate`, with
/// the earlier referral's reference).
///
/// A member of a hub who lists a family of the district (`kind` `hub_listing`) sends it to that hub at once.
/// With `urgency` the front door is alerted in the same moment.
///
/// `warnings` say what is missing or contradicts itself: the same child twice, somebody with two homes, a child who is
/// grown up. Nothing is turned away for it. Whoever works at the front door is also shown earlier referrals of the
/// same people and who works with them already.
#[utoipa::path(operation_id = "submit_referral", tag = "referrals", request_body = ReferralForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request, the same when sent again")),
    responses((status = 201, body = ReferralView)))]
#[post("/v1/referrals")]
async fn submit_referral(service: Data<Service>, command: Command<ReferralForm>) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SUBMIT_REFERRAL, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let channel = form.channel.unwrap_or(ContactChannel::Api);
            let said = warnings(&form, tx.now().local_day());
            Ok(taking::submit(tx, actor, &service.rules(), channel, &form, said).await?)
        })
        .await?;
    written
        .respond("referral", async |stored| {
            let (_, view) = show_known(&service, actor, ReferralId(stored.id()?)).await?;
            Ok(ReferralView { warnings: warnings(&command.body()?, service.now().local_day()), ..view })
        })
        .await
}
