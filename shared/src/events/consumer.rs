//! The consumer: applies another service's events, each exactly once.
//!
//! An effect and the position it brings the consumer to are committed together. The Redis
//! Stream is read first because it is fast; on a gap, an empty stream, a new epoch or no
//! Redis at all, the log itself is read over HTTP.

use std::time::Duration;

use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures::future::BoxFuture;
use redis::aio::MultiplexedConnection;
use redis::streams::StreamReadReply;
use uuid::Uuid;

use super::relay::stream_key;
use super::{CloudEvent, EventPage};
use crate::background::Background;
use crate::client::Peer;

/// Why an event could not be applied.
#[derive(Debug)]
pub enum Failure {
    /// Trying again may help: the database is away, a lock was lost.
    Passing(String),
    /// Trying again won't help: the event says what this service can't accept.
    Lasting(String),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error};
        match &error {
            Error::DatabaseError(
                DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::UniqueViolation,
                _,
            ) => Failure::Lasting(error.to_string()),
            _ => Failure::Passing(error.to_string()),
        }
    }
}

/// What a service does with another's events.
pub trait Apply: Send + Sync + 'static {
    /// The consumer's name: its position and its dead letters stand under it.
    fn name(&self) -> &'static str;

    /// Applies one event in the transaction at hand. No calls to other processes from here.
    fn apply<'a>(
        &'a self,
        connection: &'a mut AsyncPgConnection,
        event: &'a CloudEvent,
    ) -> BoxFuture<'a, Result<(), Failure>>;
}

/// How long a read of the stream waits for news; also how often the log is asked when idle.
const IDLE: Duration = Duration::from_millis(1000);
/// How long to wait after a failure, or for one's turn.
const WAIT: Duration = Duration::from_millis(500);
/// An event that fails this often for a lasting reason is put aside.
const TRIES: u32 = 3;

