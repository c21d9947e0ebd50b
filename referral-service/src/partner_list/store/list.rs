//! Lists, and what there is to say of their rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use shared::access::{self, Asked, Grant, Listing, View};
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::partner_list::domain::{AgreementId, PartnerListId};
use crate::schema::partner_list;

/// A list's row.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = partner_list)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct List {
    pub id: PartnerListId,
    pub agreement_id: AgreementId,
    pub agency: String,
    pub drawn_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub sent_by: Uuid,
    pub sent_by_name: String,
    pub row_count: i32,
    pub taken_rows: i32,
    pub family_count: i32,
    pub answers: Value,
    pub delete_after: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Enters a list.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &List) -> Result<(), Problem> {
    diesel::insert_into(partner_list::table).values(row).execute(connection).await?;
    Ok(())
}

/// Lets the partner, First Response and information governance see that there is a list.
///
/// # Errors
/// As the database says.
pub async fn show(connection: &mut AsyncPgConnection, row: &List) -> Result<(), Problem> {
    let grant = |scope: String, view| Grant {
        record: row.id.0,
        kind: "partner_list",
        scope,
        view,
        state: "received",
        sort_at: row.received_at,
    };
    let grants = [
        grant("front-door".to_owned(), View::Full),
        grant("governance".to_owned(), View::Status),
        grant(format!("agency:{}", row.agency), View::Status),
    ];
    access::grant(connection, &grants).await
}

/// One list.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: PartnerListId) -> Result<List, Problem> {
    let row = partner_list::table.find(id).select(List::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The list behind `GET /v1/partner-lists`, newest first.
pub const LIST: Listing = Listing::new("partner_list", "l.*", "JOIN partner_list l ON l.id = page.record_id");

/// A page of lists, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<List>, Problem> {
    LIST.page(connection, &Asked { scopes, states: None, filter: None, after, limit }).await
}

/// A list whose families were forgotten.
#[derive(Clone, Debug, QueryableByName)]
pub struct Forgotten {
    /// The list.
    #[diesel(sql_type = SqlUuid)]
    pub list_id: Uuid,
    /// The partner.
    #[diesel(sql_type = Text)]
    pub agency: String,
    /// How many families it had.
    #[diesel(sql_type = BigInt)]
    pub families: i64,
}

/// Forgets the families of lists past their time, as the worker role. The answer is which.
///
/// # Errors
/// As the database says.
pub async fn forget(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    most: i32,
) -> Result<Vec<Forgotten>, Problem> {
    Ok(diesel::sql_query("SELECT list_id, agency, families FROM partner_list_forget($1, $2)")
        .bind::<Timestamptz, _>(now)
        .bind::<Integer, _>(most)
        .load(connection)
        .await?)
}
