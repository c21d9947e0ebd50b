//! The signed assertion by which a partner's system shows who it is (RFC 7523, `private_key_jwt`).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;
use shared::auth::KeySet;

use super::refusal::Refusal;

/// How far ahead an assertion may end, in seconds.
pub const LONGEST_LIFE: i64 = 60;
/// How far the partner's clock may differ from ours, in seconds.
const LEEWAY: i64 = 10;
/// The oldest `iat` taken, in seconds.
const OLDEST: i64 = 300;

/// What an assertion says. Claims of another JSON type, or given twice, refuse it.
#[derive(Debug, Deserialize)]
pub struct Assertion {
    iss: String,
    /// The client id.
    pub sub: String,
    aud: Audience,
    /// When it ends.
    pub exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    /// What makes it usable once.
    pub jti: String,
    /// The end user of the partner's system for whom it acts, as that system names them.
    pub on_behalf_of: Option<String>,
}

/// One audience, alone or as the only one of a list: an assertion meant for two servers could
/// be taken from one to the other.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List([String; 1]),
}

impl Audience {
    fn is(&self, issuer: &str) -> bool {
        match self {
            Audience::One(one) | Audience::List([one]) => one == issuer,
        }
    }
}

#[derive(Deserialize)]
struct Claimed {
    sub: String,
}

/// The client that an assertion claims to be, before anything of it is believed.
///
/// # Errors
/// `invalid_client` if it is no signed EdDSA token with a key id.
pub fn claimed_client(text: &str) -> Result<String, Refusal> {
    let header = jsonwebtoken::decode_header(text)
        .map_err(|_| Refusal::client("the assertion is not a JWT signed with EdDSA"))?;
    if header.alg != Algorithm::EdDSA {
        return Err(Refusal::client("the assertion is not a JWT signed with EdDSA"));
    }
    if header.kid.is_none() {
        return Err(Refusal::client("the assertion's header names no key (kid)"));
    }
    let claims = text.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claimed = claims.and_then(|claims| serde_json::from_slice::<Claimed>(&claims).ok());
    claimed.map(|claimed| claimed.sub).ok_or_else(|| Refusal::client("the assertion's claims could not be read"))
}

/// Believes an assertion, or not, by the client's registered keys.
///
/// # Errors
/// `invalid_client` with the reason.
pub fn verify(text: &str, keys: &KeySet, issuer: &str, now: i64) -> Result<Assertion, Refusal> {
    let kid = jsonwebtoken::decode_header(text).ok().and_then(|header| header.kid).unwrap_or_default();
    let key = keys.get(&kid).ok_or_else(|| Refusal::client("unknown client, unknown key or wrong signature"))?;
    // The times and the audience are judged below, where each has its own reason.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Assertion>(text, key, &validation)
        .map_err(|error| match error.kind() {
            jsonwebtoken::errors::ErrorKind::Json(_) => {
                Refusal::client("the assertion lacks one of iss, sub, aud, exp and jti, or has it in another type")
            }
            _ => Refusal::client("unknown client, unknown key or wrong signature"),
        })?
        .claims;
    judge(&claims, issuer, now)?;
    Ok(claims)
}

fn judge(claims: &Assertion, issuer: &str, now: i64) -> Result<(), Refusal> {
    if claims.iss != claims.sub {
        return Err(Refusal::client("iss and sub must both be the client id"));
    }
    if !claims.aud.is(issuer) {
        return Err(Refusal::client("aud must be this server's issuer and nothing else"));
    }
    if claims.exp <= now.saturating_sub(LEEWAY) {
        return Err(Refusal::client("the assertion has expired"));
    }
    if claims.exp > now.saturating_add(LONGEST_LIFE + LEEWAY) {
        return Err(Refusal::client("exp may be at most 60 seconds ahead"));
    }
    let sane = |at: i64| at <= now.saturating_add(LEEWAY) && at >= now.saturating_sub(OLDEST);
    if claims.iat.is_some_and(|at| !sane(at)) {
        return Err(Refusal::client("iat must be the time at which the assertion was made"));
    }
    if claims.nbf.is_some_and(|at| at > now.saturating_add(LEEWAY)) {
        return Err(Refusal::client("nbf is still ahead"));
    }
    if claims.jti.is_empty() || claims.jti.len() > 256 {
        return Err(Refusal::client("jti must have 1 to 256 characters, another for each assertion"));
    }
    let nameable = |name: &String| !name.is_empty() && name.chars().count() <= 200 && !name.contains(char::is_control);
    if claims.on_behalf_of.as_ref().is_some_and(|name| !nameable(name)) {
        return Err(Refusal::client("on_behalf_of must have 1 to 200 characters and no control characters"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    const NOW: i64 = 1_800_000_000;

    fn judged(change: Value) -> Result<(), String> {
        let mut claims = json!({ "iss": "c", "sub": "c", "aud": "https://i", "exp": NOW + 50, "iat": NOW, "jti": "1" });
        for (name, value) in change.as_object().unwrap() {
            claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
        }
        let claims: Assertion = serde_json::from_value(claims).map_err(|error| error.to_string())?;
        judge(&claims, "https://i", NOW).map_err(|refusal| format!("{refusal:?}"))
    }

    #[test]
    fn a_good_assertion_is_taken() {
        judged(json!({})).unwrap();
        judged(json!({ "aud": ["https://i"], "on_behalf_of": "Ms Ada" })).unwrap();
    }

    #[test]
    fn each_wrong_claim_refuses_it() {
        for wrong in [
            json!({ "iss": "other" }),
            json!({ "aud": "https://i/oauth/token" }),
            json!({ "aud": ["https://i", "https://j"] }),
            json!({ "aud": [] }),
            json!({ "exp": NOW - 60 }),
            json!({ "exp": NOW + 3600 }),
            json!({ "exp": i64::MAX }),
            json!({ "exp": i64::MIN }),
            json!({ "exp": "1800000050" }),
            json!({ "iat": NOW + 60 }),
            json!({ "iat": NOW - 3600 }),
            json!({ "nbf": NOW + 60 }),
            json!({ "jti": "" }),
            json!({ "on_behalf_of": "a\u{0}b" }),
        ] {
            assert!(judged(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
