//! Families' cases: opened, engaged, closed; what was measured of them; what was heard afterwards.

mod case;
mod follow_up;
mod measurement;

use diesel_async::AsyncPgConnection;
use shared::events::{CloudEvent, Failure};

/// Makes the facts of casework.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    case::apply(connection, event).await?;
    measurement::apply(connection, event).await?;
    follow_up::apply(connection, event).await
}
