//! The rows of batches.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::{Actor, Word};
use shared::db::KeepPrepared;
use shared::id::UserId;
use shared::page::Cursor;
use shared::problem::{self, FieldError, Problem};
use uuid::Uuid;

use super::taking::Layout;
use super::view::{BatchId, BatchStatus, RowOutcome};
use crate::referral::domain::ReferralId;
use crate::schema::referral_batch;
use crate::sheet::cell::plain;
use crate::sheet::{File, RowProblem};

/// A batch as its sender sees it.
#[derive(Debug, Clone, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = referral_batch)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Batch {
    pub id: BatchId,
    pub received_at: DateTime<Utc>,
    pub user_id: UserId,
    pub user_name: String,
    pub agency: String,
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
    pub held_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    pub stopped_by_name: Option<String>,
    pub stopped_because: Option<String>,
    pub not_taken_rows: i32,
}

impl Batch {
    /// How far it is.
    pub fn status(&self) -> BatchStatus {
        if self.stopped_at.is_some() {
            BatchStatus::Stopped
        } else if self.finished_at.is_some() {
            BatchStatus::Done
        } else if self.held_at.is_some() {
            BatchStatus::Held
        } else {
            BatchStatus::Working
        }
    }

    /// # Errors
    /// Why it can't be stopped, in words.
    pub fn may_be_stopped(&self) -> Result<(), &'static str> {
        match self.status() {
            BatchStatus::Working | BatchStatus::Held => Ok(()),
            BatchStatus::Stopped => Err("the file has been stopped already"),
            BatchStatus::Done => Err("every row of the file has been answered already"),
        }
    }

    /// # Errors
    /// Why it can't go on, in words.
    pub fn may_be_resumed(&self) -> Result<(), &'static str> {
        match self.status() {
            BatchStatus::Held => Ok(()),
            BatchStatus::Working => Err("the file is not held: its rows are being taken"),
            BatchStatus::Stopped => Err("the file has been stopped: send again what was not taken"),
            BatchStatus::Done => Err("every row of the file has been answered already"),
        }
    }
}

/// By what the sender of a file knows a row: its `referral_key`, and what it calls the referral.
#[derive(Debug, Clone, Default)]
pub struct OwnNumbers {
    /// Which rows made one referral.
    pub referral_key: Option<String>,
    /// What the sender calls that referral, as the row says it.
    pub their_reference: Option<String>,
}

impl OwnNumbers {
    /// As a row's cells say them.
    pub fn of(cells: &[String], columns: &[String]) -> Self {
        // A row that is shorter than the header can't be read by its columns.
        if cells.len() < columns.len() {
            return Self::default();
        }
        let cell = |name: &str| {
            let at = columns.iter().position(|column| column == name)?;
            let said = plain(cells.get(at)?).trim().replace('\0', "\u{FFFD}");
            (!said.is_empty()).then_some(said)
        };
        Self { referral_key: cell("referral_key"), their_reference: cell("their_reference") }
    }
}

/// What became of a row.
#[derive(Debug)]
pub struct RowResult {
    /// Its number.
    pub row: i32,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The referral it became or belongs to, and its reference; none if it was not taken.
    pub referral: Option<(ReferralId, String)>,
    /// By what its sender knows it.
    pub own: OwnNumbers,
    /// The earlier referral, if it was refused because its sender's agency has sent it before.
    pub already_sent_as: Option<String>,
    /// What there is to say of it.
    pub problems: Vec<RowProblem>,
    /// Its cells, if it was not taken.
    pub content: Option<Vec<String>>,
}

/// How many rows of a chunk became what.
#[derive(Debug)]
pub struct Counts {
    taken: usize,
    refused: usize,
    not_taken: usize,
    warned: usize,
    referrals: usize,
}

impl Counts {
    /// Of these results, from so many referrals.
    pub fn of(results: &[RowResult], referrals: usize) -> Self {
        let of = |outcome| results.iter().filter(move |result| result.outcome == outcome);
        let warned = of(RowOutcome::Taken).filter(|result| !result.problems.is_empty()).count();
        let [taken, refused, not_taken] = RowOutcome::ALL.map(|outcome| of(outcome).count());
        Self { taken, refused, not_taken, warned, referrals }
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Codes as they are kept.
pub fn words(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.as_str().to_owned()).collect()
}

/// Keeps a new batch: for its sender all of it, for those who may stop it how far it is. Its chunks are kept by [`super::chunk::insert`].
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    layout: &Layout,
    file: &File,
    digest: &[u8],
    sender: &Actor,
    kept_until: DateTime<Utc>,
) -> Result<(), Problem> {
    use referral_batch::dsl;
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
            dsl::token_made_at.eq(sender.token_made_at),
            dsl::believed_at.eq(Utc::now()),
            dsl::on_behalf_of.eq(&sender.on_behalf_of),
            dsl::separator.eq(char::from(layout.separator).to_string()),
            dsl::header.eq(&layout.columns),
            dsl::row_count.eq(number(file.rows)),
            dsl::chunks_left.eq(number(file.chunks.len())),
            dsl::warnings.eq(warnings(&file.warnings)?),
            dsl::kept_until.eq(kept_until),
            dsl::content_digest.eq(digest),
            dsl::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let grant = |scope: String, view| Grant {
        record: layout.id.0,
        kind: "batch",
        scope,
        view,
        state: "batch",
        sort_at: layout.received_at,
    };
    let grants = [
        grant(format!("user:{}", sender.user), View::Full),
        grant(format!("agency:{}", sender.agency), View::Status),
        grant("front-door".to_owned(), View::Status),
        grant("administration".to_owned(), View::Status),
    ];
    access::grant(connection, &grants).await
}

