//! The audit row of a request, written in the request's own transaction; and the
//! sequencer that numbers committed rows and files them by person.

use std::time::Duration;

use aws_lc_rs::rand;
use chrono::Utc;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bytea, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::actor::Actor;
use crate::auth::CallingService;
use crate::db::{KeepPrepared, Pool};
use crate::id::UserId;
use crate::problem::{self, Problem};

/// What is to be said of a request.
#[derive(Debug, Default)]
pub struct Entry {
    /// The record it was about, if one.
    pub record: Option<Uuid>,
    /// The people it was about, as far as the handler knows them.
    pub people: Vec<Uuid>,
    /// Records whose people it was about: looked up where the row is written.
    pub records: Vec<Uuid>,
}

/// How the request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was refused.
    Refused,
}

/// Writes the row. The instant is the machine's, not the business clock's.
///
/// # Errors
/// 503: what can't be audited is not done and not shown.
pub async fn write(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    trace: Option<&str>,
    action: &str,
    outcome: Outcome,
    status: u16,
    entry: &Entry,
) -> Result<(), Problem> {
    let mut salt = [0u8; 16];
    rand::fill(&mut salt).map_err(|_| Problem::internal(&"no randomness for the audit salt"))?;
    sql_query(
        "INSERT INTO audit_entry (id, at, actor_id, actor_name, agency, on_behalf_of, session_id, token_id, \
         action, outcome, status, record_id, subjects, trace, salt) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         ARRAY(SELECT unnest($13) UNION SELECT person_id FROM record_subject WHERE record_id = ANY($14)), $15, $16",
    )
    .bind::<SqlUuid, _>(Uuid::now_v7())
    .bind::<Timestamptz, _>(Utc::now())
    .bind::<SqlUuid, _>(actor.user)
    .bind::<Text, _>(&actor.name)
    .bind::<Text, _>(actor.agency.as_str())
    .bind::<Nullable<Text>, _>(actor.on_behalf_of.as_deref())
    .bind::<SqlUuid, _>(actor.session)
    .bind::<SqlUuid, _>(actor.token)
    .bind::<Text, _>(action)
    .bind::<Text, _>(match outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    })
    .bind::<SmallInt, _>(i16::try_from(status).unwrap_or(i16::MAX))
    .bind::<Nullable<SqlUuid>, _>(entry.record)
    .bind::<Array<SqlUuid>, _>(&entry.people)
    .bind::<Array<SqlUuid>, _>(&entry.records)
    .bind::<Nullable<Text>, _>(trace)
    .bind::<Bytea, _>(salt.as_slice())
    .prepared()
    .execute(connection)
    .await
    .map(|_| ())
    .map_err(|error| {
        tracing::error!(cause = %error, "audit row not written");
        Problem::new(problem::UNAVAILABLE).detail("the request could not be recorded, so it was not carried out")
    })
}

/// Writes the row of what another process of ours did on its own account, under its name.
///
/// # Errors
/// 503: what can't be audited is not shown.
pub async fn write_for_service(
    connection: &mut AsyncPgConnection,
    caller: &CallingService,
    action: &str,
    entry: &Entry,
) -> Result<(), Problem> {
    let actor = Actor {
        user: UserId(Uuid::nil()),
        name: caller.0.clone(),
        agency: "threshold".parse().map_err(|error| Problem::internal(&error))?,
        roles: Vec::new(),
        localities: Vec::new(),
        teams: Vec::new(),
        session: Uuid::nil(),
        token: Uuid::nil(),
        token_made_at: 0,
        on_behalf_of: None,
        bearer: String::new(),
        trace: None,
    };
    write(connection, &actor, None, action, Outcome::Done, 200, entry).await
}

/// How many rows the sequencer takes at a time.
const BATCH: i64 = 1000;
/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_millis(250);
/// The lock that makes it one among many replicas.
const LOCK: i64 = 7_461_283_202;

/// Numbers committed audit rows and files them by person, for ever. Safe with many replicas.
pub async fn run_sequencer(pool: Pool) {
    loop {
        let done = match pool.get().await {
            Ok(mut connection) => sequence(&mut connection).await.unwrap_or_else(|error| {
                tracing::warn!(cause = %error, "audit sequencer");
                0
            }),
            Err(_) => 0,
        };
        if done < BATCH {
            tokio::time::sleep(REST).await;
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// One batch, in one transaction. The answer is how many rows were numbered.
async fn sequence(connection: &mut AsyncPgConnection) -> Result<i64, diesel::result::Error> {
    // Asked first, so that an idle system does not write four times a second.
    let waiting: Count =
        sql_query("SELECT count(*) AS count FROM (SELECT 1 FROM audit_entry WHERE sequence IS NULL LIMIT 1) w")
            .prepared()
            .get_result(connection)
            .await?;
    if waiting.count == 0 {
        return Ok(0);
    }
    connection
        .transaction(async |connection| {
            sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(connection).await?;
            let count: Count = sql_query(
                "WITH fresh AS (
                     SELECT at, id, subjects, row_number() OVER (ORDER BY at, id) AS n
                     FROM (SELECT at, id, subjects FROM audit_entry WHERE sequence IS NULL ORDER BY at LIMIT $1) e
                 ), numbered AS (
                     UPDATE audit_entry a SET sequence = s.last + f.n
                     FROM fresh f, audit_sequence s WHERE a.at = f.at AND a.id = f.id
                 ), filed AS (
                     INSERT INTO audit_subject (person_id, at, entry_id)
                     SELECT DISTINCT unnest(subjects), at, id FROM fresh ON CONFLICT DO NOTHING
                 ), counted AS (
                     UPDATE audit_sequence SET last = last + (SELECT count(*) FROM fresh)
                 )
                 SELECT count(*) AS count FROM fresh",
            )
            .bind::<BigInt, _>(BATCH)
            .get_result(connection)
            .await?;
            Ok(count.count)
        })
        .await
}
