//! What work that no request asks for stands on: the relay, consumers, the sequencer, clocks.

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use crate::clock::Clock;
use crate::db::{Connection, Pool};
use crate::problem::{self, Problem};

/// What background work needs: connections of the worker role, and Redis if there is one.
#[derive(Clone)]
pub struct Background {
    name: &'static str,
    url: String,
    pool: Pool,
    redis: Option<redis::Client>,
    clock: Clock,
}

impl Background {
    /// Background work of the process `name`.
    ///
    /// # Errors
    /// If the pool or the Redis address is unusable.
    pub fn new(name: &'static str, worker_url: &str, redis_url: Option<&str>, clock: Clock) -> Result<Self, String> {
        let pool = crate::db::pool(worker_url, 8)?;
        let redis =
            redis_url.map(redis::Client::open).transpose().map_err(|error| format!("THRESHOLD_REDIS_URL: {error}"))?;
        Ok(Self { name, url: worker_url.to_owned(), pool, redis, clock })
    }

    /// Which process this is.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The worker role's pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// A connection on loan.
    ///
    /// # Errors
    /// 503.
    pub async fn connection(&self) -> Result<Connection, Problem> {
        self.pool.get().await.map_err(|error| {
            tracing::warn!(cause = %error, "no database connection");
            Problem::new(problem::UNAVAILABLE)
        })
    }

    /// A connection of one's own, for work that holds a session's lock.
    ///
    /// # Errors
    /// One line that says why there is none.
    pub async fn own_connection(&self) -> Result<AsyncPgConnection, String> {
        AsyncPgConnection::establish(&self.url).await.map_err(|error| error.to_string())
    }

    /// Redis, if this process has it.
    pub fn redis(&self) -> Option<&redis::Client> {
        self.redis.as_ref()
    }

    /// The business time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
