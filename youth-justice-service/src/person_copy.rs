//! A local copy of each young person's name and birth date, with the version it was copied at.
//!
//! referral-service owns the person index. A case asks for the copies it needs by writing a row
//! that wants version 1; a background worker fetches them, outside any transaction, and tries
//! again ever less often until they are there. `person.changed.v1` raises the wanted version.
//! Fetching twice is harmless: a copy only ever moves to a newer version.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures::future::join_all;
use serde::Deserialize;
use shared::background::Background;
use shared::client::Peer;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

/// How many people are asked for at a time.
const BATCH: i64 = 8;
/// How long the worker rests when nothing is wanted.
const REST: Duration = Duration::from_millis(250);

/// What the person index says of someone.
#[derive(Deserialize)]
struct Told {
    given_name: String,
    family_name: String,
    birth_date: Option<NaiveDate>,
    version: i64,
}

#[derive(Deserialize)]
struct Changed {
    person_id: Uuid,
    version: i64,
}

#[derive(diesel::QueryableByName)]
struct Wanted {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
}

/// Asks for copies of these people, in the transaction that first needs them.
///
/// # Errors
/// As the database says.
pub async fn want(connection: &mut AsyncPgConnection, people: &[Uuid]) -> Result<(), diesel::result::Error> {
    sql_query(
        "INSERT INTO person_copy (person_id, version, wanted_version, next_try_at, tries) \
         SELECT DISTINCT p, 0, 1, $2, 0 FROM unnest($1) p ON CONFLICT DO NOTHING",
    )
    .bind::<Array<SqlUuid>, _>(people)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes in `person.changed.v1`. Of people who are on no case here, nothing is kept.
///
/// # Errors
/// [`Failure::Lasting`] if the event lacks what it should say.
pub async fn take_in(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    let changed: Changed =
        serde_json::from_value(event.data.clone()).map_err(|error| Failure::Lasting(error.to_string()))?;
    sql_query(
        "UPDATE person_copy SET wanted_version = $2, next_try_at = $3, tries = 0 \
         WHERE person_id = $1 AND wanted_version < $2",
    )
    .bind::<SqlUuid, _>(changed.person_id)
    .bind::<BigInt, _>(changed.version)
    .bind::<Timestamptz, _>(Utc::now())
    .execute(connection)
    .await?;
    Ok(())
}

/// Fetches what is wanted, for ever. Safe with many replicas.
pub async fn run(background: Background, owner: Peer) {
    loop {
        match round(&background, &owner).await {
            Ok(0) => tokio::time::sleep(REST).await,
            Ok(_) => {}
            Err(cause) => {
                tracing::warn!(cause, "person copies interrupted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// One round: claim, ask, keep. The answer is how many were wanted.
async fn round(background: &Background, owner: &Peer) -> Result<usize, String> {
    let wanted = {
        let mut connection = background.connection().await.map_err(|problem| problem.to_string())?;
        claim(&mut connection, Utc::now()).await.map_err(|error| error.to_string())?
    };
    let fetches = wanted.iter().map(async |Wanted { person_id }| match fetch(background, owner, *person_id).await {
        Ok(()) => {}
        Err(cause) => tracing::warn!(person = %person_id, cause, "person not copied yet"),
    });
    Ok(join_all(fetches).await.len())
}

/// Takes the next people, and puts their next try off for ever longer, up to a minute.
async fn claim(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<Vec<Wanted>, diesel::result::Error> {
    sql_query(
        "UPDATE person_copy SET tries = tries + 1, \
         next_try_at = $1 + least(interval '60 s', interval '0.25 s' * power(2, least(tries, 10))) \
         WHERE person_id IN (SELECT person_id FROM person_copy \
                             WHERE version < wanted_version AND next_try_at <= $1 \
                             ORDER BY next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED) \
         RETURNING person_id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(BATCH)
    .load(connection)
    .await
}

async fn fetch(background: &Background, owner: &Peer, person: Uuid) -> Result<(), String> {
    let told: Told = owner.get(&format!("/internal/people/{person}")).await?;
    let mut connection = background.connection().await.map_err(|problem| problem.to_string())?;
    sql_query(
        "UPDATE person_copy SET version = $2, given_name = $3, family_name = $4, birth_date = $5, \
         tries = CASE WHEN $2 >= wanted_version THEN 0 ELSE tries END \
         WHERE person_id = $1 AND version < $2",
    )
    .bind::<SqlUuid, _>(person)
    .bind::<BigInt, _>(told.version)
    .bind::<Text, _>(told.given_name)
    .bind::<Text, _>(told.family_name)
    .bind::<Nullable<Date>, _>(told.birth_date)
    .execute(&mut connection)
    .await
    .map_err(|error| error.to_string())?;
    Ok(())
}