#[derive(diesel::QueryableByName)]
struct Position {
    #[diesel(sql_type = SqlUuid)]
    epoch: Uuid,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

#[derive(diesel::QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Consumes the events of `source` for ever.
pub async fn run(background: Background, source: Peer, handler: impl Apply) {
    loop {
        if let Err(cause) = turn(&background, &source, &handler).await {
            tracing::warn!(cause, consumer = handler.name(), "consumer interrupted");
        }
        tokio::time::sleep(WAIT).await;
    }
}

/// Waits for the consumer's lock, then consumes until something fails.
async fn turn(background: &Background, source: &Peer, handler: &impl Apply) -> Result<(), String> {
    let mut connection = background.own_connection().await?;
    loop {
        let lock: Yes = sql_query("SELECT pg_try_advisory_lock(hashtextextended($1, 7461283)) AS yes")
            .bind::<Text, _>(handler.name())
            .get_result(&mut connection)
            .await
            .map_err(text)?;
        if lock.yes {
            break;
        }
        tokio::time::sleep(WAIT).await;
    }
    let mut redis: Option<MultiplexedConnection> = None;
    let mut at = read_position(&mut connection, handler.name()).await.map_err(text)?;
    catch_up(&mut connection, source, handler, &mut at).await?;
    loop {
        let fresh = match read_stream(background, source, &mut redis, &at).await {
            Ok(events) => events,
            Err(cause) => {
                tracing::debug!(cause, "stream not read");
                redis = None;
                tokio::time::sleep(WAIT).await;
                Vec::new()
            }
        };
        let mut whole = !fresh.is_empty();
        for event in &fresh {
            if event.epoch != at.epoch || event.position != at.position + 1 {
                whole = false;
                break;
            }
            take(&mut connection, handler, event, &mut at).await?;
        }
        if !whole {
            // Read anew, not remembered: a rebuild may have emptied the place, and a connection that
            // was lost shows here, also when there is no news.
            at = read_position(&mut connection, handler.name()).await.map_err(text)?;
            catch_up(&mut connection, source, handler, &mut at).await?;
        }
    }
}

fn text(error: diesel::result::Error) -> String {
    error.to_string()
}

async fn read_position(connection: &mut AsyncPgConnection, consumer: &str) -> Result<Position, diesel::result::Error> {
    let found: Vec<Position> = sql_query("SELECT epoch, position FROM consumer_position WHERE consumer = $1")
        .bind::<Text, _>(consumer)
        .load(connection)
        .await?;
    Ok(found.into_iter().next().unwrap_or(Position { epoch: Uuid::nil(), position: 0 }))
}

/// Reads the log from where the consumer stands to its head. A new epoch is read from its
/// beginning; events already had are passed over by their id.
async fn catch_up(
    connection: &mut AsyncPgConnection,
    source: &Peer,
    handler: &impl Apply,
    at: &mut Position,
) -> Result<(), String> {
    loop {
        let page: EventPage = source.get(&format!("/internal/events?after={}", at.position)).await?;
        if page.epoch.is_nil() {
            return Ok(());
        }
        if page.epoch != at.epoch {
            tracing::info!(consumer = handler.name(), epoch = %page.epoch, "reading a new epoch from its beginning");
            *at = Position { epoch: page.epoch, position: 0 };
            store_position(connection, handler.name(), at).await.map_err(text)?;
            continue;
        }
        if page.events.is_empty() {
            return Ok(());
        }
        for event in &page.events {
            take(connection, handler, event, at).await?;
        }
    }
}

async fn store_position(
    connection: &mut AsyncPgConnection,
    consumer: &str,
    at: &Position,
) -> Result<(), diesel::result::Error> {
    sql_query(
        "INSERT INTO consumer_position (consumer, epoch, position) VALUES ($1, $2, $3) \
         ON CONFLICT (consumer) DO UPDATE SET epoch = excluded.epoch, position = excluded.position",
    )
    .bind::<Text, _>(consumer)
    .bind::<SqlUuid, _>(at.epoch)
    .bind::<BigInt, _>(at.position)
    .execute(connection)
    .await?;
    Ok(())
}

/// Applies one event, or puts it aside, and moves the position: one transaction.
async fn take(
    connection: &mut AsyncPgConnection,
    handler: &impl Apply,
    event: &CloudEvent,
    at: &mut Position,
) -> Result<(), String> {
    let next = Position { epoch: at.epoch, position: event.position };
    let mut tries = 0;
    loop {
        let applied: Result<(), Failure> = connection
            .transaction(async |connection| {
                store_position(connection, handler.name(), &next).await?;
                let first =
                    sql_query("INSERT INTO consumed_event (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                        .bind::<Text, _>(handler.name())
                        .bind::<SqlUuid, _>(event.id)
                        .execute(connection)
                        .await?;
                if first == 0 {
                    return Ok(());
                }
                let held: Yes = sql_query(
                    "SELECT EXISTS (SELECT 1 FROM dead_letter WHERE consumer = $1 AND aggregate_id = $2) AS yes",
                )
                .bind::<Text, _>(handler.name())
                .bind::<SqlUuid, _>(event.subject)
                .get_result(connection)
                .await?;
                if held.yes {
                    return put_aside(connection, handler.name(), event, "waits behind an earlier event").await;
                }
                handler.apply(connection, event).await
            })
            .await;
        match applied {
            Ok(()) => break,
            Err(Failure::Passing(cause)) => return Err(cause),
            Err(Failure::Lasting(cause)) => {
                tries += 1;
                tracing::error!(cause, event = %event.id, kind = event.kind, tries, "event not applied");
                if tries >= TRIES {
                    connection
                        .transaction(async |connection| {
                            store_position(connection, handler.name(), &next).await?;
                            sql_query("INSERT INTO consumed_event (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                                .bind::<Text, _>(handler.name())
                                .bind::<SqlUuid, _>(event.id)
                                .execute(connection)
                                .await?;
                            put_aside(connection, handler.name(), event, &cause).await
                        })
                        .await
                        .map_err(|failure: Failure| format!("{failure:?}"))?;
                    break;
                }
            }
        }
    }
    *at = next;
    Ok(())
}

async fn put_aside(
    connection: &mut AsyncPgConnection,
    consumer: &str,
    event: &CloudEvent,
    why: &str,
) -> Result<(), Failure> {
    let body = serde_json::to_value(event).map_err(|error| Failure::Lasting(error.to_string()))?;
    sql_query(
        "INSERT INTO dead_letter (consumer, event_id, aggregate_id, position, event, error) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(consumer)
    .bind::<SqlUuid, _>(event.id)
    .bind::<SqlUuid, _>(event.subject)
    .bind::<BigInt, _>(event.position)
    .bind::<Jsonb, _>(body)
    .bind::<Text, _>(why)
    .execute(connection)
    .await?;
    Ok(())
}

/// What the stream has after the consumer's position, waiting a little for news.
async fn read_stream(
    background: &Background,
    source: &Peer,
    redis: &mut Option<MultiplexedConnection>,
    at: &Position,
) -> Result<Vec<CloudEvent>, String> {
    let Some(client) = background.redis() else {
        tokio::time::sleep(WAIT).await;
        return Ok(Vec::new());
    };
    if redis.is_none() {
        let config =
            redis::AsyncConnectionConfig::new().set_connection_timeout(Some(WAIT)).set_response_timeout(Some(IDLE * 2));
        let connected = client.get_multiplexed_async_connection_with_config(&config).await;
        *redis = Some(connected.map_err(|error| error.to_string())?);
    }
    let Some(connection) = redis.as_mut() else {
        return Ok(Vec::new());
    };
    let reply: Option<StreamReadReply> = redis::cmd("XREAD")
        .arg("COUNT")
        .arg(200)
        .arg("BLOCK")
        .arg(u64::try_from(IDLE.as_millis()).unwrap_or(1000))
        .arg("STREAMS")
        .arg(stream_key(source.name()))
        .arg(format!("{}-0", at.position))
        .query_async(connection)
        .await
        .map_err(|error| error.to_string())?;
    let entries = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
    entries
        .map(|entry| {
            let body: String = entry.get("event").ok_or_else(|| "an entry without an event".to_owned())?;
            serde_json::from_str(&body).map_err(|error| error.to_string())
        })
        .collect()
}
