//! The rows that wait, and whoever sent them.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::{Actor, Role, Word};
use shared::db::KeepPrepared;
use shared::id::UserId;
use shared::problem::Problem;
use uuid::Uuid;

use super::taking::Layout;
use super::view::BatchId;
use crate::schema::{referral_batch, referral_batch_chunk};
use crate::sheet::Group;

/// Keeps the rows that wait.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, id: BatchId, chunks: &[Vec<Group>]) -> Result<(), Problem> {
    use referral_batch_chunk::dsl;
    for (chunk, n) in chunks.iter().zip(0i32..) {
        let content = serde_json::to_string(chunk).map_err(|error| Problem::internal(&error))?;
        let row = (dsl::batch_id.eq(id), dsl::n.eq(n), dsl::content.eq(content));
        diesel::insert_into(dsl::referral_batch_chunk).values(row).execute(connection).await?;
    }
    Ok(())
}

/// A chunk that waits.
#[derive(Debug, QueryableByName)]
pub struct Chunk {
    #[diesel(sql_type = Integer)]
    pub n: i32,
    #[diesel(sql_type = Text)]
    pub content: String,
    #[diesel(sql_type = SmallInt)]
    pub failures: i16,
}

/// The next chunk of a batch that nobody works on, locked until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn next(connection: &mut AsyncPgConnection, id: BatchId) -> Result<Option<Chunk>, Problem> {
    let statement = "SELECT n, content, failures FROM referral_batch_chunk WHERE batch_id = $1 \
                     ORDER BY n LIMIT 1 FOR UPDATE SKIP LOCKED";
    let rows: Vec<Chunk> = diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    Ok(rows.into_iter().next())
}

/// Removes a chunk that has been taken, and its words with it.
///
/// # Errors
/// As the database says.
pub async fn remove(connection: &mut AsyncPgConnection, id: BatchId, n: i32) -> Result<(), Problem> {
    diesel::delete(referral_batch_chunk::table.find((id, n))).execute(connection).await?;
    Ok(())
}

/// Remembers that a chunk could not be taken.
///
/// # Errors
/// As the database says.
pub async fn failed(connection: &mut AsyncPgConnection, id: BatchId, n: i32) -> Result<(), Problem> {
    use referral_batch_chunk::dsl;
    let chunk = dsl::referral_batch_chunk.find((id, n));
    diesel::update(chunk).set(dsl::failures.eq(dsl::failures + 1)).execute(connection).await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = referral_batch)]
struct Waiting {
    id: BatchId,
    received_at: DateTime<Utc>,
    user_id: UserId,
    user_name: String,
    agency: String,
    roles: Vec<String>,
    localities: Vec<String>,
    teams: Vec<String>,
    session_id: Uuid,
    token_id: Uuid,
    token_made_at: Option<i64>,
    on_behalf_of: Option<String>,
    separator: String,
    header: Vec<String>,
    stopped_because: Option<String>,
}

/// A batch with rows to be answered.
#[derive(Debug)]
pub struct Open {
    /// Whoever sent it, as their token said.
    pub sender: Actor,
    /// How it is read.
    pub batch: Layout,
    /// Why its rows are no longer taken, if it was stopped.
    pub stopped: Option<String>,
}

/// Whether any batch is not done; as the worker role.
///
/// # Errors
/// As the database says.
pub async fn any_open(connection: &mut AsyncPgConnection) -> Result<bool, Problem> {
    use referral_batch::dsl;
    let open = diesel::select(exists(dsl::referral_batch.filter(dsl::finished_at.is_null())));
    Ok(open.get_result(connection).await?)
}

/// Batches that are neither done nor held, the oldest first; as the worker role.
///
/// # Errors
/// As the database says; 500 if a row holds what this program does not know.
pub async fn waiting(connection: &mut AsyncPgConnection, limit: i64) -> Result<Vec<Open>, Problem> {
    use referral_batch::dsl;
    let open = dsl::referral_batch
        .filter(dsl::finished_at.is_null())
        .filter(dsl::held_at.is_null().or(dsl::stopped_at.is_not_null()))
        .order((dsl::received_at, dsl::id))
        .limit(limit);
    let rows: Vec<Waiting> = open.select(Waiting::as_select()).load(connection).await?;
    rows.into_iter().map(Waiting::open).collect()
}

impl Waiting {
    fn open(self) -> Result<Open, Problem> {
        let unknown = || Problem::internal(&"a batch whose sender can't be read");
        let word = |text: &String| text.parse::<Word>().map_err(|_| unknown());
        let roles: Result<Vec<Role>, Problem> =
            self.roles.iter().map(|role| role.parse().map_err(|()| unknown())).collect();
        let sender = Actor {
            user: self.user_id,
            name: self.user_name,
            agency: word(&self.agency)?,
            roles: roles?,
            localities: self.localities.iter().map(word).collect::<Result<_, _>>()?,
            teams: self.teams.iter().map(word).collect::<Result<_, _>>()?,
            session: self.session_id,
            token: self.token_id,
            token_made_at: self.token_made_at.unwrap_or(0),
            on_behalf_of: self.on_behalf_of,
            bearer: String::new(),
            trace: None,
        };
        let separator = self.separator.bytes().next().ok_or_else(unknown)?;
        let batch = Layout { id: self.id, received_at: self.received_at, separator, columns: self.header };
        Ok(Open { sender, batch, stopped: self.stopped_because })
    }
}

/// Forgets the words of refused rows, and by what their sender knows rows, past their time, as the worker role. The answer is of how many batches.
///
/// # Errors
/// As the database says.
pub async fn forget(connection: &mut AsyncPgConnection, now: DateTime<Utc>, limit: i64) -> Result<usize, Problem> {
    Ok(diesel::sql_query(
        "WITH past AS (
             SELECT id FROM referral_batch WHERE kept_until <= $1 AND NOT emptied AND finished_at IS NOT NULL
             ORDER BY kept_until LIMIT $2 FOR UPDATE SKIP LOCKED
         ), forgotten AS (
             UPDATE referral_batch_row r SET content = NULL, referral_key = NULL, their_reference = NULL FROM past p
             WHERE r.batch_id = p.id AND num_nonnulls(r.content, r.referral_key, r.their_reference) > 0
         )
         UPDATE referral_batch b SET emptied = true FROM past p WHERE b.id = p.id",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .execute(connection)
    .await?)
}
