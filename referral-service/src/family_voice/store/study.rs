//! What may be told now.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
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

/// The statement behind the list, less the words of each: `$1` scopes.
pub const LIST: &str = "\
SELECT c.id, c.case_type, c.team, c.scope, c.credited_as, c.given_on, page.sort_at
FROM (SELECT DISTINCT p.sort_at, p.record_id
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id FROM record_scope
          WHERE scope = s.scope AND kind = 'case_study' AND state = 'usable' AND (sort_at, record_id) < ($2, $3)
          ORDER BY sort_at DESC, record_id DESC LIMIT $4) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $4) page
JOIN case_study c ON c.id = page.record_id
ORDER BY page.sort_at DESC, page.record_id DESC";

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
    let statement = LIST.replacen("page.sort_at", &format!("page.sort_at, {QUOTES}"), 1);
    Ok(diesel::sql_query(statement)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
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
