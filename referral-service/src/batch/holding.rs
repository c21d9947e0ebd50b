//! What keeps rows that were sent from being taken: their sender's rights were revoked since, or somebody stopped the batch.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::store::words;
use super::view::BatchId;
use crate::schema::referral_batch;

/// The gateway tells of a revocation for twenty minutes. A batch that nobody could ask it about for nearly as long
/// may have missed one.
const BLIND_AFTER: TimeDelta = TimeDelta::minutes(15);
/// How often it is noted that the rights stand.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Why a batch ends that was held until its words are no longer kept.
const HELD_TOO_LONG: &str =
    "the rights of whoever sent it were revoked, and nobody resumed it for as long as its rows are kept";

/// Of the batches that wait, holds those whose sender was revoked after the token they were sent with was made (the rule by
/// which tokens end too) or may have been; as the worker role. `seen` is the machine's time, as revocations tell it.
///
/// # Errors
/// As the database says.
pub async fn hold(
    connection: &mut AsyncPgConnection,
    revoked: &[(Uuid, i64)],
    seen: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let (whom, when): (Vec<Uuid>, Vec<i64>) = revoked.iter().copied().unzip();
    diesel::sql_query(
        "UPDATE referral_batch b SET held_at = $4, version = version + 1
         WHERE finished_at IS NULL AND held_at IS NULL AND stopped_at IS NULL
           AND (believed_at < $3 OR EXISTS (
               SELECT 1 FROM unnest($1, $2) AS r(id, at) WHERE r.id = b.user_id AND b.token_made_at <= r.at))",
    )
    .bind::<Array<SqlUuid>, _>(whom)
    .bind::<Array<BigInt>, _>(when)
    .bind::<Timestamptz, _>(seen - BLIND_AFTER)
    .bind::<Timestamptz, _>(now)
    .prepared()
    .execute(connection)
    .await?;
    diesel::sql_query(
        "UPDATE referral_batch SET believed_at = $1
         WHERE finished_at IS NULL AND held_at IS NULL AND stopped_at IS NULL AND (believed_at < $2 OR believed_at IS NULL)",
    )
    .bind::<Timestamptz, _>(seen)
    .bind::<Timestamptz, _>(seen - NOTED_EVERY)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Stops what was held for as long as its words are kept, so that they are not kept for longer; as the worker role.
///
/// # Errors
/// As the database says.
pub async fn end_held(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<(), Problem> {
    diesel::sql_query(
        "UPDATE referral_batch SET stopped_at = $1, stopped_because = $2, version = version + 1
         WHERE finished_at IS NULL AND held_at IS NOT NULL AND stopped_at IS NULL AND kept_until <= $1",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Text, _>(HELD_TOO_LONG)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Stops a batch. The rows that wait are answered in the background.
///
/// # Errors
/// As the database says.
pub async fn stop(
    connection: &mut AsyncPgConnection,
    id: BatchId,
    by: &str,
    because: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use referral_batch::dsl;
    diesel::update(dsl::referral_batch.find(id))
        .set((
            dsl::stopped_at.eq(now),
            dsl::stopped_by_name.eq(by),
            dsl::stopped_because.eq(because),
            dsl::version.eq(dsl::version + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Lets a batch go on under the rights its sender has now.
///
/// # Errors
/// As the database says.
pub async fn resume(connection: &mut AsyncPgConnection, id: BatchId, sender: &Actor) -> Result<(), Problem> {
    use referral_batch::dsl;
    diesel::update(dsl::referral_batch.find(id))
        .set((
            dsl::user_name.eq(&sender.name),
            dsl::roles.eq(sender.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>()),
            dsl::localities.eq(words(&sender.localities)),
            dsl::teams.eq(words(&sender.teams)),
            dsl::session_id.eq(sender.session),
            dsl::token_id.eq(sender.token),
            dsl::token_made_at.eq(sender.token_made_at),
            dsl::on_behalf_of.eq(&sender.on_behalf_of),
            dsl::believed_at.eq(Utc::now()),
            dsl::held_at.eq(None::<DateTime<Utc>>),
            dsl::version.eq(dsl::version + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
