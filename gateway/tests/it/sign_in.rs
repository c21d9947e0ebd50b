//! The sign-in page and the exchange of its code.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use serde_json::json;

use crate::app::{Gateway, ISSUER, PASSWORD, Reply};

const VERIFIER: &str = "a-verifier-of-more-than-forty-three-characters";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

fn question(change: &[(&str, &str)]) -> String {
    let challenge = challenge();
    let redirect = format!("{ISSUER}/signed-in");
    let mut fields = BTreeMap::from([
        ("response_type", "code"),
        ("client_id", "console"),
        ("redirect_uri", redirect.as_str()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("state", "a state & more"),
    ]);
    fields.extend(change.iter().copied());
    let url = Url::parse_with_params("http://x/oauth/authorize", fields).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

async fn page(gateway: &Gateway) -> Reply {
    gateway.send(Method::GET, &question(&[]), &[], None).await.expect(200)
}

fn hidden(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"request\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn submit(gateway: &Gateway, page: &Reply, username: &str, password: &str) -> Reply {
    let request = hidden(&page.text);
    let fields = [("request", request.as_str()), ("username", username), ("password", password)];
    gateway.form("/oauth/authorize", &fields).await
}

fn code_of(reply: &Reply) -> String {
    let url = Url::parse(reply.header("location").unwrap()).unwrap();
    let fields: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert!(url.as_str().starts_with(&format!("{ISSUER}/signed-in?")));
    assert_eq!((fields["state"].as_str(), fields["iss"].as_str()), ("a state & more", ISSUER));
    fields["code"].clone()
}

async fn exchange(gateway: &Gateway, code: &str, change: &[(&str, &str)]) -> Reply {
    let redirect = format!("{ISSUER}/signed-in");
    let mut fields = BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect.as_str()),
        ("client_id", "console"),
        ("code_verifier", VERIFIER),
    ]);
    fields.extend(change.iter().copied());
    gateway.form("/oauth/token", &fields.into_iter().collect::<Vec<_>>()).await
}

async fn signed_in(gateway: &Gateway) -> String {
    let page = page(gateway).await;
    code_of(&submit(gateway, &page, "olive.officer", PASSWORD).await.expect(303))
}

async fn start() -> Gateway {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    gateway.user(&admin, "olive.officer").await;
    gateway
}

#[actix_web::test]
async fn someone_signs_in_and_their_program_gets_a_token() {
    let gateway = start().await;
    let page = page(&gateway).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let cookie = page.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let code = code_of(&submit(&gateway, &page, " Olive.Officer ", PASSWORD).await.expect(303));
    let token = exchange(&gateway, &code, &[]).await.expect(200);
    let token = token.body["access_token"].as_str().unwrap().to_owned();
    gateway.get_as(&token, "/v1/teams").await.expect(200);
    // They end their own sign-in.
    let bearer = format!("Bearer {token}");
    gateway.send(Method::POST, "/oauth/revoke", &[("authorization", &bearer)], None).await.expect(204);
    let feed = gateway.revocations().await;
    assert_eq!(feed["items"][0]["kind"], "session");
    gateway.send(Method::GET, "/signed-in", &[], None).await.expect(200);
}

#[actix_web::test]
async fn a_code_is_good_once_for_the_one_who_asked() {
    let gateway = start().await;
    let long = "x".repeat(50);
    for change in
        [("code_verifier", long.as_str()), ("redirect_uri", "http://threshold.test/other"), ("client_id", "another")]
    {
        let code = signed_in(&gateway).await;
        let reply = exchange(&gateway, &code, &[change]).await.expect(400);
        assert_eq!(reply.body["error"], "invalid_grant", "{change:?}");
        // A wrong attempt uses the code up.
        exchange(&gateway, &code, &[]).await.expect(400);
    }
    let code = signed_in(&gateway).await;
    exchange(&gateway, "unknown", &[]).await.expect(400);
    exchange(&gateway, &code, &[]).await.expect(200);
    let before = gateway.revocations().await["items"].as_array().unwrap().len();
    let again = exchange(&gateway, &code, &[]).await.expect(400);
    assert_eq!(again.body["error"], "invalid_grant");
    // The second use ends the sign-in that the first began.
    assert_eq!(gateway.revocations().await["items"].as_array().unwrap().len(), before + 1);
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let gateway = start().await;
    let page = page(&gateway).await;
    let wrong = submit(&gateway, &page, "olive.officer", "not the password").await.expect(422);
    let unknown = submit(&gateway, &page, "nobody.here", "not the password").await.expect(422);
    let shape = |reply: &Reply, name: &str| {
        let text = reply.text.replace(&hidden(&reply.text), "").replace(name, "");
        assert!(text.contains("role=\"alert\"") && text.contains("is not right"), "{text}");
        text
    };
    assert_eq!(shape(&wrong, "olive.officer"), shape(&unknown, "nobody.here"));
    assert!(!wrong.text.contains("not the password"));
}

