//! What reaches a service, what comes back, and what never gets that far.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use reqwest::Method;
use shared::actor::Role;
use shared::testing::Person;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::app::{Gateway, Options, Reply};
use crate::upstream;

async fn start() -> Gateway {
    Gateway::with(Options { upstream: upstream::start(), ..Options::default() }).await
}

fn someone() -> Person {
    Person::new("someone", "county-council", Role::Referrer)
}

#[actix_web::test]
async fn a_request_goes_on_without_what_belongs_to_the_connection() {
    let gateway = start().await;
    let token = format!("Bearer {}", gateway.token(&someone()));
    let headers = [
        ("authorization", token.as_str()),
        ("idempotency-key", "1"),
        ("content-type", "application/json"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-user-id", "admin"),
        ("x-actor", "admin"),
        ("forwarded", "for=1.2.3.4"),
        ("cookie", "a=b"),
        ("connection", "x-hidden"),
        ("x-hidden", "1"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    let reply =
        gateway.send(Method::POST, "/v1/referrals?a=b%20c", &headers, Some(b"{\"a\":1}".to_vec())).await.expect(202);
    assert_eq!(reply.body["uri"], "/v1/referrals?a=b%20c");
    assert_eq!(reply.body["length"], 7);
    let reached = reply.body["headers"].as_object().unwrap();
    assert_eq!(reached["authorization"], token.as_str());
    assert_eq!(reached["idempotency-key"], "1");
    assert!(reached["traceparent"].as_str().unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    assert!(!reached["traceparent"].as_str().unwrap().contains("00f067aa0ba902b7"));
    for name in ["x-forwarded-for", "x-user-id", "x-actor", "forwarded", "cookie", "x-hidden"] {
        assert!(!reached.contains_key(name), "{name}");
    }
    assert_eq!(reply.header("etag"), Some("\"1-full\""));
    assert_eq!(reply.header("trace-id"), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(reply.header("access-control-allow-origin"), None);
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"), ("cache-control", "no-store")]
    {
        assert_eq!(reply.header(name), Some(value));
    }
    assert!(reply.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(reply.header("strict-transport-security"), None);
}

#[actix_web::test]
async fn bodies_stream_both_ways() {
    let gateway = start().await;
    let token = gateway.token(&someone());
    let started = Instant::now();
    let answer =
        gateway.http.get(format!("{}/v1/referrals/stream", gateway.url)).bearer_auth(&token).send().await.unwrap();
    let mut chunks = answer.bytes_stream();
    assert_eq!(chunks.next().await.unwrap().unwrap().as_ref(), b"drop");
    assert!(started.elapsed() < Duration::from_millis(350), "the first chunk waited for the second");
    assert_eq!(chunks.next().await.unwrap().unwrap().as_ref(), b"drop");

    let pieces = stream::iter(0..20).then(|_| async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok::<_, std::io::Error>(vec![b'x'; 10_000])
    });
    let body = reqwest::Body::wrap_stream(Box::pin(pieces));
    let sent =
        gateway.http.post(format!("{}/v1/referrals", gateway.url)).bearer_auth(&token).body(body).send().await.unwrap();
    assert_eq!(Reply::of(sent).await.expect(202).body["length"], 200_000);
    let whole = gateway.send(Method::POST, "/v1/referrals", &[], Some(vec![b'x'; 1024 * 1024])).await.expect(202);
    assert_eq!(whole.body["length"], 1024 * 1024);
}

#[actix_web::test]
async fn a_body_too_large_is_refused_announced_or_not() {
    let gateway = start().await;
    let reply = gateway.send(Method::POST, "/v1/referrals", &[], Some(vec![b'x'; 3 * 1024 * 1024])).await.expect(413);
    assert_eq!(reply.kind(), "too-large");
    let pieces = stream::iter((0..300).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 10_000])));
    let body = reqwest::Body::wrap_stream(pieces);
    let sent = gateway.http.post(format!("{}/v1/referrals", gateway.url)).body(body).send().await;
    // The refusal may come before the whole body was sent, and then not everyone reads it.
    if let Ok(sent) = sent {
        assert_eq!(Reply::of(sent).await.expect(413).kind(), "too-large");
    }
}

/// An answer to bytes as they are: clients tidy paths up before they send them.
async fn raw(gateway: &Gateway, path: &str) -> String {
    let mut connection = tokio::net::TcpStream::connect(gateway.url.trim_start_matches("http://")).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[actix_web::test]
async fn no_way_of_writing_it_leads_inside() {
    let gateway = start().await;
    assert!(raw(&gateway, "/v1/referrals/7").await.starts_with("HTTP/1.1 202"));
    for path in [
        "/internal/events",
        "/internal/revocations",
        "//internal/events",
        "/v1/../internal/events",
        "/v1/referrals/../../internal/events",
        "/v1/referrals/%2e%2e/%2e%2e/internal/events",
        "/v1/referrals/..%2f..%2finternal/events",
        "/v1/referrals/%2e%2e%2f%2e%2e%2finternal",
        "/v1/referrals/..%5c..%5cinternal",
        "/v1/referrals/..;/internal",
        "/v1//internal/events",
        "/v1/referrals//7",
        "/v1/referrals/",
        "/%69nternal/events",
        "/%2finternal/events",
        "/v1/%72eferrals",
        "/metrics",
        "/v1/users/%2e%2e/roles",
    ] {
        let answer = raw(&gateway, path).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        assert!(answer.contains("#not-found"), "{path}: {answer}");
    }
    // A whole address in the request line names a host; it is routed by its path alone.
    let absolute = raw(&gateway, "http://127.0.0.1:1/internal/events").await;
    assert!(absolute.starts_with("HTTP/1.1 404"), "{absolute}");
}

#[actix_web::test]
async fn unknown_addresses_and_methods_are_told_apart() {
    let gateway = start().await;
    assert_eq!(gateway.send(Method::GET, "/v1/nonsense", &[], None).await.expect(404).kind(), "not-found");
    for (method, path, allow) in [
        (Method::DELETE, "/v1/users", ["GET", "POST"].as_slice()),
        (Method::HEAD, "/v1/users", &["GET", "POST"]),
        (Method::PUT, "/v1/referrals", &["GET", "POST"]),
        (Method::OPTIONS, "/v1/referrals", &["GET", "POST"]),
        (Method::GET, "/oauth/token", &["POST"]),
        (Method::POST, "/docs", &["GET"]),
    ] {
        let reply = gateway.send(method, path, &[], None).await.expect(405);
        for name in allow {
            assert!(reply.header("allow").unwrap().contains(name), "{path}");
        }
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
}

#[actix_web::test]
async fn a_service_that_is_away_or_slow_is_told() {
    let options =
        Options { upstream: upstream::start(), answer_within: Duration::from_millis(500), ..Options::default() };
    let gateway = Gateway::with(options).await;
    let started = Instant::now();
    let away = gateway.send(Method::GET, "/v1/prevention-cases", &[], None).await.expect(503);
    assert_eq!((away.kind(), away.header("retry-after")), ("unavailable", Some("1")));
    assert!(started.elapsed() < Duration::from_secs(2));
    let slow = gateway.send(Method::GET, "/v1/referrals/slow", &[], None).await.expect(504);
    assert_eq!(slow.kind(), "timed-out");
    // The others go on.
    gateway.send(Method::GET, "/v1/referrals/7", &[], None).await.expect(202);
    let ready = gateway.send(Method::GET, "/health/ready", &[], None).await.expect(200);
    assert_eq!(ready.body["ready"], true);
    assert_eq!(ready.body["services"]["youth-justice-service"], false);
    assert_eq!(ready.body["services"]["referral-service"], true);
    gateway.send(Method::GET, "/health/live", &[], None).await.expect(200);
}
