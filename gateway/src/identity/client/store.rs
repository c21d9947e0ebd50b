//! The rows of clients.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::schema::client;

/// A client's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = client)]
pub struct ClientRow {
    pub id: Uuid,
    pub client_id: String,
    pub name: String,
    pub agency: String,
    pub roles: Vec<String>,
    pub localities: Vec<String>,
    pub teams: Vec<String>,
    pub jwks: serde_json::Value,
    pub created_at: DateTime<Utc>,
    pub deactivated_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// Adds a client; false if its id is taken.
pub async fn add(connection: &mut AsyncPgConnection, row: &ClientRow) -> QueryResult<bool> {
    let added = diesel::insert_into(client::table)
        .values(row)
        .on_conflict(client::client_id)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(added == 1)
}

/// The client, if the caller sees it.
///
/// # Errors
/// 404.
pub async fn find(connection: &mut AsyncPgConnection, id: Uuid) -> Result<ClientRow, Problem> {
    let row = client::table.find(id).select(ClientRow::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, held until the transaction ends.
///
/// # Errors
/// 404.
pub async fn find_for_change(connection: &mut AsyncPgConnection, id: Uuid) -> Result<ClientRow, Problem> {
    // A reader who may not change the row can't lock it: it is found without the lock, and refused by the action.
    let locked = client::table.find(id).select(ClientRow::as_select()).for_update().first(connection).await;
    match locked.optional()? {
        Some(row) => Ok(row),
        None => find(connection, id).await,
    }
}

/// Writes that the client was deactivated, as the next version.
pub async fn deactivate(connection: &mut AsyncPgConnection, row: &ClientRow) -> Result<(), Problem> {
    let changed = diesel::update(client::table.find(row.id))
        .set((client::deactivated_at.eq(row.deactivated_at), client::version.eq(row.version)))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Problem::internal(&"a visible client was not changed")) }
}

const LIST: Listing = Listing::new("client", "c.*", "JOIN client c ON c.id = page.record_id");

/// A page of those in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<ClientRow>, Problem> {
    LIST.page(connection, &Asked { scopes, states: None, filter: None, after, limit }).await
}
