//! Tokens of any kind, rightly and wrongly made.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use uuid::Uuid;

use crate::actor::{Role, Word};
use crate::auth::{ACCESS_AUDIENCE, ACCESS_TOKEN_SECONDS, AccessClaims, Jwks, KeySet, ServiceIdentity, SigningKey};

/// The issuer of test tokens.
pub const ISSUER: &str = "http://threshold.test";

/// Someone for whom tokens are made.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their id.
    pub id: Uuid,
    /// Their name in the access log.
    pub name: String,
    /// Their agency.
    pub agency: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Their hubs.
    pub localities: Vec<String>,
    /// Their teams.
    pub teams: Vec<String>,
}

impl Person {
    /// Someone of an agency with one role.
    pub fn new(name: &str, agency: &str, role: Role) -> Self {
        Self {
            id: Uuid::now_v7(),
            name: name.to_owned(),
            agency: agency.to_owned(),
            roles: vec![role],
            localities: Vec::new(),
            teams: Vec::new(),
        }
    }

    /// Sitting on this hub too.
    pub fn hub(mut self, locality: &str) -> Self {
        self.localities.push(locality.to_owned());
        self
    }

    /// Working in this team too.
    pub fn team(mut self, team: &str) -> Self {
        self.teams.push(team.to_owned());
        self
    }
}

/// A key of its own, and the tokens it signs.
pub struct TokenMaker {
    key: SigningKey,
}

impl Default for TokenMaker {
    fn default() -> Self {
        Self::new("test-key")
    }
}

fn new_key(kid: &str) -> SigningKey {
    let pair = Ed25519KeyPair::generate().expect("a key pair");
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).expect("its PKCS#8 form");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    SigningKey::from_pem(kid, &pem).expect("a signing key")
}

impl TokenMaker {
    /// A maker with a fresh key under this id.
    pub fn new(kid: &str) -> Self {
        Self { key: new_key(kid) }
    }

    /// The public half.
    pub fn jwks(&self) -> Jwks {
        Jwks { keys: vec![self.key.jwk()] }
    }

    /// The claims of a good token, to spoil as a test likes.
    pub fn claims(&self, person: &Person) -> AccessClaims {
        let words = |texts: &[String]| texts.iter().map(|text| text.parse::<Word>().expect("a word")).collect();
        let now = Utc::now().timestamp();
        AccessClaims {
            iss: ISSUER.to_owned(),
            aud: ACCESS_AUDIENCE.to_owned(),
            exp: now + ACCESS_TOKEN_SECONDS,
            iat: now,
            sub: person.id,
            sid: Uuid::now_v7(),
            jti: Uuid::now_v7(),
            client_id: "test".to_owned(),
            username: person.name.clone(),
            agency: person.agency.parse().expect("an agency code"),
            roles: person.roles.iter().map(ToString::to_string).collect(),
            localities: words(&person.localities),
            teams: words(&person.teams),
            on_behalf_of: None,
        }
    }

    /// A good token.
    pub fn token(&self, person: &Person) -> String {
        self.sign("at+jwt", &self.claims(person))
    }

    /// Any claims under any type.
    pub fn sign<C: serde::Serialize>(&self, typ: &str, claims: &C) -> String {
        self.key.sign(typ, claims).expect("a signature")
    }

    /// A service's identity, with a peer whose service tokens it accepts.
    pub fn services(name: &'static str, peer: &'static str) -> (ServiceIdentity, ServiceIdentity) {
        let (own, other) = (new_key(name), new_key(peer));
        let keys = KeySet::from_jwks(&Jwks { keys: vec![own.jwk(), other.jwk()] });
        (ServiceIdentity::new(name, own, keys.clone()), ServiceIdentity::new(peer, other, keys))
    }
}
