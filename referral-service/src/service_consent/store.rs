//! The rows of consent after the referral.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::ConsentRecord;
use super::domain::Before;
use crate::referral::domain::ReferralId;

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Timestamptz)]
    made_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    given: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    given_on: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct Since {
    #[diesel(sql_type = Text)]
    given: String,
    #[diesel(sql_type = Date)]
    given_on: NaiveDate,
}

/// What is known of a family's consent so far, for whoever sees the referral whole.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn before(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Before, Problem> {
    let told: Vec<Told> = diesel::sql_query(
        "SELECT c.made_at, s.given, s.given_on FROM contact c LEFT JOIN service_consent s ON s.referral_id = c.referral_id
         WHERE c.referral_id = $1 ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .load(connection)
    .await?;
    let told = told.into_iter().next().ok_or_else(Problem::not_found)?;
    let since: Vec<Since> = diesel::sql_query(
        "SELECT given, given_on FROM consent_record WHERE referral_id = $1 ORDER BY given_on, recorded_at, id",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .load(connection)
    .await?;
    let said = |row: Since| {
        let given = row.given.parse().map_err(|()| Problem::internal(&"unknown word of a consent"))?;
        Ok((row.given_on, given))
    };
    Ok(Before {
        told_on: told.given_on.unwrap_or_else(|| told.made_at.local_day()),
        told: told.given,
        since: since.into_iter().map(said).collect::<Result<Vec<_>, Problem>>()?,
    })
}

/// Keeps what the family said.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    said: &ConsentRecord,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query(
        "INSERT INTO consent_record (id, referral_id, given, given_by, given_on, how, words, recorded_at, recorded_by,
             recorded_by_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(said.given.as_str())
    .bind::<Text, _>(&said.by)
    .bind::<Date, _>(said.on)
    .bind::<Nullable<Text>, _>(said.how.as_deref())
    .bind::<Nullable<Text>, _>(said.words.as_deref())
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(who.user)
    .bind::<Text, _>(&who.name)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct AtWork {
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scopes: Option<Vec<String>>,
}

/// Who works on a referral now, as scopes: the teams, else the hub that has it, else First Response.
///
/// # Errors
/// As the database says.
pub async fn at_work(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Vec<String>, Problem> {
    let row: AtWork = diesel::sql_query("SELECT message_recipients($1) AS scopes")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.scopes.unwrap_or_default())
}
