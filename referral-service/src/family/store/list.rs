//! Lists of families and of cases, led by the scopes of whoever asks.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::AsyncPgConnection;
use shared::access::{Asked, Listing, View};
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

/// A family on a list.
#[derive(Debug, QueryableByName)]
pub struct FamilyRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub formed_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
}

/// The list of families, newest first.
pub const FAMILIES: Listing = Listing::new(
    "family",
    "f.id, f.reference, f.locality, f.formed_at, page.state, n.name",
    "JOIN family f ON f.id = page.record_id LEFT JOIN family_name n ON n.family_id = f.id",
)
.with_state();

/// A page of the families in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn families(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    state: Option<&str>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<FamilyRow>, Problem> {
    let states = state.as_ref().map(std::slice::from_ref);
    FAMILIES.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
}

/// A case on a list.
#[derive(Debug, QueryableByName)]
pub struct CaseRow {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub family_id: Uuid,
    #[diesel(sql_type = Text)]
    pub family_reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub family_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Text)]
    pub case_type: String,
    #[diesel(sql_type = Text)]
    pub team: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub opened_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Date>)]
    pub engaged_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub lead_worker_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub next_clock: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub next_due_at: Option<DateTime<Utc>>,
}

/// The list of cases, newest first. It can be narrowed to a view: in full are those that are worked on there,
/// and not those where it is only seen that somebody is helping.
pub const CASES: Listing = Listing::new(
    "case",
    "c.id, c.family_id, f.reference AS family_reference, n.name AS family_name, f.locality, c.case_type, c.team,
     c.status, c.opened_at, c.engaged_on, c.closed_at, c.lead_worker_name,
     d.code AS next_clock, d.due_at AS next_due_at",
    "JOIN family_case c ON c.id = page.record_id
     JOIN family f ON f.id = c.family_id
     LEFT JOIN family_name n ON n.family_id = f.id
     LEFT JOIN LATERAL (SELECT code, due_at FROM deadline
                        WHERE record_id = c.id AND met_at IS NULL ORDER BY due_at, code LIMIT 1) d ON true",
)
.filtered_by("r.view = $6");

/// A page of the cases in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn cases(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    state: Option<&str>,
    worked_on: bool,
    after: Cursor,
    limit: i64,
) -> Result<Vec<CaseRow>, Problem> {
    let states = state.as_ref().map(std::slice::from_ref);
    let filter = worked_on.then_some(View::Full.as_str());
    CASES.page(connection, &Asked { scopes, states, filter, after, limit }).await
}
