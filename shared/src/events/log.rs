//! Writing to the event log, in the transaction of the change.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::Event;
use crate::db::KeepPrepared;

/// Appends events, in order. Call it after the row lock of their aggregate is held: then the
/// order of `seq` is the order of commits for each aggregate.
///
/// # Errors
/// As the database says.
pub async fn append(
    connection: &mut AsyncPgConnection,
    events: &[Event],
    occurred_at: DateTime<Utc>,
    trace: Option<&str>,
) -> Result<(), diesel::result::Error> {
    if events.is_empty() {
        return Ok(());
    }
    sql_query(
        "INSERT INTO event_log (id, recorded_at, kind, aggregate_id, occurred_at, trace, data) \
         SELECT e.id, $2, e.kind, e.aggregate_id, $3, $4, e.data \
         FROM unnest($1, $5, $6, $7) WITH ORDINALITY AS e(id, kind, aggregate_id, data, n) ORDER BY n",
    )
    .bind::<Array<SqlUuid>, _>(events.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<Timestamptz, _>(occurred_at)
    .bind::<Nullable<Text>, _>(trace)
    .bind::<Array<Text>, _>(events.iter().map(|event| event.kind).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(events.iter().map(|event| event.aggregate).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(events.iter().map(|event| &event.data).collect::<Vec<_>>())
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}
