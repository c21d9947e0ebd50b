//! Sign-ins and users whose tokens are no longer believed.

use std::collections::HashMap;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::AccessClaims;

/// After this long without word from the gateway, nobody is believed.
const BLIND_AFTER: Duration = Duration::from_secs(30);

/// What is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokedKind {
    /// One sign-in.
    Session,
    /// Everything a user or client holds.
    Subject,
}

/// One revocation: tokens of `id` made at or before `at` are refused.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Revocation {
    /// What is revoked.
    pub kind: RevokedKind,
    /// The session's, user's or client's id.
    pub id: Uuid,
    /// From when on.
    pub at: DateTime<Utc>,
}

/// The gateway's feed: every revocation that an unexpired token might still meet.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RevocationFeed {
    /// The revocations.
    pub items: Vec<Revocation>,
}

/// What a process knows of revocations, and since when.
#[derive(Default)]
pub struct Revocations {
    known: RwLock<Option<(Instant, HashMap<Uuid, i64>)>>,
}

impl Revocations {
    /// Takes in the feed.
    pub fn learn(&self, feed: &RevocationFeed) {
        let mut revoked = HashMap::new();
        for item in &feed.items {
            let at = item.at.timestamp();
            let latest = revoked.entry(item.id).or_insert(at);
            *latest = (*latest).max(at);
        }
        if let Ok(mut known) = self.known.write() {
            *known = Some((Instant::now(), revoked));
        }
    }

    /// Whether the gateway was heard of lately enough to believe anyone.
    pub fn is_current(&self) -> bool {
        self.known.read().is_ok_and(|known| known.as_ref().is_some_and(|(at, _)| at.elapsed() < BLIND_AFTER))
    }

    /// Every sign-in, user and client that was revoked of late, and when, in seconds since 1970; nothing, if the gateway
    /// was not heard of lately enough to know.
    pub fn revoked(&self) -> Option<Vec<(Uuid, i64)>> {
        let known = self.known.read().ok()?;
        let (at, revoked) = known.as_ref()?;
        (at.elapsed() < BLIND_AFTER).then(|| revoked.iter().map(|(id, at)| (*id, *at)).collect())
    }

    /// Whether the token's sign-in, user or client was revoked after it was made.
    pub fn is_revoked(&self, claims: &AccessClaims) -> bool {
        self.known.read().map_or(true, |known| {
            known.as_ref().is_none_or(|(_, revoked)| {
                [claims.sid, claims.sub].iter().any(|id| revoked.get(id).is_some_and(|at| claims.iat <= *at))
            })
        })
    }
}
