//! `/v1/onward-referrals`, and `/onward/{secret}` for the service that is asked.

mod answering;
mod following;
mod letter;
mod link;
mod reading;
mod sending;

use serde::de::DeserializeOwned;
use shared::auth::ServiceIdentity;
use shared::problem::Problem;
use shared::service::{Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::OnwardId;
use super::store::{self, Row};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(reading::list_onward_referrals)
        .service(sending::refer_onward)
        .service(reading::read_onward_referral)
        .service(letter::write_onward_letter)
        .service(sending::renew_onward_link)
        .service(answering::record_onward_answer)
        .service(answering::record_onward_outcome)
        .service(following::answer_onward_follow_up)
        .service(sending::withdraw_onward_referral)
        .service(link::open_onward_link)
        .service(link::answer_onward_link);
}

/// What opens a link.
fn secret_of(identity: &ServiceIdentity, link: Uuid) -> Result<String, Problem> {
    identity.secret_for(&format!("onward-link/{link}")).map_err(|cause| Problem::internal(&cause))
}

/// An onward referral that is to be changed, locked; the caller then has it in hand.
async fn for_change<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    id: OnwardId,
) -> Result<Row, Stop> {
    tx.entry.record = Some(id.0);
    let row = store::for_change(tx, id).await?;
    tx.proceed(Some(row.version)).await?;
    store::join(tx, id).await?;
    tx.entry.records.push(row.referral_id.0);
    Ok(row)
}
