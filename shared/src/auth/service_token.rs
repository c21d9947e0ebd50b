//! How one process shows another who it is at `/internal/*`.

use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::{Algorithm, Validation};

use crate::auth::{KeySet, ServiceClaims, SigningKey};
use crate::config::Trust;
use crate::problem::{self, Problem};

/// The `typ` of a service token; an access token can't pass for one, nor the reverse.
const TYPE: &str = "service+jwt";
/// How long one lives, in seconds.
const LIFE: i64 = 300;

/// This process's own key, and the public keys of the others.
#[derive(Clone)]
pub struct ServiceIdentity {
    name: &'static str,
    key: Arc<SigningKey>,
    peers: Arc<KeySet>,
}

impl ServiceIdentity {
    /// Reads both from the files the settings name.
    ///
    /// # Errors
    /// One line naming the file.
    pub fn read(name: &'static str, trust: &Trust) -> Result<Self, String> {
        Ok(Self {
            name,
            key: Arc::new(SigningKey::read(name, &trust.key_file)?),
            peers: Arc::new(KeySet::read(&trust.jwks_file)?),
        })
    }

    /// An identity from keys at hand.
    pub fn new(name: &'static str, key: SigningKey, peers: KeySet) -> Self {
        Self { name, key: Arc::new(key), peers: Arc::new(peers) }
    }

    /// A token for calling `callee`.
    ///
    /// # Errors
    /// If it can't be signed.
    pub fn token_for(&self, callee: &str) -> Result<String, String> {
        let now = Utc::now().timestamp();
        let name = self.name.to_owned();
        let claims = ServiceClaims { iss: name.clone(), sub: name, aud: callee.to_owned(), exp: now + LIFE, iat: now };
        self.key.sign(TYPE, &claims)
    }

    /// A secret that only this process (and its replicas) can make, 43 characters that can stand in
    /// an address: the same for the same `purpose` as long as the process keeps its key. So what
    /// opens a link can be told again and need not be stored.
    ///
    /// # Errors
    /// If it can't be made.
    pub fn secret_for(&self, purpose: &str) -> Result<String, String> {
        // An Ed25519 signature is the same each time, and nobody without the key can make it.
        let signed = self.key.sign("secret", &serde_json::json!({ "purpose": purpose }))?;
        Ok(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, signed.as_bytes())))
    }

    /// Which process is calling.
    ///
    /// # Errors
    /// 401 if the token is not one of a known process for this one.
    pub fn verify(&self, token: &str) -> Result<String, Problem> {
        let refuse = || Problem::new(problem::UNAUTHENTICATED);
        let header = jsonwebtoken::decode_header(token).map_err(|_| refuse())?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return Err(refuse());
        }
        let kid = header.kid.ok_or_else(refuse)?;
        let key = self.peers.get(&kid).ok_or_else(refuse)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[self.name]);
        validation.set_issuer(&[&kid]);
        validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
        validation.leeway = 30;
        let data = jsonwebtoken::decode::<ServiceClaims>(token, key, &validation).map_err(|_| refuse())?;
        let claims = data.claims;
        let is_short = claims.exp.saturating_sub(claims.iat) <= LIFE;
        if claims.sub == kid && is_short { Ok(kid) } else { Err(refuse()) }
    }
}
