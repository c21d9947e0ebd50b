//! What may be told now.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

/// A case study with its words.
#[derive(Debug, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_type: String,
    #[diesel(sql_type = Text)]
    pub team: String,
    #[diesel(sql_type = Text)]
    pub scope: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub credited_as: Option<String>,
    #[diesel(sql_type = Date)]
    pub given_on: NaiveDate,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub quotes: Option<serde_json::Value>,
}

const QUOTES: &str = "\
(SELECT jsonb_agg(jsonb_build_object('whose', q.whose, 'about', q.about, 'words', q.words, 'masked', q.masked) ORDER BY q.place)
 FROM case_study_quote q WHERE q.case_study_id = c.id) AS quotes";

/// The list behind `GET /v1/case-studies`, newest first.
pub const LIST: Listing = Listing::new(
    "case_study",
    "c.id, c.case_type, c.team, c.scope, c.credited_as, c.given_on, page.sort_at",
    "JOIN case_study c ON c.id = page.record_id",
)
.with(QUOTES);

/// A page of what may be told now, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn page(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    LIST.page(connection, &Asked { scopes, states: Some(&["usable"]), filter: None, after, limit }).await
}

/// One of them.
///
/// # Errors
/// 404 if the caller doesn't see it, or its consent was withdrawn.
pub async fn find(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Row, Problem> {
    let statement = format!(
        "SELECT c.id, c.case_type, c.team, c.scope, c.credited_as, c.given_on, app_now() AS sort_at, {QUOTES}
         FROM case_study c WHERE c.id = $1"
    );
    let rows: Vec<Row> = diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}
