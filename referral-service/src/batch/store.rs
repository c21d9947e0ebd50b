//! The rows of batches.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

use super::taking::Layout;
use super::view::{BatchId, RowOutcome};
use crate::referral::domain::ReferralId;
use crate::schema::referral_batch;
use crate::sheet::{File, RowProblem};

/// A batch as its sender sees it.
#[derive(Debug, Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = referral_batch)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Batch {
    pub id: BatchId,
    pub received_at: DateTime<Utc>,
    pub header: Vec<String>,
    pub row_count: i32,
    pub taken_rows: i32,
    pub refused_rows: i32,
    pub warned_rows: i32,
    pub referrals: i32,
    pub warnings: Value,
    pub finished_at: Option<DateTime<Utc>>,
    pub kept_until: DateTime<Utc>,
    pub version: i64,
}

/// What became of a row.
#[derive(Debug)]
pub struct RowResult {
    /// Its number.
    pub row: i32,
    /// The referral it became or belongs to, and its reference; none if it was refused.
    pub referral: Option<(ReferralId, String)>,
    /// What there is to say of it.
    pub problems: Vec<RowProblem>,
    /// Its cells, if it was refused.
    pub content: Option<Vec<String>>,
}

/// How many rows of a chunk became what.
#[derive(Debug)]
pub struct Counts {
    taken: usize,
    refused: usize,
    warned: usize,
    referrals: usize,
}

