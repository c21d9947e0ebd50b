//! What a service's own tables need from time to time: next month's partitions, and an end to
//! idempotency keys that nobody will send again.

use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::db::Pool;

/// How long an idempotency key is remembered.
pub const KEY_LIFE: Days = Days::new(7);
/// How often the house is kept.
const EVERY: Duration = Duration::from_secs(3600);
/// How many keys are forgotten at a time, so that no lock is held for long.
const BATCH: i64 = 5000;

/// Keeps house for ever. Safe with many replicas: what one has done, another finds done.
pub async fn run(pool: Pool) {
    loop {
        match pool.get().await {
            Ok(mut connection) => {
                if let Err(error) = keep(&mut connection, Utc::now()).await {
                    tracing::warn!(cause = %error, "housekeeping");
                }
            }
            Err(error) => tracing::warn!(cause = %error, "housekeeping"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Makes the partitions of this and the next three months, and forgets keys past their life.
///
/// # Errors
/// As the database says.
pub async fn keep(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<(), diesel::result::Error> {
    sql_query("SELECT log_partitions($1)").bind::<Date, _>(now.date_naive()).execute(connection).await?;
    let Some(oldest) = now.checked_sub_days(KEY_LIFE) else { return Ok(()) };
    loop {
        let forgotten = sql_query(
            "DELETE FROM idempotency WHERE ctid IN \
             (SELECT ctid FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
        )
        .bind::<Timestamptz, _>(oldest)
        .bind::<BigInt, _>(BATCH)
        .execute(connection)
        .await?;
        if i64::try_from(forgotten).unwrap_or(0) < BATCH {
            return Ok(());
        }
    }
}
