//! What was heard of families 3, 6, 9 and 12 months afterwards.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use crate::projection::read;

/// `follow_up.scheduled.v1`.
#[derive(Deserialize)]
struct Scheduled {
    follow_up_id: Uuid,
    case_id: Option<Uuid>,
    months: i16,
    due_at: DateTime<Utc>,
    team: Option<String>,
    locality: Option<String>,
}

/// `follow_up.answered.v1`.
#[derive(Deserialize)]
struct Answered {
    follow_up_id: Uuid,
    answered_at: DateTime<Utc>,
    reached: bool,
    engaged: Option<bool>,
    sustained: Option<bool>,
    destination: Option<String>,
}

/// `follow_up.cancelled.v1`: nobody is to be asked, so that it counts against nobody.
#[derive(Deserialize)]
struct Cancelled {
    follow_up_id: Uuid,
}

/// Makes the facts of a follow-up.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "follow_up.scheduled.v1" => scheduled(connection, read(event)?).await?,
        "follow_up.answered.v1" => answered(connection, read(event)?).await?,
        "follow_up.cancelled.v1" => cancelled(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

async fn scheduled(connection: &mut AsyncPgConnection, it: Scheduled) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO follow_up_fact (follow_up_id, case_id, months, due_at, locality, service) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (follow_up_id) DO UPDATE \
         SET case_id = excluded.case_id, months = excluded.months, due_at = excluded.due_at, \
             locality = excluded.locality, service = excluded.service",
    )
    .bind::<SqlUuid, _>(it.follow_up_id)
    .bind::<Nullable<SqlUuid>, _>(it.case_id)
    .bind::<SmallInt, _>(it.months)
    .bind::<Timestamptz, _>(it.due_at)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Nullable<Text>, _>(it.team)
    .execute(connection)
    .await
}

async fn answered(connection: &mut AsyncPgConnection, it: Answered) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO follow_up_fact (follow_up_id, answered_at, reached, engaged, sustained, destination) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (follow_up_id) DO UPDATE \
         SET answered_at = excluded.answered_at, reached = excluded.reached, engaged = excluded.engaged, \
             sustained = excluded.sustained, destination = excluded.destination",
    )
    .bind::<SqlUuid, _>(it.follow_up_id)
    .bind::<Timestamptz, _>(it.answered_at)
    .bind::<Bool, _>(it.reached)
    .bind::<Nullable<Bool>, _>(it.engaged)
    .bind::<Nullable<Bool>, _>(it.sustained)
    .bind::<Nullable<Text>, _>(it.destination)
    .execute(connection)
    .await
}

async fn cancelled(connection: &mut AsyncPgConnection, it: Cancelled) -> Result<usize, diesel::result::Error> {
    sql_query("DELETE FROM follow_up_fact WHERE follow_up_id = $1 AND answered_at IS NULL")
        .bind::<SqlUuid, _>(it.follow_up_id)
        .execute(connection)
        .await
}
