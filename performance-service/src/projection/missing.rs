//! Missing episodes and their return interviews.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// `missing.reported.v1`.
#[derive(Deserialize)]
struct Reported {
    episode_id: Uuid,
    #[serde(default)]
    person_ids: Vec<Uuid>,
    locality: Option<String>,
    agency: Option<String>,
    reported_at: DateTime<Utc>,
    risk_level: Option<String>,
    exploitation: Option<bool>,
    repeat_number: Option<i32>,
    missing_since: DateTime<Utc>,
    same_absence_as: Option<Uuid>,
}

/// `missing.updated.v1`.
#[derive(Deserialize)]
struct Updated {
    episode_id: Uuid,
    locality: Option<String>,
}

/// `missing.returned.v1`.
#[derive(Deserialize)]
struct Returned {
    episode_id: Uuid,
    returned_at: DateTime<Utc>,
    interview_due_at: DateTime<Utc>,
}

/// `missing.interview_offered.v1`, `…_declined.v1`, `…_held.v1`.
#[derive(Deserialize)]
struct Interview {
    episode_id: Uuid,
    at: DateTime<Utc>,
    in_time: bool,
    #[serde(default)]
    themes: Vec<String>,
}

/// `missing.cancelled.v1`.
#[derive(Deserialize)]
struct Cancelled {
    episode_id: Uuid,
    cancelled_at: DateTime<Utc>,
}

/// Makes the facts of a missing episode.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "missing.reported.v1" => reported(connection, read(event)?).await?,
        "missing.updated.v1" => updated(connection, read(event)?).await?,
        "missing.returned.v1" => returned(connection, read(event)?).await?,
        "missing.interview_offered.v1" => interview(connection, "offered_at", read(event)?).await?,
        "missing.interview_declined.v1" => interview(connection, "declined_at", read(event)?).await?,
        "missing.interview_held.v1" => held(connection, read(event)?).await?,
        "missing.cancelled.v1" => cancelled(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

async fn reported(connection: &mut AsyncPgConnection, it: Reported) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO missing_fact (episode_id, person_id, locality, agency, reported_at, risk_level, exploitation, repeat_number, missing_since, same_absence_as) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (episode_id) DO UPDATE \
         SET person_id = excluded.person_id, locality = coalesce(missing_fact.locality, excluded.locality), agency = excluded.agency, \
             reported_at = excluded.reported_at, risk_level = excluded.risk_level, \
             exploitation = excluded.exploitation, repeat_number = excluded.repeat_number, \
             missing_since = excluded.missing_since, same_absence_as = excluded.same_absence_as",
    )
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Nullable<SqlUuid>, _>(it.person_ids.into_iter().next())
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Nullable<Text>, _>(it.agency)
    .bind::<Timestamptz, _>(it.reported_at)
    .bind::<Nullable<Text>, _>(it.risk_level)
    .bind::<Nullable<Bool>, _>(it.exploitation)
    .bind::<Nullable<Integer>, _>(it.repeat_number)
    .bind::<Timestamptz, _>(it.missing_since)
    .bind::<Nullable<SqlUuid>, _>(it.same_absence_as)
    .execute(connection)
    .await
}

/// A district that was not known when the child was reported.
async fn updated(connection: &mut AsyncPgConnection, it: Updated) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO missing_fact (episode_id, locality) VALUES ($1, $2) \
         ON CONFLICT (episode_id) DO UPDATE SET locality = coalesce(excluded.locality, missing_fact.locality)",
    )
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Nullable<Text>, _>(it.locality)
    .execute(connection)
    .await
}

async fn returned(connection: &mut AsyncPgConnection, it: Returned) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO missing_fact (episode_id, returned_at, interview_due_at) VALUES ($1, $2, $3) \
         ON CONFLICT (episode_id) DO UPDATE \
         SET returned_at = excluded.returned_at, interview_due_at = excluded.interview_due_at",
    )
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Timestamptz, _>(it.returned_at)
    .bind::<Timestamptz, _>(it.interview_due_at)
    .execute(connection)
    .await
}

/// An interview may be offered several times: the last stands.
async fn interview(
    connection: &mut AsyncPgConnection,
    column: &str,
    it: Interview,
) -> Result<usize, diesel::result::Error> {
    sql_query(format!(
        "INSERT INTO missing_fact AS f (episode_id, {column}) VALUES ($1, $2) \
         ON CONFLICT (episode_id) DO UPDATE SET {column} = greatest(f.{column}, excluded.{column})"
    ))
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Timestamptz, _>(it.at)
    .execute(connection)
    .await
}

async fn held(connection: &mut AsyncPgConnection, it: Interview) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO missing_fact (episode_id, held_at, held_in_time, themes) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (episode_id) DO UPDATE \
         SET held_at = excluded.held_at, held_in_time = excluded.held_in_time, themes = excluded.themes",
    )
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Timestamptz, _>(it.at)
    .bind::<Bool, _>(it.in_time)
    .bind::<Array<Text>, _>(it.themes)
    .execute(connection)
    .await
}

async fn cancelled(connection: &mut AsyncPgConnection, it: Cancelled) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO missing_fact (episode_id, cancelled_at) VALUES ($1, $2) \
         ON CONFLICT (episode_id) DO UPDATE SET cancelled_at = excluded.cancelled_at",
    )
    .bind::<SqlUuid, _>(it.episode_id)
    .bind::<Timestamptz, _>(it.cancelled_at)
    .execute(connection)
    .await
}
