//! What work that no request asks for stands on: the relay, consumers, the sequencer, clocks.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use uuid::Uuid;

use crate::auth::Verifier;
use crate::clock::Clock;
use crate::code::SharedRules;
use crate::db::{Connection, Pool};
use crate::problem::{self, Problem};
use crate::service::Service;

/// What background work needs: connections of the worker role, and Redis if there is one.
#[derive(Clone)]
pub struct Background {
    name: &'static str,
    url: String,
    pool: Pool,
    redis: Option<redis::Client>,
    clock: Clock,
    acting: Option<Service>,
    verifier: Option<Arc<Verifier>>,
}

/// Connections by which background work acts for users.
const ACTING: usize = 4;

impl Background {
    /// Background work of the process `name`.
    ///
    /// # Errors
    /// If the pool or the Redis address is unusable.
    pub fn new(name: &'static str, worker_url: &str, redis_url: Option<&str>, clock: Clock) -> Result<Self, String> {
        let pool = crate::db::pool(worker_url, 8)?;
        let redis =
            redis_url.map(redis::Client::open).transpose().map_err(|error| format!("THRESHOLD_REDIS_URL: {error}"))?;
        Ok(Self { name, url: worker_url.to_owned(), pool, redis, clock, acting: None, verifier: None })
    }

    /// Lets background work go on with what users asked for, by the web role and under their own rights.
    ///
    /// # Errors
    /// If the pool is unusable.
    pub fn acting(mut self, web_url: &str, rules: SharedRules) -> Result<Self, String> {
        self.acting = Some(Service::new(crate::db::pool(web_url, ACTING)?, self.clock.clone(), rules));
        Ok(self)
    }

    /// Lets background work know whose rights have been revoked since they asked for it.
    pub fn believing(mut self, verifier: Arc<Verifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// Which users and clients were revoked of late, and when, in seconds since 1970; nothing, while that is not known.
    pub fn revoked(&self) -> Option<Vec<(Uuid, i64)>> {
        self.verifier.as_ref()?.revoked()
    }

    /// The service as the web role has it; see [`Service::carry_on`].
    ///
    /// # Errors
    /// 500 if the process gave it none.
    pub fn service(&self) -> Result<&Service, Problem> {
        self.acting.as_ref().ok_or_else(|| Problem::internal(&"no service for background work"))
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
