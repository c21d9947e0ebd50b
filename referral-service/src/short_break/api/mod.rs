//! `/v1/short-breaks` and `/v1/short-break-criteria`.

mod asking;
mod deciding;
mod reading;

use serde::de::DeserializeOwned;
use shared::access;
use shared::actor::Actor;
use shared::service::{Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::ShortBreakId;
use super::store::{self, ShortBreak};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(reading::list_short_break_criteria)
        .service(reading::list_short_breaks)
        .service(asking::request_short_break)
        .service(reading::read_short_break)
        .service(deciding::decide_short_break)
        .service(deciding::review_short_break)
        .service(deciding::end_short_break);
}

/// A short break, locked, with the checks that come before the body.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: ShortBreakId,
) -> Result<ShortBreak, Stop> {
    tx.entry.record = Some(id.0);
    let row = store::for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, &["front-door"]).await?;
    tx.proceed(Some(row.version)).await?;
    tx.entry.records.push(id.0);
    Ok(row)
}
