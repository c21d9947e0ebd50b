//! Facts, written. Every statement may run again and says which of two tellings wins.

use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::events::CloudEvent;

use super::domain::{AllocationStep, Closed, Decided, Happening, HubDecided, Offered, Received, Told, Withdrawn};

/// Writes what happened into the facts.
///
/// # Errors
/// As the database says.
pub async fn record(
    connection: &mut AsyncPgConnection,
    event: &CloudEvent,
    happening: Happening,
) -> Result<(), diesel::result::Error> {
    match happening {
        Happening::Received(it) => received(connection, &it).await?,
        Happening::Told(it) => told(connection, &it).await?,
        Happening::ScreeningStarted(it) => {
            sql_query(
                "INSERT INTO referral_fact AS f (referral_id, screening_started_at) VALUES ($1, $2) \
                 ON CONFLICT (referral_id) DO UPDATE \
                 SET screening_started_at = least(f.screening_started_at, excluded.screening_started_at)",
            )
            .bind::<SqlUuid, _>(it.referral_id)
            .bind::<Timestamptz, _>(event.time)
            .execute(connection)
            .await?
        }
        Happening::Decided(it) => decided(connection, &it).await?,
        Happening::HubDecided(it) => hub_decided(connection, &it).await?,
        Happening::Withdrawn(it) => withdrawn(connection, &it).await?,
        Happening::Closed(it) => closed(connection, &it).await?,
        Happening::Offered(it) => offered(connection, &it).await?,
        Happening::Allocation(it) => allocation_step(connection, &it).await?,
    };
    Ok(())
}

async fn received(connection: &mut AsyncPgConnection, it: &Received) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f (referral_id, received_at, due_at, received_locality, agency, channel, kind, urgent, repeated) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (referral_id) DO UPDATE \
         SET received_at = excluded.received_at, received_locality = excluded.received_locality, \
             agency = excluded.agency, channel = excluded.channel, kind = excluded.kind, \
             urgent = excluded.urgent, repeated = excluded.repeated, \
             due_at = CASE WHEN f.decided_at IS NULL THEN excluded.due_at ELSE f.due_at END",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.received_at)
    .bind::<Timestamptz, _>(it.decision_due_at)
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .bind::<Nullable<Text>, _>(it.agency.as_deref())
    .bind::<Nullable<Text>, _>(it.channel.as_deref())
    .bind::<Nullable<Text>, _>(it.kind.as_deref())
    .bind::<Nullable<Bool>, _>(it.urgent)
    .bind::<Nullable<Bool>, _>(it.repeated)
    .execute(connection)
    .await
}

/// The first telling counts, whichever is read first.
async fn told(connection: &mut AsyncPgConnection, it: &Told) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f (referral_id, told_at, told_in_time) VALUES ($1, $2, $3) \
         ON CONFLICT (referral_id) DO UPDATE SET told_at = excluded.told_at, told_in_time = excluded.told_in_time \
         WHERE f.told_at IS NULL OR f.told_at > excluded.told_at",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.told_at)
    .bind::<Bool, _>(it.in_time)
    .execute(connection)
    .await
}

async fn decided(connection: &mut AsyncPgConnection, it: &Decided) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f \
         (referral_id, decided_at, due_at, outcome, level_of_need, in_time, decided_locality) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (referral_id) DO UPDATE \
         SET decided_at = excluded.decided_at, due_at = excluded.due_at, outcome = excluded.outcome, \
             level_of_need = excluded.level_of_need, in_time = excluded.in_time, \
             decided_locality = excluded.decided_locality \
         WHERE f.decided_at IS NULL OR f.decided_at <= excluded.decided_at",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.decided_at)
    .bind::<Timestamptz, _>(it.due_at)
    .bind::<Text, _>(&it.outcome)
    .bind::<Nullable<SmallInt>, _>(it.level_of_need)
    .bind::<Bool, _>(it.in_time)
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .execute(connection)
    .await
}

async fn hub_decided(connection: &mut AsyncPgConnection, it: &HubDecided) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f (referral_id, hub_decided_at, hub_outcome, hub_service, hub_locality) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (referral_id) DO UPDATE \
         SET hub_decided_at = excluded.hub_decided_at, hub_outcome = excluded.hub_outcome, \
             hub_service = excluded.hub_service, hub_locality = excluded.hub_locality \
         WHERE f.hub_decided_at IS NULL OR f.hub_decided_at <= excluded.hub_decided_at",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.decided_at)
    .bind::<Text, _>(&it.outcome)
    .bind::<Nullable<Text>, _>(it.service.as_deref())
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .execute(connection)
    .await
}

async fn withdrawn(connection: &mut AsyncPgConnection, it: &Withdrawn) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f (referral_id, withdrawn_at) VALUES ($1, $2) \
         ON CONFLICT (referral_id) DO UPDATE SET withdrawn_at = greatest(f.withdrawn_at, excluded.withdrawn_at)",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.withdrawn_at)
    .execute(connection)
    .await
}

async fn closed(connection: &mut AsyncPgConnection, it: &Closed) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO referral_fact AS f (referral_id, closed_at, closed_how) VALUES ($1, $2, $3) \
         ON CONFLICT (referral_id) DO UPDATE SET closed_at = excluded.closed_at, closed_how = excluded.closed_how \
         WHERE f.closed_at IS NULL OR f.closed_at <= excluded.closed_at",
    )
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Timestamptz, _>(it.closed_at)
    .bind::<Nullable<Text>, _>(it.how.as_deref())
    .execute(connection)
    .await
}

async fn offered(connection: &mut AsyncPgConnection, it: &Offered) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO allocation_fact (allocation_id, referral_id, service, locality, offered_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (allocation_id) DO UPDATE \
         SET locality = excluded.locality, offered_at = excluded.offered_at",
    )
    .bind::<SqlUuid, _>(it.allocation_id)
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Text, _>(&it.service)
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .bind::<Timestamptz, _>(it.offered_at)
    .execute(connection)
    .await
}

/// Each event dates one step; what it does not say stays as it was.
async fn allocation_step(
    connection: &mut AsyncPgConnection,
    it: &AllocationStep,
) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO allocation_fact AS f (allocation_id, referral_id, service, accepted_at, declined_at, \
         withdrawn_at, closed_at, outcome) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (allocation_id) DO UPDATE \
         SET accepted_at = coalesce(excluded.accepted_at, f.accepted_at), \
             declined_at = coalesce(excluded.declined_at, f.declined_at), \
             withdrawn_at = coalesce(excluded.withdrawn_at, f.withdrawn_at), \
             closed_at = coalesce(excluded.closed_at, f.closed_at), \
             outcome = coalesce(excluded.outcome, f.outcome)",
    )
    .bind::<SqlUuid, _>(it.allocation_id)
    .bind::<SqlUuid, _>(it.referral_id)
    .bind::<Text, _>(&it.service)
    .bind::<Nullable<Timestamptz>, _>(it.accepted_at)
    .bind::<Nullable<Timestamptz>, _>(it.declined_at)
    .bind::<Nullable<Timestamptz>, _>(it.withdrawn_at)
    .bind::<Nullable<Timestamptz>, _>(it.closed_at)
    .bind::<Nullable<Text>, _>(it.outcome.as_deref())
    .execute(connection)
    .await
}
