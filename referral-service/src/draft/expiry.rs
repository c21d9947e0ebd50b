//! Drafts past their time are removed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use shared::background::Background;
use shared::problem::Problem;

use super::store;

/// How often they are looked for. Nobody sees them meanwhile.
const EVERY: Duration = Duration::from_secs(600);
/// How many are removed at a time, so that no lock is held for long.
const BATCH: i64 = 500;

/// Removes them for ever. Safe with many replicas: what one has removed, another does not find.
pub async fn run(background: Background) {
    loop {
        match background.connection().await {
            Ok(mut connection) => match remove_expired(&mut connection, background.now()).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "drafts past their time removed"),
                Err(problem) => tracing::warn!(cause = %problem, "removing drafts"),
            },
            Err(problem) => tracing::warn!(cause = %problem, "removing drafts"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Removes all drafts past their time. The answer is how many there were.
///
/// # Errors
/// As the database says.
pub async fn remove_expired(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<i64, Problem> {
    let mut removed = 0;
    loop {
        let past = store::expired(connection, now, BATCH).await?;
        if past.is_empty() {
            return Ok(removed);
        }
        removed += store::remove(connection, &past).await?;
    }
}
