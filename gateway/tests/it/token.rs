//! `POST /oauth/token` for partners' systems: what is accepted, and everything that is not.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use shared::auth::SigningKey;
use uuid::Uuid;

use crate::app::{Gateway, ISSUER, Options, Reply, new_key};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn claims(change: Value) -> Value {
    let now = Utc::now().timestamp();
    let mut claims =
        json!({ "iss": "school", "sub": "school", "aud": ISSUER, "iat": now, "exp": now + 50, "jti": Uuid::now_v7() });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn assertion(key: &SigningKey, change: Value) -> String {
    key.sign("JWT", &claims(change)).unwrap()
}

async fn exchange(gateway: &Gateway, assertion: &str) -> Reply {
    let fields =
        [("grant_type", "client_credentials"), ("client_assertion_type", TYPE), ("client_assertion", assertion)];
    gateway.form("/oauth/token", &fields).await
}

#[track_caller]
fn refused(reply: Reply, why: &str) {
    let reply = reply.expect(401);
    assert_eq!(reply.body["error"], "invalid_client");
    assert!(reply.body["error_description"].as_str().unwrap().contains(why), "{} lacks {why}", reply.text);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_signed_assertion_is_good_for_one_token() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let (_, key) = gateway.client(&admin, "school").await;
    let signed = assertion(&key, json!({ "on_behalf_of": "ms.ada" }));
    let reply = exchange(&gateway, &signed).await.expect(200);
    assert_eq!((&reply.body["token_type"], &reply.body["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let token = reply.body["access_token"].as_str().unwrap();
    let payload: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
    assert_eq!(payload["iss"], ISSUER);
    assert_eq!(payload["aud"], "threshold");
    assert_eq!(payload["client_id"], "school");
    assert_eq!(payload["username"], "school");
    assert_eq!(payload["agency"], "greenfield-academy");
    assert_eq!(payload["roles"], json!(["referrer"]));
    assert_eq!(payload["on_behalf_of"], "ms.ada");
    gateway.get_as(token, "/v1/roles").await.expect(200);
    refused(exchange(&gateway, &signed).await, "used before");
}

#[actix_web::test]
async fn every_wrong_assertion_is_refused() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let (_, key) = gateway.client(&admin, "school").await;
    let (_, other) = gateway.client(&admin, "other").await;
    let now = Utc::now().timestamp();
    for (change, why) in [
        (json!({ "exp": now - 60 }), "expired"),
        (json!({ "exp": now + 600 }), "60 seconds"),
        (json!({ "iat": now + 120 }), "iat"),
        (json!({ "aud": format!("{ISSUER}/oauth/token") }), "aud"),
        (json!({ "aud": [ISSUER, "https://elsewhere.example"] }), "aud"),
        (json!({ "iss": "other" }), "iss and sub"),
        (json!({ "jti": "" }), "jti"),
        (json!({ "exp": "soon" }), "another type"),
    ] {
        refused(exchange(&gateway, &assertion(&key, change)).await, why);
    }
    let wrong = "unknown client, unknown key or wrong signature";
    // Another client's key, an unknown key under the right id, and an unknown client: one answer.
    refused(exchange(&gateway, &assertion(&other, json!({}))).await, wrong);
    refused(exchange(&gateway, &assertion(&new_key("school-key").1, json!({}))).await, wrong);
    refused(exchange(&gateway, &assertion(&key, json!({ "iss": "nobody", "sub": "nobody" }))).await, wrong);
}

#[actix_web::test]
async fn a_claim_given_twice_refuses_the_assertion() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let (pem, key) = new_key("school-key");
    gateway.client_with(&admin, "school", &key).await;
    let signing = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
    let signed = |claims: &str| {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"school-key"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &signing, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    };
    let once = claims(json!({})).to_string();
    exchange(&gateway, &signed(&once)).await.expect(200);
    let twice = claims(json!({})).to_string().replacen('{', r#"{"aud":"https://elsewhere.example","#, 1);
    exchange(&gateway, &signed(&twice)).await.expect(401);
}

#[actix_web::test]
async fn no_other_algorithm_is_believed() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let (_, key) = gateway.client(&admin, "school").await;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let none = format!("{}.{}.", part(json!({ "alg": "none", "kid": "school-key" })), part(claims(json!({}))));
    refused(exchange(&gateway, &none).await, "EdDSA");
    // HS256 with the public key as its secret.
    let public = URL_SAFE_NO_PAD.decode(key.jwk().x).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("school-key".to_owned());
    let confused = jsonwebtoken::encode(&header, &claims(json!({})), &EncodingKey::from_secret(&public)).unwrap();
    refused(exchange(&gateway, &confused).await, "EdDSA");
    for rubbish in ["", "a.b.c", "....", "eyJhbGciOiJFZERTQSJ9.e30."] {
        exchange(&gateway, rubbish).await.expect(401);
    }
    let access = gateway.token(&admin);
    refused(exchange(&gateway, &access).await, "wrong signature");
}

#[actix_web::test]
async fn a_deactivated_client_gets_nothing_and_loses_what_it_has() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let (made, key) = gateway.client(&admin, "school").await;
    let reply = exchange(&gateway, &assertion(&key, json!({}))).await.expect(200);
    let token = reply.body["access_token"].as_str().unwrap().to_owned();
    gateway.get_as(&token, "/v1/roles").await.expect(200);
    let path = format!("/v1/clients/{}/deactivation", made.id());
    gateway.post_on(&admin, &path, "\"1-client\"", &json!({})).await.expect(200);
    refused(exchange(&gateway, &assertion(&key, json!({}))).await, "unknown client");
    let feed = gateway.revocations().await;
    assert_eq!((&feed["items"][0]["kind"], &feed["items"][0]["id"]), (&json!("subject"), &json!(made.id())));
    let mut tries = 0;
    while gateway.get_as(&token, "/v1/roles").await.status != 401 {
        tries += 1;
        assert!(tries < 50, "still believed after five seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[actix_web::test]
async fn a_request_that_is_none_is_told_what_it_lacks() {
    let gateway = Gateway::start().await;
    for (fields, status, error) in [
        (vec![], 400, "invalid_request"),
        (vec![("grant_type", "password")], 400, "unsupported_grant_type"),
        (vec![("grant_type", "client_credentials")], 401, "invalid_client"),
        (vec![("grant_type", "client_credentials"), ("grant_type", "client_credentials")], 400, "invalid_request"),
        (vec![("grant_type", "authorization_code")], 400, "invalid_request"),
        (vec![("grant_type", "client_credentials\0")], 400, "invalid_request"),
    ] {
        let reply = gateway.form("/oauth/token", &fields).await.expect(status);
        assert_eq!(reply.body["error"], error, "{fields:?}");
    }
    let json = gateway.send(
        reqwest::Method::POST,
        "/oauth/token",
        &[("content-type", "application/json")],
        Some(b"{}".to_vec()),
    );
    json.await.expect(400);
    let large = "x".repeat(100_000);
    assert_eq!(gateway.form("/oauth/token", &[("grant_type", &large)]).await.expect(413).kind(), "too-large");
    gateway.get_as("x", "/oauth/token").await.expect(405);
}

#[actix_web::test]
async fn keys_and_revocations_are_for_services_only() {
    let gateway = Gateway::start().await;
    let admin = crate::app::administrator();
    let ask = async |token: Option<String>, path: &str| {
        let mut request = gateway.http.get(format!("{}{path}", gateway.internal));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        Reply::of(request.send().await.unwrap()).await
    };
    for path in ["/internal/agencies", "/internal/jwks", "/internal/revocations"] {
        ask(None, path).await.expect(401);
        ask(Some(gateway.token(&admin)), path).await.expect(401);
        ask(Some(gateway.peer.token_for("performance-service").unwrap()), path).await.expect(401);
        ask(Some(gateway.peer.token_for("gateway").unwrap()), path).await.expect(200);
    }
    assert!(ask(None, "/metrics").await.expect(200).text.contains("http_requests_total"));
    ask(None, "/v1/users").await.expect(404);
}

#[actix_web::test]
async fn a_new_key_is_published_before_it_signs() {
    let gateway = Gateway::start().await;
    // The first key is alone, so it signs at once, however new it is.
    assert_eq!(gateway.keys.current().signer().kid(), "2026-01");
    tokio::time::sleep(Duration::from_millis(700)).await;
    std::fs::write(gateway.folder.join("2026-02.pem"), new_key("x").0).unwrap();
    std::fs::write(gateway.folder.join("broken.pem"), "rubbish").unwrap();
    gateway.keys.refresh().unwrap();
    assert_eq!(gateway.keys.current().signer().kid(), "2026-01");
    let published = gateway.send(reqwest::Method::GET, "/.well-known/jwks.json", &[], None).await.expect(200);
    let kids: Vec<_> = published.body["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, ["2026-01", "2026-02"]);
    tokio::time::sleep(Duration::from_millis(700)).await;
    gateway.keys.refresh().unwrap();
    assert_eq!(gateway.keys.current().signer().kid(), "2026-02");
}

#[actix_web::test]
async fn whoever_fails_too_often_waits() {
    let limits = gateway::limit::Limits { failed_sign_ins: 3, ..Default::default() };
    let gateway = Gateway::with(Options { limits, redis: None, ..Options::default() }).await;
    for _ in 0..3 {
        exchange(&gateway, "a.b.c").await.expect(401);
    }
    let reply = exchange(&gateway, "a.b.c").await.expect(429);
    assert_eq!(reply.kind(), "too-many-requests");
    assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() <= 60);
}
