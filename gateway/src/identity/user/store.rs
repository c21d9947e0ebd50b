//! The rows of users.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::schema::{user_account, user_password};

/// A user's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = user_account)]
pub struct UserRow {
    pub id: Uuid,
    pub username: String,
    pub display_name: String,
    pub agency: String,
    pub roles: Vec<String>,
    pub localities: Vec<String>,
    pub teams: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// Adds a user; false if the user name is taken.
///
/// # Errors
/// As the database says.
pub async fn add(connection: &mut AsyncPgConnection, row: &UserRow) -> QueryResult<bool> {
    let added = diesel::insert_into(user_account::table)
        .values(row)
        .on_conflict(user_account::username)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(added == 1)
}

/// Keeps a user's first password, as its hash. The user must be visible to the caller by now.
///
/// # Errors
/// As the database says.
pub async fn add_password(
    connection: &mut AsyncPgConnection,
    user: Uuid,
    hash: &str,
    at: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::insert_into(user_password::table)
        .values((user_password::user_id.eq(user), user_password::hash.eq(hash), user_password::changed_at.eq(at)))
        .execute(connection)
        .await?;
    Ok(())
}

/// The user, if the caller sees them.
///
/// # Errors
/// 404.
pub async fn find(connection: &mut AsyncPgConnection, id: Uuid) -> Result<UserRow, Problem> {
    let row = user_account::table.find(id).select(UserRow::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, held until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_change(connection: &mut AsyncPgConnection, id: Uuid) -> Result<UserRow, Problem> {
    // A reader who may not change the row can't lock it: it is found without the lock, and refused by the action.
    let locked = user_account::table.find(id).select(UserRow::as_select()).for_update().first(connection).await;
    match locked.optional()? {
        Some(row) => Ok(row),
        None => find(connection, id).await,
    }
}

/// Writes what may change, as the next version.
///
/// # Errors
/// As the database says; 500 if the row was not changed.
pub async fn change(connection: &mut AsyncPgConnection, row: &UserRow) -> Result<(), Problem> {
    let changed = diesel::update(user_account::table.find(row.id))
        .set((
            user_account::roles.eq(&row.roles),
            user_account::localities.eq(&row.localities),
            user_account::teams.eq(&row.teams),
            user_account::deactivated_at.eq(row.deactivated_at),
            user_account::version.eq(row.version),
        ))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Problem::internal(&"a visible user was not changed")) }
}

const LIST: Listing = Listing::new("user", "u.*", "JOIN user_account u ON u.id = page.record_id");

/// A page of those in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<UserRow>, Problem> {
    LIST.page(connection, &Asked { scopes, states: None, filter: None, after, limit }).await
}
