//! The notes' rows: added, never changed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::NoteId;
use crate::family::CaseId;
use crate::schema::{case_note, case_note_seen};

/// A note's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = case_note)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Note {
    pub id: NoteId,
    pub case_id: CaseId,
    pub occurred_at: DateTime<Utc>,
    pub kind: String,
    pub words: String,
    pub child_seen: Option<bool>,
    pub seen_alone: Option<bool>,
    pub corrects: Option<NoteId>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Uuid,
    pub recorded_by_name: String,
    pub in_time: Option<bool>,
}

/// Keeps a note, and who was seen.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, note: &Note, seen: &[Uuid]) -> Result<(), Problem> {
    diesel::insert_into(case_note::table).values(note).execute(connection).await?;
    let rows: Vec<_> = seen
        .iter()
        .map(|person| {
            (
                case_note_seen::note_id.eq(note.id),
                case_note_seen::case_id.eq(note.case_id),
                case_note_seen::person_id.eq(*person),
            )
        })
        .collect();
    diesel::insert_into(case_note_seen::table).values(rows).execute(connection).await?;
    Ok(())
}

/// A note of a case.
///
/// # Errors
/// 404 if there is none, or the caller does not see the case whole.
pub async fn find(connection: &mut AsyncPgConnection, case: CaseId, id: NoteId) -> Result<Note, Problem> {
    case_note::table
        .find(id)
        .filter(case_note::case_id.eq(case))
        .select(Note::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// Who was seen, by note.
///
/// # Errors
/// As the database says.
pub async fn seen(connection: &mut AsyncPgConnection, notes: &[NoteId]) -> Result<Vec<(NoteId, Uuid)>, Problem> {
    Ok(case_note_seen::table
        .filter(case_note_seen::note_id.eq_any(notes))
        .order((case_note_seen::note_id, case_note_seen::person_id))
        .select((case_note_seen::note_id, case_note_seen::person_id))
        .load(connection)
        .await?)
}

/// Which notes correct these: the corrected and the correction.
///
/// # Errors
/// As the database says.
pub async fn corrections(
    connection: &mut AsyncPgConnection,
    notes: &[NoteId],
) -> Result<Vec<(Option<NoteId>, NoteId)>, Problem> {
    Ok(case_note::table
        .filter(case_note::corrects.eq_any(notes))
        .order(case_note::id)
        .select((case_note::corrects, case_note::id))
        .load(connection)
        .await?)
}

/// The statement behind the list of notes of the case `$1`; `$2` is a kind or null.
pub const LIST: &str = "\
SELECT n.* FROM case_note n
WHERE n.case_id = $1 AND n.kind = $2 AND (n.occurred_at, n.id) < ($3, $4)
ORDER BY n.occurred_at DESC, n.id DESC LIMIT $5";

/// A page of a case's notes, the newest happening first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    kind: Option<&str>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Note>, Problem> {
    // Two texts rather than `kind = $2 OR $2 IS NULL`, which no index range serves.
    let any = LIST.replace(" AND n.kind = $2", " AND $2::text IS NULL");
    let statement = if kind.is_some() { LIST } else { any.as_str() };
    Ok(diesel::sql_query(statement)
        .bind::<SqlUuid, _>(case)
        .bind::<Nullable<Text>, _>(kind)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
