//! Getting access tokens the way partner systems and people do.

mod form;

use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Client, StatusCode, Url, header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Attempt, Error, Result};
use crate::keys::Key;
use form::Form;

/// The public client through which people sign in.
const CONSOLE: &str = "console";

/// An access token for a partner's system, by `client_credentials` with a
/// signed assertion (RFC 7523). The key is known to the gateway under the
/// client's own id.
///
/// # Errors
/// When the gateway is away or refuses.
pub async fn client_token(issuer: &str, client: &str, key: &Key) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).attempt(|| "tell the time".to_owned())?.as_secs();
    let claims = json!({
        "iss": client,
        "sub": client,
        "aud": issuer,
        "iat": now,
        "exp": now + 50,
        "jti": Uuid::new_v4().to_string(),
    });
    let signing = EncodingKey::from_ed_pem(key.pem().as_bytes()).attempt(|| format!("read the key of {client}"))?;
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(client.to_owned());
    let assertion = jsonwebtoken::encode(&header, &claims, &signing).attempt(|| format!("sign for {client}"))?;
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let request = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", kind),
        ("client_assertion", assertion.as_str()),
    ];
    exchange(&client_with_cookies()?, issuer, &request).await
}

/// An access token for a person, by signing in on the gateway's page and
/// exchanging the code it answers with (PKCE, RFC 7636).
///
/// # Errors
/// When the gateway is away or refuses.
pub async fn sign_in(issuer: &str, username: &str, password: &str) -> Result<String> {
    let client = client_with_cookies()?;
    let verifier = random();
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let state = random();
    let redirect = format!("{issuer}/signed-in");
    let question = [
        ("response_type", "code"),
        ("client_id", CONSOLE),
        ("redirect_uri", redirect.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("state", state.as_str()),
    ];
    let page = client
        .get(format!("{issuer}/oauth/authorize"))
        .query(&question)
        .send()
        .await
        .attempt(|| format!("reach {issuer}"))?;
    if page.status() != StatusCode::OK {
        return Err(refusal("the sign-in page", page).await);
    }
    let address = page.url().clone();
    let text = page.text().await.attempt(|| "read the sign-in page".to_owned())?;
    let form = Form::first_in(&text).ok_or_else(|| Error::new("the sign-in page has no form"))?;
    let target = form.target(&address)?;
    let mut fields = form.hidden;
    fields.push(("username".to_owned(), username.to_owned()));
    fields.push(("password".to_owned(), password.to_owned()));
    let answer = client
        .post(target.clone())
        // What a browser sends, and a careful server asks for.
        .header(header::ORIGIN, address.origin().ascii_serialization())
        .form(&fields)
        .send()
        .await
        .attempt(|| format!("reach {issuer}"))?;
    let code = code_in(&answer, &target, &state);
    let Some(code) = code else {
        return Err(refusal(&format!("signing in as {username}"), answer).await);
    };
    let request = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", redirect.as_str()),
        ("client_id", CONSOLE),
        ("code_verifier", verifier.as_str()),
    ];
    exchange(&client, issuer, &request).await
}

/// The code in the address that the page sends the browser on to.
fn code_in(answer: &reqwest::Response, target: &Url, state: &str) -> Option<String> {
    if !answer.status().is_redirection() {
        return None;
    }
    let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
    let location = target.join(location).ok()?;
    let value = |name: &str| {
        let mut pairs = location.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    if value("state").as_deref() != Some(state) {
        return None;
    }
    value("code")
}

async fn exchange(client: &Client, issuer: &str, request: &[(&str, &str)]) -> Result<String> {
    let answer = client
        .post(format!("{issuer}/oauth/token"))
        .form(request)
        .send()
        .await
        .attempt(|| format!("reach {issuer}"))?;
    if !answer.status().is_success() {
        return Err(refusal("the request for a token", answer).await);
    }
    let body: Value = answer.json().await.attempt(|| "read the token".to_owned())?;
    body.get("access_token")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Error::new("the answer has no access_token"))
}

/// A failure with the status and what the answer says of the reason.
async fn refusal(what: &str, answer: reqwest::Response) -> Error {
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let reason = ["error_description", "detail", "title", "error"]
        .iter()
        .find_map(|name| Some(body.get(name)?.as_str()?.to_owned()))
        .or_else(|| form::alert(&text))
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    Error::new(format!("{what} was refused ({status}){reason}"))
}

fn client_with_cookies() -> Result<Client> {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .attempt(|| "make an HTTP client".to_owned())
}

/// More than 240 random bits, in characters that need no escaping.
fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