impl Counts {
    /// Of these results, from so many referrals.
    pub fn of(results: &[RowResult], referrals: usize) -> Self {
        let taken = results.iter().filter(|result| result.referral.is_some());
        let warned = taken.clone().filter(|result| !result.problems.is_empty()).count();
        let taken = taken.count();
        Self { taken, refused: results.len() - taken, warned, referrals }
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Keeps a new batch, for its sender alone. Its chunks are kept by [`super::chunk::insert`].
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    layout: &Layout,
    file: &File,
    sender: &Actor,
    kept_until: DateTime<Utc>,
) -> Result<(), Problem> {
    use referral_batch::dsl;
    let words = |words: &[Word]| words.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>();
    diesel::insert_into(dsl::referral_batch)
        .values((
            dsl::id.eq(layout.id),
            dsl::received_at.eq(layout.received_at),
            dsl::user_id.eq(sender.user),
            dsl::user_name.eq(&sender.name),
            dsl::agency.eq(sender.agency.as_str()),
            dsl::roles.eq(sender.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>()),
            dsl::localities.eq(words(&sender.localities)),
            dsl::teams.eq(words(&sender.teams)),
            dsl::session_id.eq(sender.session),
            dsl::token_id.eq(sender.token),
            dsl::on_behalf_of.eq(&sender.on_behalf_of),
            dsl::separator.eq(char::from(layout.separator).to_string()),
            dsl::header.eq(&layout.columns),
            dsl::row_count.eq(number(file.rows)),
            dsl::chunks_left.eq(number(file.chunks.len())),
            dsl::warnings.eq(warnings(&file.warnings)?),
            dsl::kept_until.eq(kept_until),
            dsl::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let own = Grant {
        record: layout.id.0,
        kind: "batch",
        scope: format!("user:{}", sender.user),
        view: View::Full,
        state: "batch",
        sort_at: layout.received_at,
    };
    access::grant(connection, &[own]).await
}

fn warnings(said: &[FieldError]) -> Result<Value, Problem> {
    serde_json::to_value(said).map_err(|error| Problem::internal(&error))
}

/// Keeps what became of rows.
///
/// # Errors
/// As the database says.
pub async fn insert_rows(
    connection: &mut AsyncPgConnection,
    id: BatchId,
    results: &[RowResult],
) -> Result<(), Problem> {
    let rows = results.iter().map(|result| {
        // PostgreSQL can't hold U+0000; that one was there has been said.
        let content = result.content.as_ref();
        let content = content.map(|cells| cells.iter().map(|cell| cell.replace('\0', "\u{FFFD}")).collect::<Vec<_>>());
        json!({
            "number": result.row, "outcome": RowOutcome::of(result.referral.is_some()),
            "referral_id": result.referral.as_ref().map(|(id, _)| id),
            "reference": result.referral.as_ref().map(|(_, reference)| reference),
            "problems": result.problems, "content": content,
        })
    });
    diesel::sql_query(
        "INSERT INTO referral_batch_row (batch_id, number, outcome, referral_id, reference, problems, content)
         SELECT $1, r.number, r.outcome, r.referral_id, r.reference, r.problems, r.content FROM jsonb_to_recordset($2) AS r(
             number integer, outcome text, referral_id uuid, reference text, problems jsonb, content text[])",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Jsonb, _>(Value::Array(rows.collect()))
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a chunk as done; the last one ends the batch.
///
/// # Errors
/// As the database says.
pub async fn count(
    connection: &mut AsyncPgConnection,
    id: BatchId,
    counts: &Counts,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query(
        "UPDATE referral_batch SET taken_rows = taken_rows + $2, refused_rows = refused_rows + $3,
             warned_rows = warned_rows + $4, referrals = referrals + $5, chunks_left = chunks_left - 1,
             finished_at = CASE WHEN chunks_left = 1 THEN $6 END, version = version + 1
         WHERE id = $1",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(number(counts.taken))
    .bind::<Integer, _>(number(counts.refused))
    .bind::<Integer, _>(number(counts.warned))
    .bind::<Integer, _>(number(counts.referrals))
    .bind::<Timestamptz, _>(now)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// One's own batch.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, id: BatchId) -> Result<Batch, Problem> {
    let row = referral_batch::table.find(id).select(Batch::as_select());
    row.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// The statement behind the list: one's own, newest first.
pub const LIST: &str = "\
SELECT b.id, b.received_at, b.header, b.row_count, b.taken_rows, b.refused_rows, b.warned_rows, b.referrals,
       b.warnings, b.finished_at, b.kept_until, b.version
FROM record_scope s JOIN referral_batch b ON b.id = s.record_id
WHERE s.scope = $1 AND s.kind = 'batch' AND (s.sort_at, s.record_id) < ($2, $3)
ORDER BY s.sort_at DESC, s.record_id DESC LIMIT $4";

/// A page of one's own batches, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    sender: &Actor,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Batch>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<Text, _>(format!("user:{}", sender.user))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// What became of a row, as it is kept.
#[derive(Debug, QueryableByName)]
pub struct KeptRow {
    #[diesel(sql_type = Integer)]
    pub number: i32,
    #[diesel(sql_type = Text)]
    pub outcome: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub referral_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub problems: Value,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    pub content: Option<Vec<String>>,
}

/// The statement behind the rows of a batch, of one outcome; for all, without that condition.
pub const ROWS: &str = "\
SELECT number, outcome, referral_id, reference, problems, content FROM referral_batch_row
WHERE batch_id = $1 AND number > $2 AND outcome = $3 ORDER BY number LIMIT $4";

/// Rows of a batch after one of them, in their order.
///
/// # Errors
/// As the database says.
pub async fn rows(
    connection: &mut AsyncPgConnection,
    id: BatchId,
    after: i32,
    outcome: Option<RowOutcome>,
    limit: i64,
) -> Result<Vec<KeptRow>, Problem> {
    let any = ROWS.replace(" AND outcome = $3", " AND $3::text IS NULL");
    Ok(diesel::sql_query(if outcome.is_some() { ROWS } else { any.as_str() })
        .bind::<SqlUuid, _>(id)
        .bind::<Integer, _>(after)
        .bind::<Nullable<Text>, _>(outcome.map(RowOutcome::as_str))
        .bind::<BigInt, _>(limit)
        .prepared()
        .load(connection)
        .await?)
}
