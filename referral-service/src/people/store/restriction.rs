//! Restricting a person, and lifting it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = BigInt)]
    ended: i64,
}

/// Ends a restriction of a person. The answer is whether there was one.
///
/// # Errors
/// As the database says.
pub async fn lift(
    connection: &mut AsyncPgConnection,
    id: PersonId,
    effect: &str,
    user: Option<Uuid>,
    at: DateTime<Utc>,
    reason: &str,
) -> Result<bool, Problem> {
    let row: Ended = diesel::sql_query("SELECT access_lift($1, $2, $3, $4, $5) AS ended")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(effect)
        .bind::<Nullable<SqlUuid>, _>(user)
        .bind::<Timestamptz, _>(at)
        .bind::<Text, _>(reason)
        .get_result(connection)
        .await?;
    Ok(row.ended > 0)
}

/// Restricts a person and every record about that person.
///
/// # Errors
/// As the database says.
pub async fn restrict(
    connection: &mut AsyncPgConnection,
    id: PersonId,
    effect: &str,
    user: Option<Uuid>,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    reason: &str,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT access_set($1, $2, $3, $4, $5, $6)")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(effect)
        .bind::<Nullable<SqlUuid>, _>(user)
        .bind::<Timestamptz, _>(from)
        .bind::<Nullable<Timestamptz>, _>(until)
        .bind::<Text, _>(reason)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}
