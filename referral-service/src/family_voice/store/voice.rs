//! What was said.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::calendar::{LocalDay, start_of_day};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::CaseId;

/// Words as they were kept.
#[derive(Debug, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub measurement_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub point: String,
    #[diesel(sql_type = Date)]
    pub said_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub whose: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub about: String,
    #[diesel(sql_type = Text)]
    pub words: String,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub recorded_by_name: String,
    /// Whether a consent that the caller sees, and that stands, has them told.
    #[diesel(sql_type = Bool)]
    pub told: bool,
}

const COLUMNS: &str = "\
SELECT v.id, v.measurement_id, v.point, v.said_on, v.whose, v.person_id, v.about, v.words, v.recorded_at, v.recorded_by_name,
       EXISTS (SELECT 1 FROM case_study_voice t JOIN case_study_consent c ON c.id = t.consent_id
               WHERE t.voice_id = v.id AND c.withdrawn_at IS NULL) AS told
FROM family_voice v";

/// A page of what was said in a case, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn page(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    let statement = format!(
        "{COLUMNS} WHERE v.case_id = $1 AND (v.said_on, v.id) < ($2, $3) ORDER BY v.said_on DESC, v.id DESC LIMIT $4"
    );
    Ok(diesel::sql_query(statement)
        .bind::<SqlUuid, _>(case)
        .bind::<Date, _>(after.sort_at.local_day())
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// Where a page ends.
pub fn cursor(row: &Row) -> Cursor {
    Cursor { sort_at: start_of_day(row.said_on), id: row.id }
}

/// All that was said in a case.
///
/// # Errors
/// As the database says.
pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Row>, Problem> {
    let statement = format!("{COLUMNS} WHERE v.case_id = $1");
    Ok(diesel::sql_query(statement).bind::<SqlUuid, _>(case).prepared().load(connection).await?)
}

/// One thing that was said.
///
/// # Errors
/// 404 if it was not said in this case.
pub async fn one(connection: &mut AsyncPgConnection, case: CaseId, id: Uuid) -> Result<Row, Problem> {
    let statement = format!("{COLUMNS} WHERE v.case_id = $1 AND v.id = $2");
    let rows: Vec<Row> = diesel::sql_query(statement)
        .bind::<SqlUuid, _>(case)
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}
