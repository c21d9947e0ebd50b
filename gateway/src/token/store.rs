//! Credentials, used assertions and codes, read and written as the worker role.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{authorization_code, client, used_assertion, user_account};

/// Whoever a token is made for, as the database knows them now.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = user_account)]
pub struct HolderRow {
    pub id: Uuid,
    #[diesel(column_name = username)]
    pub name: String,
    pub agency: String,
    pub roles: Vec<String>,
    pub localities: Vec<String>,
    pub teams: Vec<String>,
    pub deactivated_at: Option<DateTime<Utc>>,
}

/// A partner's system, with its keys.
pub async fn find_client(
    connection: &mut AsyncPgConnection,
    client_id: &str,
) -> QueryResult<Option<(HolderRow, serde_json::Value)>> {
    client::table
        .filter(client::client_id.eq(client_id))
        .select((
            (
                client::id,
                client::client_id,
                client::agency,
                client::roles,
                client::localities,
                client::teams,
                client::deactivated_at,
            ),
            client::jwks,
        ))
        .first(connection)
        .await
        .optional()
}

/// Someone who signed in.
pub async fn find_user(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<HolderRow>> {
    user_account::table.find(id).select(HolderRow::as_select()).first(connection).await.optional()
}

/// Notes that an assertion was used; false if it had been.
pub async fn use_assertion(
    connection: &mut AsyncPgConnection,
    client: Uuid,
    jti: &[u8],
    expires_at: DateTime<Utc>,
) -> QueryResult<bool> {
    let row =
        (used_assertion::client.eq(client), used_assertion::jti.eq(jti), used_assertion::expires_at.eq(expires_at));
    let added =
        diesel::insert_into(used_assertion::table).values(row).on_conflict_do_nothing().execute(connection).await?;
    Ok(added == 1)
}

/// A code as it was given out.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = authorization_code)]
pub struct CodeRow {
    pub code: Vec<u8>,
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub expires_at: DateTime<Utc>,
}

/// Keeps the digest of a code that was given out.
pub async fn add_code(connection: &mut AsyncPgConnection, row: &CodeRow) -> QueryResult<()> {
    diesel::insert_into(authorization_code::table).values(row).execute(connection).await?;
    Ok(())
}

/// What became of a code.
pub enum Taken {
    /// It was good, and is no more.
    Good(CodeRow),
    /// It had been used: whoever did so may not be its owner.
    Again(Uuid),
    /// There is no such code, or no longer.
    Unknown,
}

/// Takes a code, which can be done once.
pub async fn take_code(connection: &mut AsyncPgConnection, code: &[u8], now: DateTime<Utc>) -> QueryResult<Taken> {
    let unused = authorization_code::table
        .find(code)
        .filter(authorization_code::used_at.is_null())
        .filter(authorization_code::expires_at.gt(now));
    let taken: Option<CodeRow> = diesel::update(unused)
        .set(authorization_code::used_at.eq(now))
        .returning(CodeRow::as_returning())
        .get_result(connection)
        .await
        .optional()?;
    if let Some(row) = taken {
        return Ok(Taken::Good(row));
    }
    let before: Option<Uuid> = authorization_code::table
        .find(code)
        .filter(authorization_code::used_at.is_not_null())
        .select(authorization_code::session_id)
        .first(connection)
        .await
        .optional()?;
    Ok(before.map_or(Taken::Unknown, Taken::Again))
}

/// Forgets assertions and codes that nobody would believe any more.
pub async fn forget(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> QueryResult<()> {
    // Beyond the leeway given to clocks; a used code is kept long enough to notice its second use.
    let past = now - TimeDelta::minutes(10);
    diesel::delete(used_assertion::table.filter(used_assertion::expires_at.lt(past))).execute(connection).await?;
    diesel::delete(authorization_code::table.filter(authorization_code::expires_at.lt(past)))
        .execute(connection)
        .await?;
    Ok(())
}
