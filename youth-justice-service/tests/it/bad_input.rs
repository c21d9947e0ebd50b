//! What is refused before anything is asked or stored.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::desk::{Desk, path};
use crate::owner::at;

#[actix_web::test]
async fn a_bad_body_is_refused_with_a_pointer_to_each_field() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let etag = desk.etag(&case).await;
    let long = "x".repeat(20_001);
    for (change, body, pointers) in [
        ("acceptance", json!({ "reason": "x" }), vec!["/reason"]),
        ("acceptance", json!([]), vec![""]),
        ("refusal", json!({}), vec!["/reason"]),
        ("refusal", json!({ "reason": "" }), vec!["/reason"]),
        ("refusal", json!({ "reason": " \n " }), vec!["/reason"]),
        ("refusal", json!({ "reason": long }), vec!["/reason"]),
        ("refusal", json!({ "reason": "a\u{0}b" }), vec!["/reason"]),
        ("refusal", json!({ "reason": 1.797e308, "why": 1 }), vec!["/reason", "/why"]),
        ("closure", json!({ "outcome": "solved", "summary": "x" }), vec!["/outcome"]),
        ("closure", json!({ "outcome": 7, "extra": {} }), vec!["/extra", "/outcome", "/outcome", "/summary"]),
    ] {
        let address = format!("{}/{change}", path(&case));
        let reply = desk.app.post_on(&desk.yusuf, &address, &etag, &body).await.expect(422);
        assert_eq!(reply.pointers(), pointers, "{change} {body}");
    }
    at(offer.allocation, |it| assert_eq!(it.asks, 0));
    assert_eq!(desk.etag(&case).await, etag);
}

#[actix_web::test]
async fn what_is_no_json_or_too_large_is_refused() {
    let desk = Desk::open().await;
    let (_, case) = desk.case().await;
    let address = format!("{}/refusal", path(&case));
    let bearer = format!("Bearer {}", desk.app.tokens.token(&desk.yusuf));
    let key = Uuid::now_v7().to_string();
    let json_headers = [
        ("authorization", bearer.as_str()),
        ("idempotency-key", key.as_str()),
        ("if-match", "\"1-full\""),
        ("content-type", "application/json"),
    ];
    let post = || "POST".parse().unwrap();
    desk.app.send(post(), &address, &json_headers, Some(b"{".to_vec())).await.expect(400);
    desk.app.send(post(), &address, &json_headers, Some(vec![b'"', 0xff, b'"'])).await.expect(400);
    desk.app.send(post(), &address, &json_headers, Some(vec![b' '; 3_000_000])).await.expect(413);
    desk.app.send(post(), &address, &json_headers[..3], Some(b"{}".to_vec())).await.expect(415);
}

#[actix_web::test]
async fn a_change_needs_its_key_and_the_version_it_was_decided_on() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let bearer = format!("Bearer {}", desk.app.tokens.token(&desk.yusuf));
    for (change, body) in [
        ("acceptance", json!({})),
        ("refusal", json!({ "reason": "No capacity." })),
        ("closure", json!({ "outcome": "needs_met", "summary": "Done." })),
    ] {
        let address = format!("{}/{change}", path(&case));
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "\"1-full\"")];
        let body_bytes = Some(body.to_string().into_bytes());
        let reply = desk.app.send("POST".parse().unwrap(), &address, &headers, body_bytes).await.expect(400);
        assert_eq!(reply.pointers(), ["Idempotency-Key"]);
        let missing = desk.app.post(&desk.yusuf, &address, &body).await.expect(428);
        assert_eq!(missing.body["type"], "/docs/problems#version-required");
        for unreadable in ["*", "W/\"1-full\"", "\"1-full\", \"2-full\"", "1"] {
            desk.app.post_on(&desk.yusuf, &address, unreadable, &body).await.expect(428);
        }
        desk.app.post_on(&desk.yusuf, &address, "\"7-full\"", &body).await.expect(412);
    }
    at(offer.allocation, |it| assert_eq!(it.asks, 0));
}

#[actix_web::test]
async fn unknown_or_impossible_parameters_are_named() {
    let desk = Desk::open().await;
    for (query, names) in [
        ("status=open", vec!["status"]),
        ("limit=0", vec!["limit"]),
        ("limit=101", vec!["limit"]),
        ("cursor=nonsense", vec!["cursor"]),
        ("page=2&limit=x", vec!["limit", "page"]),
        ("status=accepted&status=closed", vec!["status"]),
    ] {
        let reply = desk.app.get(&desk.yusuf, &format!("/v1/prevention-cases?{query}")).await.expect(400);
        assert_eq!(reply.pointers(), names, "{query}");
    }
    let empty: Value = desk.app.get(&desk.yusuf, "/v1/prevention-cases?status=closed&limit=1").await.expect(200).body;
    assert_eq!(empty, json!({ "items": [] }));
}