/// The last batch of the sender's agency whose file had the same bytes, and when it came.
///
/// # Errors
/// As the database says.
pub async fn same_file(
    connection: &mut AsyncPgConnection,
    sender: &Actor,
    digest: &[u8],
) -> Result<Option<(BatchId, DateTime<Utc>)>, Problem> {
    use referral_batch::dsl;
    let same = dsl::referral_batch
        .filter(dsl::agency.eq(sender.agency.as_str()).and(dsl::content_digest.eq(digest)))
        .order((dsl::received_at.desc(), dsl::id.desc()))
        .select((dsl::id, dsl::received_at));
    Ok(same.first(connection).await.optional()?)
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
            "number": result.row, "outcome": result.outcome,
            "referral_id": result.referral.as_ref().map(|(id, _)| id),
            "reference": result.referral.as_ref().map(|(_, reference)| reference),
            "problems": result.problems, "content": content,
            "referral_key": result.own.referral_key, "their_reference": result.own.their_reference,
            "already_sent_as": result.already_sent_as,
        })
    });
    diesel::sql_query(
        "INSERT INTO referral_batch_row (batch_id, number, outcome, referral_id, reference, problems, content, referral_key,
             their_reference, already_sent_as)
         SELECT $1, r.number, r.outcome, r.referral_id, r.reference, r.problems, r.content, r.referral_key, r.their_reference,
             r.already_sent_as
         FROM jsonb_to_recordset($2) AS r(number integer, outcome text, referral_id uuid, reference text, problems jsonb,
             content text[], referral_key text, their_reference text, already_sent_as text)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Jsonb, _>(Value::Array(rows.collect()))
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts a chunk as done; the last one ends the batch. Its rows are not taken if the batch was held or stopped while they were.
///
/// # Errors
/// 503 then: the chunk is answered otherwise, or later. As the database says.
pub async fn count(
    connection: &mut AsyncPgConnection,
    id: BatchId,
    counts: &Counts,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let counted = diesel::sql_query(
        "UPDATE referral_batch SET taken_rows = taken_rows + $2, refused_rows = refused_rows + $3,
             warned_rows = warned_rows + $4, referrals = referrals + $5, chunks_left = chunks_left - 1,
             finished_at = CASE WHEN chunks_left = 1 THEN $6 END, not_taken_rows = not_taken_rows + $7,
             version = version + 1
         WHERE id = $1 AND ($7 > 0 OR (held_at IS NULL AND stopped_at IS NULL))",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Integer, _>(number(counts.taken))
    .bind::<Integer, _>(number(counts.refused))
    .bind::<Integer, _>(number(counts.warned))
    .bind::<Integer, _>(number(counts.referrals))
    .bind::<Timestamptz, _>(now)
    .bind::<Integer, _>(number(counts.not_taken))
    .prepared()
    .execute(connection)
    .await?;
    let meanwhile = || Problem::new(problem::UNAVAILABLE).detail("the batch was held or stopped meanwhile");
    if counted == 1 { Ok(()) } else { Err(meanwhile()) }
}

/// A batch, as far as it is.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: BatchId) -> Result<Batch, Problem> {
    let row = referral_batch::table.find(id).select(Batch::as_select());
    row.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// One's own batch, whose rows one sees too.
///
/// # Errors
/// 404 if somebody else sent it.
pub async fn find_own(connection: &mut AsyncPgConnection, id: BatchId, sender: &Actor) -> Result<Batch, Problem> {
    let batch = find(connection, id).await?;
    if batch.user_id == sender.user { Ok(batch) } else { Err(Problem::not_found()) }
}

/// A batch, locked until the transaction ends: no chunk of it is counted meanwhile.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: BatchId) -> Result<Batch, Problem> {
    let row = referral_batch::table.find(id).select(Batch::as_select()).for_update();
    row.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// The list behind `GET /v1/referral-batches`, newest first.
pub const LIST: Listing = Listing::new("batch", "b.*", "JOIN referral_batch b ON b.id = page.record_id");

/// A page of the batches of these scopes, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Batch>, Problem> {
    LIST.page(connection, &Asked { scopes, states: None, filter: None, after, limit }).await
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
    #[diesel(sql_type = Nullable<Text>)]
    pub referral_key: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub their_reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub already_sent_as: Option<String>,
}

/// The statement behind the rows of a batch, of one outcome; for all, without that condition.
pub const ROWS: &str = "\
SELECT number, outcome, referral_id, reference, problems, content, referral_key, their_reference, already_sent_as
FROM referral_batch_row
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
