//! Referrals and allocations.

mod domain;
mod store;

use diesel_async::AsyncPgConnection;
use shared::events::{CloudEvent, Failure};

use super::lasting;

/// Makes the facts of a referral or an allocation.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match domain::read(event).map_err(|error| lasting(event, &error))? {
        Some(happening) => Ok(store::record(connection, event, happening).await?),
        None => Ok(()),
    }
}
