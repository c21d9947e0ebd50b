//! Families passed on to services that are no users, and what came of it.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// What every event of an onward referral says, and what only some do.
#[derive(Deserialize)]
struct Onward {
    onward_referral_id: Uuid,
    service_id: Uuid,
    status: String,
    locality: Option<String>,
    /// Of `onward_referral.sent.v1`.
    sent_at: Option<DateTime<Utc>>,
    /// Of `onward_referral.outcome_recorded.v1`.
    outcome: Option<String>,
}

/// Makes the facts of an onward referral.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "onward_referral.sent.v1"
        | "onward_referral.sent_again.v1"
        | "onward_referral.answered.v1"
        | "onward_referral.outcome_recorded.v1"
        | "onward_referral.withdrawn.v1"
        | "onward_referral.expired.v1" => told(connection, read(event)?, event.time).await?,
        _ => 0,
    };
    Ok(())
}

/// A service may still answer after its link has ended, or say more of what came of it: the newest telling stands.
async fn told(
    connection: &mut AsyncPgConnection,
    it: Onward,
    at: DateTime<Utc>,
) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO onward_fact AS f (onward_referral_id, service_id, locality, sent_at, status, status_at, outcome, outcome_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 IS NOT NULL THEN $6 END) \
         ON CONFLICT (onward_referral_id) DO UPDATE \
         SET service_id = excluded.service_id, locality = coalesce(f.locality, excluded.locality), \
             sent_at = coalesce(f.sent_at, excluded.sent_at), \
             status = CASE WHEN excluded.status_at >= f.status_at THEN excluded.status ELSE f.status END, \
             status_at = greatest(f.status_at, excluded.status_at), \
             outcome = CASE WHEN excluded.outcome_at < f.outcome_at THEN f.outcome \
                            ELSE coalesce(excluded.outcome, f.outcome) END, \
             outcome_at = greatest(f.outcome_at, excluded.outcome_at)",
    )
    .bind::<SqlUuid, _>(it.onward_referral_id)
    .bind::<SqlUuid, _>(it.service_id)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Nullable<Timestamptz>, _>(it.sent_at)
    .bind::<Text, _>(it.status)
    .bind::<Timestamptz, _>(at)
    .bind::<Nullable<Text>, _>(it.outcome)
    .execute(connection)
    .await
}
