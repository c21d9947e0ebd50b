//! The relay: numbers committed events without gaps and copies them to a Redis Stream.
//!
//! PostgreSQL is the log; the stream is a fast copy that may be lost at any time. One relay
//! works at a time (a session's advisory lock); the next takes over when its connection ends.

use std::time::Duration;

use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use uuid::Uuid;

use super::feed::{Epoch, page};
use crate::background::Background;
use crate::db::KeepPrepared;

/// How many events are numbered, or copied, at a time.
const BATCH: i64 = 500;
/// How long the relay rests when there is nothing to do.
const REST: Duration = Duration::from_millis(100);
/// How long it waits after a failure, or for its turn.
const WAIT: Duration = Duration::from_millis(500);
/// About how many events the stream keeps; a consumer further behind reads the log.
const STREAM_LENGTH: usize = 20_000;
/// The relay's advisory lock.
const LOCK: i64 = 7_461_283_203;

/// The stream of a service's events.
pub(super) fn stream_key(service: &str) -> String {
    format!("threshold:events:{service}")
}

#[derive(diesel::QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Relays for ever.
pub async fn run(background: Background) {
    loop {
        if let Err(cause) = turn(&background).await {
            tracing::warn!(cause, "relay interrupted");
        }
        tokio::time::sleep(WAIT).await;
    }
}

/// Waits for the lock, then relays until something fails.
async fn turn(background: &Background) -> Result<(), String> {
    let mut connection = background.own_connection().await?;
    loop {
        let lock: Yes = sql_query("SELECT pg_try_advisory_lock($1) AS yes")
            .bind::<BigInt, _>(LOCK)
            .get_result(&mut connection)
            .await
            .map_err(text)?;
        if lock.yes {
            break;
        }
        tokio::time::sleep(WAIT).await;
    }
    sql_query("INSERT INTO event_epoch (epoch, position) VALUES ($1, 0) ON CONFLICT DO NOTHING")
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .execute(&mut connection)
        .await
        .map_err(text)?;
    let mut copier = Copier { background, redis: None, copied: None };
    loop {
        let (epoch, numbered) = number(&mut connection).await.map_err(text)?;
        if let Err(cause) = copier.copy(&mut connection, &epoch).await {
            // Consumers read the log meanwhile; nothing is late by more than their idle poll.
            tracing::warn!(cause, "events not copied to Redis");
            copier.redis = None;
            copier.copied = None;
            tokio::time::sleep(WAIT).await;
        }
        if numbered < BATCH {
            tokio::time::sleep(REST).await;
        }
    }
}

fn text(error: diesel::result::Error) -> String {
    error.to_string()
}

#[derive(diesel::QueryableByName)]
struct Standing {
    #[diesel(sql_type = SqlUuid)]
    epoch: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = Bool)]
    waiting: bool,
}

/// Gives positions to committed events, in order of `seq`.
///
/// A transaction that began earlier may commit later with a lower `seq`; it is then numbered
/// later. That is right: what must keep its order, events of one aggregate, was ordered by
/// the aggregate's row lock.
async fn number(connection: &mut AsyncPgConnection) -> Result<(Epoch, i64), diesel::result::Error> {
    let current: Standing = sql_query(
        "SELECT epoch, position, EXISTS (SELECT 1 FROM event_log WHERE position IS NULL) AS waiting FROM event_epoch",
    )
    .prepared()
    .get_result(connection)
    .await?;
    if !current.waiting {
        return Ok((Epoch { epoch: current.epoch, position: current.position }, 0));
    }
    connection
        .transaction(async |connection| {
            let before: Epoch =
                sql_query("SELECT epoch, position FROM event_epoch FOR UPDATE").get_result(connection).await?;
            let numbered = sql_query(
                "UPDATE event_log e SET position = $1 + b.n \
                 FROM (SELECT recorded_at, id, row_number() OVER (ORDER BY seq) AS n \
                       FROM (SELECT recorded_at, id, seq FROM event_log WHERE position IS NULL ORDER BY seq LIMIT $2) w) b \
                 WHERE e.recorded_at = b.recorded_at AND e.id = b.id",
            )
            .bind::<BigInt, _>(before.position)
            .bind::<BigInt, _>(BATCH)
            .execute(connection)
            .await?;
            let numbered = i64::try_from(numbered).unwrap_or(BATCH);
            let position = before.position + numbered;
            sql_query("UPDATE event_epoch SET position = $1").bind::<BigInt, _>(position).execute(connection).await?;
            Ok((Epoch { epoch: before.epoch, position }, numbered))
        })
        .await
}

