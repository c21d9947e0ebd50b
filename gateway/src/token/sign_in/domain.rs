//! What a request for a sign-in must be like, and what the form carries of it.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Validation};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::super::form::Form;
use super::super::pkce;
use super::super::signing::Keys;

/// How long a sign-in page may be left lying.
pub const PAGE_LIVES: TimeDelta = TimeDelta::minutes(30);
/// The `typ` of the value in the form; no token of another kind passes for it, nor it for one.
const TYPE: &str = "sign-in+jwt";
/// Wrong passwords from one source that delay nothing yet.
const FREE_FAILURES: i32 = 3;
/// The longest delay, in seconds.
const LONGEST_DELAY: i64 = 900;

/// What a program asks for, once it is known to be one of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The program.
    pub client_id: String,
    /// Where it wants the code.
    pub redirect_uri: String,
    /// Its PKCE challenge.
    pub challenge: String,
    /// What it wants back unchanged.
    pub state: Option<String>,
}

/// What is wrong with a request whose program and address are good: told to the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// As RFC 6749 section 4.1.2.1 names it.
    pub error: &'static str,
    /// What to put right.
    pub description: &'static str,
}

impl Asked {
    /// Reads the rest of a request.
    ///
    /// # Errors
    /// What to tell the program.
    pub fn read(form: &Form, client_id: &str, redirect_uri: &str) -> Result<Self, Wrong> {
        let wrong = |description| Wrong { error: "invalid_request", description };
        if form.get("response_type") != Some("code") {
            return Err(Wrong { error: "unsupported_response_type", description: "response_type must be code" });
        }
        if form.get("code_challenge_method") != Some("S256") {
            return Err(wrong("code_challenge_method must be S256"));
        }
        let challenge = form.get("code_challenge").filter(|text| pkce::is_challenge(text));
        let challenge = challenge.ok_or_else(|| wrong("code_challenge must be a SHA-256 in base64url"))?;
        let state = form.get("state");
        if state.is_some_and(|state| state.len() > 1024) {
            return Err(wrong("state may have at most 1024 characters"));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            state: state.map(str::to_owned),
        })
    }
}

/// Whether a registered address is the one asked for. One that begins with a slash lies below
/// the issuer. They are compared letter by letter (RFC 9700 section 4.1.3).
pub fn is_registered(asked: &str, registered: &[String], issuer: &str) -> bool {
    registered.iter().any(|known| match known.strip_prefix('/') {
        Some(path) => asked.strip_prefix(issuer).and_then(|rest| rest.strip_prefix('/')) == Some(path),
        None => known == asked,
    })
}

/// The address to send the browser to, with these parameters added.
pub fn redirection(redirect_uri: &str, parameters: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(redirect_uri).ok()?;
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url.into())
}

/// The `form-action` sources that let the browser go on to the address after the form was sent.
pub fn origin(redirect_uri: &str) -> Option<String> {
    Some(Url::parse(redirect_uri).ok()?.origin().ascii_serialization()).filter(|origin| origin != "null")
}

#[derive(Serialize, Deserialize)]
struct Carried {
    #[serde(flatten)]
    asked: Asked,
    cookie: String,
    exp: i64,
}

fn digest_of(cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, cookie.as_bytes()))
}

/// What the form carries: what was asked, bound to the browser's cookie.
///
/// # Errors
/// If it can't be signed.
pub fn carry(asked: Asked, cookie: &str, keys: &Keys, now: DateTime<Utc>) -> Result<String, String> {
    let exp = (now + PAGE_LIVES).timestamp();
    keys.signer().sign(TYPE, &Carried { asked, cookie: digest_of(cookie), exp })
}

/// What was asked, if the form is one of ours, not too old, and sent by the browser it was shown to.
pub fn carried(text: &str, cookie: &str, keys: &Keys, now: DateTime<Utc>) -> Option<Asked> {
    let header = jsonwebtoken::decode_header(text).ok()?;
    if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
        return None;
    }
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = keys.public.get(&header.kid?)?;
    let carried = jsonwebtoken::decode::<Carried>(text, key, &validation).ok()?.claims;
    (carried.exp > now.timestamp() && carried.cookie == digest_of(cookie)).then_some(carried.asked)
}

/// How long the next attempt must wait after this many wrong passwords in a row: nothing, then
/// 1, 2, 4 … seconds, up to a quarter of an hour.
pub fn delay(failures: i32) -> TimeDelta {
    let doublings = u32::try_from(failures - FREE_FAILURES).unwrap_or(0);
    if failures <= FREE_FAILURES {
        return TimeDelta::zero();
    }
    TimeDelta::seconds(1i64.checked_shl(doublings.min(30) - 1).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_registered_letter_by_letter() {
        let registered = ["/signed-in".to_owned(), "https://console.example/back".to_owned()];
        let is = |asked| is_registered(asked, &registered, "https://t.example");
        assert!(is("https://t.example/signed-in"));
        assert!(is("https://console.example/back"));
        for other in [
            "https://t.example/signed-in/",
            "https://t.example/signed-in?x=1",
            "https://t.example.evil.example/signed-in",
            "https://t.example@evil.example/signed-in",
            "https://console.example/back#x",
            "https://console.example/back/../evil",
            "http://t.example/signed-in",
            "/signed-in",
            "",
        ] {
            assert!(!is(other), "{other}");
        }
    }

    #[test]
    fn each_failure_after_the_third_doubles_the_wait() {
        let seconds = |failures| delay(failures).num_seconds();
        assert_eq!((seconds(0), seconds(3), seconds(4), seconds(5), seconds(8)), (0, 0, 1, 2, 16));
        assert_eq!((seconds(30), seconds(i32::MAX)), (900, 900));
    }

    #[test]
    fn a_redirection_keeps_what_was_there() {
        assert_eq!(
            redirection("https://c.example/back?a=1", &[("code", "x y"), ("state", "&")]).as_deref(),
            Some("https://c.example/back?a=1&code=x+y&state=%26")
        );
    }
}
