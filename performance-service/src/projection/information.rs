//! What agencies were asked for, and how soon they answered.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// `information.requested.v1`.
#[derive(Deserialize)]
struct Requested {
    request_id: Uuid,
    referral_id: Option<Uuid>,
    agency: String,
    locality: Option<String>,
    asked_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// `information.answered.v1`.
#[derive(Deserialize)]
struct Answered {
    request_id: Uuid,
    answered_at: DateTime<Utc>,
    in_time: bool,
}

/// `information.cancelled.v1`.
#[derive(Deserialize)]
struct Cancelled {
    request_id: Uuid,
    cancelled_at: DateTime<Utc>,
}

/// `referral.closed.v1`, `referral.withdrawn.v1`.
#[derive(Deserialize)]
struct Ended {
    referral_id: Uuid,
    #[serde(alias = "withdrawn_at")]
    closed_at: DateTime<Utc>,
}

/// Makes the facts of a request for information.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "information.requested.v1" => requested(connection, read(event)?).await?,
        "information.answered.v1" => answered(connection, read(event)?).await?,
        "information.cancelled.v1" => cancelled(connection, read(event)?).await?,
        "referral.closed.v1" | "referral.withdrawn.v1" => ended(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

async fn requested(connection: &mut AsyncPgConnection, it: Requested) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO information_request_fact (request_id, referral_id, agency, locality, asked_at, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (request_id) DO UPDATE \
         SET referral_id = excluded.referral_id, agency = excluded.agency, locality = excluded.locality, \
             asked_at = excluded.asked_at, due_at = excluded.due_at",
    )
    .bind::<SqlUuid, _>(it.request_id)
    .bind::<Nullable<SqlUuid>, _>(it.referral_id)
    .bind::<Text, _>(it.agency)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Timestamptz, _>(it.asked_at)
    .bind::<Timestamptz, _>(it.due_at)
    .execute(connection)
    .await
}

async fn answered(connection: &mut AsyncPgConnection, it: Answered) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO information_request_fact (request_id, answered_at, answered_in_time) VALUES ($1, $2, $3) \
         ON CONFLICT (request_id) DO UPDATE \
         SET answered_at = excluded.answered_at, answered_in_time = excluded.answered_in_time",
    )
    .bind::<SqlUuid, _>(it.request_id)
    .bind::<Timestamptz, _>(it.answered_at)
    .bind::<Bool, _>(it.in_time)
    .execute(connection)
    .await
}

async fn cancelled(connection: &mut AsyncPgConnection, it: Cancelled) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO information_request_fact (request_id, cancelled_at) VALUES ($1, $2) \
         ON CONFLICT (request_id) DO UPDATE SET cancelled_at = excluded.cancelled_at",
    )
    .bind::<SqlUuid, _>(it.request_id)
    .bind::<Timestamptz, _>(it.cancelled_at)
    .execute(connection)
    .await
}

/// What could still have been answered in time is asked no more; what was overdue by then stays so.
async fn ended(connection: &mut AsyncPgConnection, it: Ended) -> Result<usize, diesel::result::Error> {
    sql_query(
        "UPDATE information_request_fact SET cancelled_at = $2 \
         WHERE referral_id = $1 AND answered_at IS NULL AND cancelled_at IS NULL AND due_at >= $2",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.closed_at)
    .execute(connection)
    .await
}
