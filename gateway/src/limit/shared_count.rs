//! Counts in Redis, which all replicas share.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::WINDOW;

/// How long a request waits for Redis before it is counted here instead.
const WAIT: Duration = Duration::from_millis(50);
/// How long Redis is left alone after it failed to answer.
const REST: Duration = Duration::from_secs(1);

/// Redis, or nothing while it is away.
pub struct SharedCount {
    redis: Option<ConnectionManager>,
    away_until: Mutex<Option<Instant>>,
}

impl SharedCount {
    /// Connects when first asked.
    ///
    /// # Errors
    /// If the address is no Redis address.
    pub fn new(url: Option<&str>) -> Result<Self, String> {
        let connect = |url: &str| {
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(Duration::from_millis(500)))
                .set_response_timeout(Some(WAIT))
                .set_number_of_retries(1);
            redis::Client::open(url)
                .and_then(|client| ConnectionManager::new_lazy_with_config(client, config))
                .map_err(|error| format!("THRESHOLD_REDIS_URL: {error}"))
        };
        Ok(Self { redis: url.map(connect).transpose()?, away_until: Mutex::default() })
    }

    /// Adds to a count of this window and says what it is now; none if Redis is not there.
    pub async fn add(&self, name: &str, by: u64) -> Option<u64> {
        let mut redis = self.redis.clone()?;
        if self.away_until.lock().is_ok_and(|until| until.is_some_and(|until| Instant::now() < until)) {
            return None;
        }
        let mut both = redis::pipe();
        both.incr(name, by).expire(name, i64::try_from(2 * WINDOW).unwrap_or(120)).ignore();
        let counted: Result<Result<(u64,), _>, _> = tokio::time::timeout(WAIT, both.query_async(&mut redis)).await;
        let count = match counted {
            Ok(Ok((count,))) => Some(count),
            Ok(Err(error)) => {
                tracing::warn!(cause = %error, "limits are counted without Redis");
                None
            }
            Err(_elapsed) => {
                tracing::warn!("limits are counted without Redis: it did not answer in time");
                None
            }
        };
        if let Ok(mut until) = self.away_until.lock() {
            *until = if count.is_none() { Some(Instant::now() + REST) } else { None };
        }
        count
    }
}