#[actix_web::test]
async fn guessing_delays_the_guesser_and_resets_when_right() {
    let gateway = start().await;
    let page = page(&gateway).await;
    for _ in 0..4 {
        submit(&gateway, &page, "olive.officer", "a wrong password").await.expect(422);
    }
    let reply = submit(&gateway, &page, "olive.officer", PASSWORD).await.expect(429);
    assert!(reply.header("retry-after").is_some());
    // Another name from the same place is not held up.
    submit(&gateway, &page, "nobody.here", "a wrong password").await.expect(422);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    submit(&gateway, &page, "olive.officer", PASSWORD).await.expect(303);
    submit(&gateway, &page, "olive.officer", "a wrong password").await.expect(422);
}

#[actix_web::test]
async fn the_form_works_only_in_the_browser_it_was_shown_to() {
    let gateway = start().await;
    let page = page(&gateway).await;
    let request = hidden(&page.text);
    let body = serde_urlencoded(&[("request", &request), ("username", "olive.officer"), ("password", PASSWORD)]);
    let cookie = page.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let stranger = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let post = async |headers: &[(&str, &str)], body: &str| {
        let mut request = stranger
            .post(format!("{}/oauth/authorize", gateway.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::of(request.send().await.unwrap()).await.status
    };
    assert_eq!(post(&[], &body).await, 400, "without the cookie");
    assert_eq!(post(&[("cookie", "threshold-sign-in=another")], &body).await, 400, "with another cookie");
    let elsewhere = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(post(&elsewhere, &body).await, 400, "from another site");
    let cross = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
    assert_eq!(post(&cross, &body).await, 400, "from another site");
    let forged = body.replacen("request=e", "request=f", 1);
    assert_eq!(post(&[("cookie", cookie.as_str())], &forged).await, 400, "with another request");
    assert_eq!(post(&[("cookie", cookie.as_str())], &body).await, 303);
}

fn serde_urlencoded(fields: &[(&str, &str)]) -> String {
    Url::parse_with_params("http://x", fields).unwrap().query().unwrap().to_owned()
}

#[actix_web::test]
async fn a_request_from_nobody_stays_here_and_a_wrong_one_goes_back() {
    let gateway = start().await;
    for change in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://evil.example"),
        ("redirect_uri", "http://threshold.test/signed-in/x"),
    ] {
        let reply = gateway.send(Method::GET, &question(&[change]), &[], None).await.expect(400);
        assert_eq!(reply.header("location"), None, "{change:?}");
    }
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
    ] {
        let reply = gateway.send(Method::GET, &question(&[change]), &[], None).await.expect(303);
        let to = reply.header("location").unwrap();
        assert!(to.starts_with("http://threshold.test/signed-in?") && to.contains(error), "{to}");
    }
    gateway.send(Method::PUT, "/oauth/authorize", &[], None).await.expect(405);
}

#[actix_web::test]
async fn who_was_deactivated_signs_in_no_more() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let made = gateway.user(&admin, "olive.officer").await;
    let code = signed_in(&gateway).await;
    let path = format!("/v1/users/{}/deactivation", made.id());
    gateway.post_on(&admin, &path, "\"1-user\"", &json!({})).await.expect(200);
    // Neither with a code had before, nor anew.
    exchange(&gateway, &code, &[]).await.expect(400);
    let page = page(&gateway).await;
    submit(&gateway, &page, "olive.officer", PASSWORD).await.expect(422);
}
