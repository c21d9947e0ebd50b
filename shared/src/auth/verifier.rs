//! Believing, or not, an access token.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::Utc;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use uuid::Uuid;

use crate::auth::{ACCESS_AUDIENCE, AccessClaims, Jwks, KeySet, RevocationFeed, Revocations};
use crate::client::Peer;
use crate::problem::{self, Problem};

/// The `typ` of an access token (RFC 9068).
pub(crate) const TYPE: &str = "at+jwt";
/// How far two machines' clocks may differ, in seconds.
const LEEWAY: i64 = 30;
/// No access token lives longer, whatever it says.
const LONGEST_LIFE: i64 = 600;
/// How often the gateway is asked for keys and revocations.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// Verifies access tokens: signature, type, issuer, audience, times, then revocation.
pub struct Verifier {
    issuer: String,
    keys: RwLock<Arc<KeySet>>,
    revocations: Revocations,
}

impl Verifier {
    /// A verifier that believes nobody until it has learnt keys.
    pub fn new(issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), keys: RwLock::default(), revocations: Revocations::default() }
    }

    /// The public address of the gateway, which issues the tokens: where links for people begin.
    pub fn issuer(&self) -> &str {
        self.issuer.trim_end_matches('/')
    }

    /// Takes in the gateway's keys. Only this set is ever used: what a token's header says of
    /// keys (`jku`, `x5u`, `jwk`) is not looked at.
    pub fn learn_keys(&self, jwks: &Jwks) {
        if let Ok(mut keys) = self.keys.write() {
            *keys = Arc::new(KeySet::from_jwks(jwks));
        }
    }

    /// Takes in the gateway's revocations.
    pub fn learn_revocations(&self, feed: &RevocationFeed) {
        self.revocations.learn(feed);
    }

    /// Who was revoked of late; see [`Revocations::revoked`].
    pub fn revoked(&self) -> Option<Vec<(Uuid, i64)>> {
        self.revocations.revoked()
    }

    /// Whether it knows enough to judge: some key, and lately who was revoked.
    pub fn is_ready(&self) -> bool {
        self.revocations.is_current() && self.keys.read().is_ok_and(|keys| !keys.is_empty())
    }

    /// What the token says, if it is believed.
    ///
    /// # Errors
    /// 401 if it is not; 503 if the gateway has not been heard of for too long to know.
    pub fn verify(&self, token: &str) -> Result<AccessClaims, Problem> {
        let refuse = || Problem::bad_token("this is no access token of ours");
        let header = jsonwebtoken::decode_header(token).map_err(|_| refuse())?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return Err(refuse());
        }
        let kid = header.kid.ok_or_else(refuse)?;
        let keys = self.keys.read().map(|keys| keys.clone()).unwrap_or_default();
        // A process that has just started knows no keys yet: to say 401 then would make a good
        // caller throw its token away.
        let away = || Problem::new(problem::UNAVAILABLE).detail("it is not known just now who is signed in");
        let key = keys.get(&kid).ok_or_else(|| if self.is_ready() { refuse() } else { away() })?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[ACCESS_AUDIENCE]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.leeway = LEEWAY.unsigned_abs();
        let claims = jsonwebtoken::decode::<AccessClaims>(token, key, &validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => Problem::bad_token("the token has expired: get a new one"),
                _ => refuse(),
            })?
            .claims;
        if claims.iat > Utc::now().timestamp() + LEEWAY || claims.exp.saturating_sub(claims.iat) > LONGEST_LIFE {
            return Err(refuse());
        }
        if !self.revocations.is_current() {
            return Err(away());
        }
        if self.revocations.is_revoked(&claims) {
            return Err(Problem::bad_token("the token was revoked: sign in again"));
        }
        Ok(claims)
    }

    /// Asks the gateway for keys and revocations, for ever.
    pub async fn keep_learning(self: Arc<Self>, gateway: Peer) {
        loop {
            match gateway.get::<Jwks>("/internal/jwks").await {
                Ok(jwks) => self.learn_keys(&jwks),
                Err(cause) => tracing::warn!(cause, "keys not refreshed"),
            }
            match gateway.get::<RevocationFeed>("/internal/revocations").await {
                Ok(feed) => self.learn_revocations(&feed),
                Err(cause) => tracing::warn!(cause, "revocations not refreshed"),
            }
            tokio::time::sleep(if self.is_ready() { ASK_EVERY } else { Duration::from_millis(200) }).await;
        }
    }
}
