//! Families that partners' lists found, and what became of the offer of help.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// `partner_list.family_found.v1`.
#[derive(Deserialize)]
struct Found {
    partner_family_id: Uuid,
    agency: String,
    found_at: DateTime<Utc>,
    standing: String,
}

/// `partner_list.family_decided.v1`.
#[derive(Deserialize)]
struct Decided {
    partner_family_id: Uuid,
    standing: String,
}

/// `partner_list.offer_changed.v1`.
#[derive(Deserialize)]
struct Offer {
    partner_family_id: Uuid,
    offer: String,
    at: DateTime<Utc>,
}

/// Makes the facts of families on partners' lists.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "partner_list.family_found.v1" => found(connection, read(event)?).await?,
        "partner_list.family_decided.v1" => decided(connection, read(event)?).await?,
        "partner_list.offer_changed.v1" => offer(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

/// Told again after it was decided, it says no more how the family stands than it did before.
async fn found(connection: &mut AsyncPgConnection, it: Found) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO partner_family_fact (partner_family_id, agency, found_at, standing) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (partner_family_id) DO UPDATE SET agency = excluded.agency, found_at = excluded.found_at, \
             standing = coalesce(partner_family_fact.standing, excluded.standing)",
    )
    .bind::<SqlUuid, _>(it.partner_family_id)
    .bind::<Text, _>(it.agency)
    .bind::<Timestamptz, _>(it.found_at)
    .bind::<Text, _>(it.standing)
    .execute(connection)
    .await
}

async fn decided(connection: &mut AsyncPgConnection, it: Decided) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO partner_family_fact (partner_family_id, standing) VALUES ($1, $2) \
         ON CONFLICT (partner_family_id) DO UPDATE SET standing = excluded.standing",
    )
    .bind::<SqlUuid, _>(it.partner_family_id)
    .bind::<Text, _>(it.standing)
    .execute(connection)
    .await
}

async fn offer(connection: &mut AsyncPgConnection, it: Offer) -> Result<usize, diesel::result::Error> {
    let at = |wanted: &[&str]| wanted.contains(&it.offer.as_str()).then_some(it.at);
    // The first offer counts, whenever the family was found; the last answer.
    sql_query(
        "INSERT INTO partner_family_fact (partner_family_id, offered_at, accepted_at, answered_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (partner_family_id) DO UPDATE \
         SET offered_at = least(partner_family_fact.offered_at, excluded.offered_at), \
             accepted_at = coalesce(excluded.accepted_at, partner_family_fact.accepted_at), \
             answered_at = coalesce(excluded.answered_at, partner_family_fact.answered_at)",
    )
    .bind::<SqlUuid, _>(it.partner_family_id)
    .bind::<Nullable<Timestamptz>, _>(at(&["offered"]))
    .bind::<Nullable<Timestamptz>, _>(at(&["accepted"]))
    .bind::<Nullable<Timestamptz>, _>(at(&["accepted", "declined", "unreachable"]))
    .execute(connection)
    .await
}
