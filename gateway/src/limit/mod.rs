//! How much each caller may ask in a minute.
//!
//! A caller is a user or a client by its verified token, else the address it calls from. Windows
//! are whole minutes of the machine's clock, counted in Redis for all replicas together. So that
//! not every request costs a round trip, a replica takes a hundredth of a window at a time; what it
//! took and did not use is lost to the others until the minute ends. Without Redis each process
//! counts for itself, with limits of the same size, and asks again after a second: with n
//! replicas a caller may then ask up to n times as much, and nobody is refused for Redis' sake.

mod lease;
mod middleware;
mod shared_count;

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use chrono::Utc;
use shared::problem::{self, Problem};
use uuid::Uuid;

use crate::peer::{self, TrustedProxies};
pub use lease::Decision;
use lease::Leases;
pub use middleware::limited;
use shared_count::SharedCount;

/// The length of a window, in seconds.
const WINDOW: u64 = 60;

/// Requests in a minute.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a user or a client whose token is believed (`THRESHOLD_LIMIT_PER_CALLER`).
    pub per_caller: u64,
    /// Of an address without a believed token (`THRESHOLD_LIMIT_PER_ADDRESS`).
    pub per_address: u64,
    /// Failed attempts of an address to sign in or to get a token (`THRESHOLD_LIMIT_FAILED_SIGN_INS`).
    pub failed_sign_ins: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_caller: 6000, per_address: 1200, failed_sign_ins: 60 }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Requests of a user or client.
    Caller,
    /// Requests of an address.
    Address,
    /// Failed attempts of an address.
    FailedSignIns,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Kind::Caller => "caller",
            Kind::Address => "address",
            Kind::FailedSignIns => "failed-sign-ins",
        }
    }
}

/// Who is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A user or client, by id.
    Caller(Uuid),
    /// An address.
    Address(String),
}

/// Counts callers. Clones count together.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    limits: Limits,
    proxies: TrustedProxies,
    leases: Leases,
    counts: SharedCount,
}

impl Limiter {
    /// A limiter that counts in Redis, if there is one.
    ///
    /// # Errors
    /// If the Redis address is unusable.
    pub fn new(limits: Limits, proxies: TrustedProxies, redis: Option<&str>) -> Result<Self, String> {
        let counts = SharedCount::new(redis)?;
        Ok(Self(Arc::new(Inner { limits, proxies, leases: Leases::default(), counts })))
    }

    /// The address a request counts for.
    pub fn source(&self, request: &HttpRequest) -> String {
        peer::source(request, &self.0.proxies)
    }

    fn limit(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Caller => self.0.limits.per_caller,
            Kind::Address => self.0.limits.per_address,
            Kind::FailedSignIns => self.0.limits.failed_sign_ins,
        }
    }

    /// Counts one request, and says whether there was room for it.
    pub async fn check(&self, key: Key) -> Decision {
        let kind = match key {
            Key::Caller(_) => Kind::Caller,
            Key::Address(_) => Kind::Address,
        };
        let limit = self.limit(kind);
        let (window, reset) = window();
        if let Some(decision) = self.0.leases.take(&key, window, limit, reset) {
            return decision;
        }
        let chunk = (limit / 100).max(1);
        let name = match &key {
            Key::Caller(id) => format!("gateway:limit:{}:{}:{window}", kind.name(), id.simple()),
            Key::Address(address) => format!("gateway:limit:{}:{address}:{window}", kind.name()),
        };
        let taken = self.0.counts.add(&name, chunk).await;
        self.0.leases.grant(key, window, limit, chunk, taken, reset)
    }

    /// Whether an address has failed too often in this minute, without counting anything.
    ///
    /// # Errors
    /// 429.
    pub async fn peek(&self, kind: Kind, source: &str) -> Result<(), Problem> {
        let (window, reset) = window();
        let name = format!("gateway:limit:{}:{source}:{window}", kind.name());
        let known = self.0.counts.add(&name, 0).await.unwrap_or(0);
        if known.max(self.0.leases.failures(source, window)) >= self.limit(kind) {
            return Err(too_many(reset));
        }
        Ok(())
    }

    /// Counts a failed attempt.
    pub async fn count(&self, kind: Kind, source: &str) {
        let (window, _) = window();
        self.0.leases.fail(source, window);
        let _ = self.0.counts.add(&format!("gateway:limit:{}:{source}:{window}", kind.name()), 1).await;
    }
}

/// The number of the present window, and the seconds until it ends.
fn window() -> (u64, u64) {
    let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
    (now / WINDOW, WINDOW - now % WINDOW)
}

/// The refusal of one request too many.
fn too_many(reset: u64) -> Problem {
    Problem::new(problem::TOO_MANY).header(RETRY_AFTER, HeaderValue::from(reset))
}

impl Decision {
    /// The refusal, if there was no room.
    ///
    /// # Errors
    /// 429 with `Retry-After`.
    pub fn require(&self) -> Result<(), Problem> {
        if self.allowed { Ok(()) } else { Err(too_many(self.reset)) }
    }

    /// What to tell the caller (draft-ietf-httpapi-ratelimit-headers-10).
    pub fn headers(&self, name: &'static str) -> [(HeaderName, HeaderValue); 2] {
        let value = |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        [
            (HeaderName::from_static("ratelimit-policy"), value(format!("\"{name}\";q={};w={WINDOW}", self.limit))),
            (HeaderName::from_static("ratelimit"), value(format!("\"{name}\";r={};t={}", self.remaining, self.reset))),
        ]
    }
}
