//! Programs, attempts and passwords, as the worker role.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bytea, Integer, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::domain::delay;
use crate::schema::{sign_in_attempt, sign_in_client, user_account, user_password};

/// Where a program may have codes sent; none if there is no such program.
pub async fn redirect_uris(connection: &mut AsyncPgConnection, client_id: &str) -> QueryResult<Option<Vec<String>>> {
    sign_in_client::table.find(client_id).select(sign_in_client::redirect_uris).first(connection).await.optional()
}

/// Someone with that name: id, whether they may sign in, and the hash of their password.
pub async fn find(
    connection: &mut AsyncPgConnection,
    username: &str,
) -> QueryResult<Option<(Uuid, bool, Option<String>)>> {
    user_account::table
        .left_join(user_password::table.on(user_password::user_id.eq(user_account::id)))
        .filter(user_account::username.eq(username))
        .select((user_account::id, user_account::deactivated_at.is_null(), user_password::hash.nullable()))
        .first(connection)
        .await
        .optional()
}

#[derive(QueryableByName)]
struct Failures {
    #[diesel(sql_type = Integer)]
    failures: i32,
}

/// Counts an attempt before the password is looked at, so that many at once are one after
/// another: as a failure, until [`succeed`] takes it back. The answer is how long to wait, if
/// it is too soon.
pub async fn attempt(
    connection: &mut AsyncPgConnection,
    username: &[u8],
    source: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<TimeDelta>> {
    let counted: Option<Failures> = diesel::sql_query(
        "INSERT INTO sign_in_attempt AS a (username, source, failures, next_at) VALUES ($1, $2, 1, $3)
         ON CONFLICT (username, source) DO UPDATE SET failures = a.failures + 1 WHERE a.next_at <= $3
         RETURNING failures",
    )
    .bind::<Bytea, _>(username)
    .bind::<Text, _>(source)
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()?;
    let row = sign_in_attempt::table.find((username, source));
    let Some(Failures { failures }) = counted else {
        let next_at: DateTime<Utc> = row.select(sign_in_attempt::next_at).first(connection).await?;
        return Ok(Some(next_at - now));
    };
    diesel::update(row).set(sign_in_attempt::next_at.eq(now + delay(failures))).execute(connection).await?;
    Ok(None)
}

/// Forgets the failures of a name from a source: the password was right.
pub async fn succeed(connection: &mut AsyncPgConnection, username: &[u8], source: &str) -> QueryResult<()> {
    diesel::delete(sign_in_attempt::table.find((username, source))).execute(connection).await?;
    Ok(())
}

/// Forgets failures of which the last is an hour past.
pub async fn forget(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<()> {
    let past = now - TimeDelta::hours(1);
    diesel::delete(sign_in_attempt::table.filter(sign_in_attempt::next_at.lt(past))).execute(connection).await?;
    Ok(())
}
