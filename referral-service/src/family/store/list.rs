//! Lists of families and of cases, led by the scopes of whoever asks.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
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

/// The statement behind the list of families: `$1` scopes, `$2` a state or null.
pub const FAMILIES: &str = "\
SELECT f.id, f.reference, f.locality, f.formed_at, page.state, n.name
FROM (SELECT DISTINCT p.sort_at, p.record_id, p.state
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id, state FROM record_scope
          WHERE scope = s.scope AND kind = 'family' AND state = $2 AND (sort_at, record_id) < ($3, $4)
          ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN family f ON f.id = page.record_id
LEFT JOIN family_name n ON n.family_id = f.id
ORDER BY page.sort_at DESC, page.record_id DESC";

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
    // Two texts rather than `state = $2 OR $2 IS NULL`, which no index range serves.
    let any = FAMILIES.replace(" AND state = $2", " AND $2::text IS NULL");
    let statement = if state.is_some() { FAMILIES } else { any.as_str() };
    Ok(diesel::sql_query(statement)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Nullable<Text>, _>(state)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
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

/// The statement behind the list of cases: `$1` scopes, `$2` a state or null, `$6` whether only those that
/// are worked on there, and not those where it is only seen that somebody is helping.
pub const CASES: &str = "\
SELECT c.id, c.family_id, f.reference AS family_reference, n.name AS family_name, f.locality, c.case_type, c.team,
       c.status, c.opened_at, c.engaged_on, c.closed_at, c.lead_worker_name, d.code AS next_clock, d.due_at AS next_due_at
FROM (SELECT DISTINCT p.sort_at, p.record_id
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id FROM record_scope
          WHERE scope = s.scope AND kind = 'case' AND state = $2 AND (sort_at, record_id) < ($3, $4)
            AND (NOT $6 OR view = 'full')
          ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN family_case c ON c.id = page.record_id
JOIN family f ON f.id = c.family_id
LEFT JOIN family_name n ON n.family_id = f.id
LEFT JOIN LATERAL (SELECT code, due_at FROM deadline
                   WHERE record_id = c.id AND met_at IS NULL ORDER BY due_at, code LIMIT 1) d ON true
ORDER BY page.sort_at DESC, page.record_id DESC";

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
    let any = CASES.replace(" AND state = $2", " AND $2::text IS NULL");
    let statement = if state.is_some() { CASES } else { any.as_str() };
    Ok(diesel::sql_query(statement)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Nullable<Text>, _>(state)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .bind::<Bool, _>(worked_on)
        .prepared()
        .load(connection)
        .await?)
}