/// Keeps the Redis Stream abreast of the log.
struct Copier<'a> {
    background: &'a Background,
    redis: Option<ConnectionManager>,
    /// The last position in the stream, once known.
    copied: Option<i64>,
}

impl Copier<'_> {
    async fn copy(&mut self, connection: &mut AsyncPgConnection, epoch: &Epoch) -> Result<(), String> {
        let Some(client) = self.background.redis() else {
            return Ok(());
        };
        if self.redis.is_none() {
            let config = redis::aio::ConnectionManagerConfig::new()
                .set_number_of_retries(0)
                .set_connection_timeout(Some(WAIT))
                .set_response_timeout(Some(WAIT));
            let manager = ConnectionManager::new_with_config(client.clone(), config).await;
            self.redis = Some(manager.map_err(|error| error.to_string())?);
        }
        let Some(redis) = self.redis.as_mut() else {
            return Ok(());
        };
        let key = stream_key(self.background.name());
        let mut copied = match self.copied {
            Some(position) => position,
            None => last_in_stream(redis, &key, epoch).await.map_err(|error| error.to_string())?,
        };
        while copied < epoch.position {
            let page = page(connection, self.background.name(), copied, BATCH).await.map_err(text)?;
            let mut pipeline = redis::pipe();
            for event in &page.events {
                let body = serde_json::to_string(event).map_err(|error| error.to_string())?;
                pipeline
                    .cmd("XADD")
                    .arg(&key)
                    .arg("MAXLEN")
                    .arg("~")
                    .arg(STREAM_LENGTH)
                    .arg(format!("{}-0", event.position))
                    .arg("event")
                    .arg(body)
                    .ignore();
            }
            pipeline.query_async::<()>(redis).await.map_err(|error| error.to_string())?;
            copied = page.events.last().map_or(epoch.position, |event| event.position);
        }
        self.copied = Some(copied);
        Ok(())
    }
}

/// The last position the stream holds. A stream of another epoch is removed; an empty one is
/// begun at the log's head, since consumers read what is older from the log.
async fn last_in_stream(redis: &mut ConnectionManager, key: &str, epoch: &Epoch) -> Result<i64, redis::RedisError> {
    let last: redis::streams::StreamRangeReply = redis.xrevrange_count(key, "+", "-", 1).await?;
    let Some(entry) = last.ids.as_slice().first() else {
        return Ok(epoch.position);
    };
    let body: Option<String> = entry.get("event");
    let same = body
        .and_then(|body| serde_json::from_str::<super::CloudEvent>(&body).ok())
        .is_some_and(|event| event.epoch == epoch.epoch && event.position <= epoch.position);
    if same {
        return Ok(entry.id.split('-').next().and_then(|id| id.parse().ok()).unwrap_or(epoch.position));
    }
    let _: () = redis.del(key).await?;
    Ok(epoch.position)
}

/// Begins a new epoch: to be run once after a backup was restored, so that every consumer
/// knows that positions it has seen may now mean other events.
///
/// # Errors
/// The database's own words.
pub async fn new_epoch(worker_url: &str) -> Result<Uuid, String> {
    let mut connection = AsyncPgConnection::establish(worker_url).await.map_err(|error| error.to_string())?;
    let epoch = Uuid::now_v7();
    sql_query("UPDATE event_epoch SET epoch = $1")
        .bind::<SqlUuid, _>(epoch)
        .execute(&mut connection)
        .await
        .map_err(text)?;
    Ok(epoch)
}
