//! Definitions: defined, read, listed, refused.

use serde_json::{Value, json};

use crate::{analyst, board_member, start};

pub fn indicator(code: &str, unit: &str) -> Value {
    let mut body = json!({
        "code": code, "title": format!("Indicator {code}"), "numerator": "What counts", "unit": unit, "decimals": 1,
        "polarity": "lower_is_better", "tolerance": 2.5, "source": "A test", "verified": false,
    });
    if !["count", "pounds"].contains(&unit) {
        body["denominator"] = json!("Out of what");
    }
    body
}

#[actix_web::test]
async fn a_definition_is_kept_and_read() {
    let (app, ana) = (start().await, analyst());
    let made = app.post(&ana, "/v1/indicators", &indicator("theft_rate", "rate_per_1000")).await.expect(201);
    assert_eq!(made.header("location"), Some("/v1/indicators/theft_rate"));
    let read = app.get(&board_member(), "/v1/indicators/theft_rate").await.expect(200);
    assert_eq!(read.body, made.body);
    for (name, expected) in [
        ("denominator", json!("Out of what")),
        ("tolerance", json!(2.5)),
        ("unit", json!("rate_per_1000")),
        ("polarity", json!("lower_is_better")),
        ("computed", json!(false)),
        ("verified", json!(false)),
        ("created_by", json!("ana.analyst")),
    ] {
        assert_eq!(read.body[name], expected, "{name}");
    }
}

#[actix_web::test]
async fn every_indicator_that_is_counted_here_can_be_counted_and_broken_down() {
    let app = start().await;
    let page = app.get(&board_member(), "/v1/indicators?limit=100").await.expect(200).body;
    let indicators = page["items"].as_array().unwrap();
    assert!(indicators.len() >= 7);
    for indicator in indicators {
        let code = indicator["code"].as_str().unwrap();
        assert_eq!(indicator["computed"], true);
        let figure = format!("/v1/indicators/{code}/figure?from=2015-04-01&to=2016-03-31");
        let empty = app.get(&board_member(), &figure).await.expect(200).body;
        let nothing = if indicator["denominator"].is_null() { json!(0) } else { Value::Null };
        assert_eq!(empty["figure"]["value"], nothing, "{code} of no facts");
        for by in indicator["breakdowns"].as_array().unwrap() {
            app.get(&board_member(), &format!("{figure}&by={}", by.as_str().unwrap())).await.expect(200);
        }
    }
}

#[actix_web::test]
async fn a_definition_says_what_is_counted_out_of_what() {
    let app = start().await;
    let in_time = app.get(&board_member(), "/v1/indicators/decided_in_time").await.expect(200).body;
    assert_eq!((&in_time["computed"], &in_time["unit"]), (&json!(true), &json!("percentage")));
    assert!(in_time["denominator"].as_str().unwrap().contains("limit passed"));
    for (code, part, says) in [
        ("reviews_in_time", "denominator", "or not held at all"),
        ("assessments_in_time", "denominator", "or not held at all"),
        ("issues_resolved", "numerator", "not asked again counts as not resolved"),
    ] {
        let definition = app.get(&board_member(), &format!("/v1/indicators/{code}")).await.expect(200).body;
        assert!(definition[part].as_str().unwrap().contains(says), "{code}");
    }
}

#[actix_web::test]
async fn lists_are_read_page_by_page() {
    let (app, ana) = (start().await, analyst());
    for n in 0..5 {
        app.post(&ana, "/v1/indicators", &indicator(&format!("number_{n}"), "count")).await.expect(201);
    }
    let (mut path, mut seen) = ("/v1/indicators?limit=3".to_owned(), Vec::new());
    loop {
        let page = app.get(&ana, &path).await.expect(200).body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|i| i["code"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/indicators?limit=3&cursor={next}");
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all, "none stands on two pages");
    seen.retain(|code| code.starts_with("number_"));
    assert_eq!(seen, ["number_0", "number_1", "number_2", "number_3", "number_4"]);
    let refused = app.get(&ana, "/v1/indicators?limit=0&cursor=x&colour=red").await.expect(400);
    assert_eq!(refused.pointers(), ["colour", "cursor", "limit"]);
    // A forged cursor, of a day before PostgreSQL's first.
    let forged = "MS4tMzAwMDAwMDAwMDAwMDAwMDAwLjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw";
    app.get(&ana, &format!("/v1/indicators?cursor={forged}")).await.expect(400);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let (app, ana) = (start().await, analyst());
    let with = |name: &str, value: Value| {
        let mut body = indicator("spoilt", "percentage");
        body[name] = value;
        body
    };
    let mut without_base = indicator("spoilt", "percentage");
    without_base.as_object_mut().unwrap().remove("denominator");
    for (body, pointer) in [
        (with("code", json!("Spoilt Code")), "/code"),
        (with("code", json!("spoilt_")), "/code"),
        (with("title", json!("   ")), "/title"),
        (with("title", json!("a\u{0}b")), "/title"),
        (with("decimals", json!(5)), "/decimals"),
        (with("decimals", json!(-1)), "/decimals"),
        (with("unit", json!("furlongs")), "/unit"),
        (with("polarity", json!("sideways")), "/polarity"),
        (with("tolerance", json!(0.00001)), "/tolerance"),
        (with("tolerance", json!(1.797e308)), "/tolerance"),
        (with("tolerance", json!(-1)), "/tolerance"),
        (with("unit", json!("count")), "/denominator"),
        (with("computed", json!(true)), "/computed"),
        (without_base, "/denominator"),
    ] {
        let refused = app.post(&ana, "/v1/indicators", &body).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    let refused = app.post(&ana, "/v1/indicators", &json!({ "decimals": "x" })).await.expect(422);
    for pointer in
        ["/code", "/decimals", "/numerator", "/polarity", "/source", "/title", "/tolerance", "/unit", "/verified"]
    {
        assert!(refused.pointers().contains(&pointer.to_owned()), "{pointer}");
    }
    app.get(&ana, "/v1/indicators/spoilt").await.expect(404);
    for path in ["/v1/indicators/no_such", "/v1/indicators/%00", "/v1/indicators/A%20B", "/v1/indicators/%ff"] {
        app.get(&ana, path).await.expect(404);
    }
}

#[actix_web::test]
async fn a_code_is_taken_once_and_a_retry_is_no_second_time() {
    let (app, ana) = (start().await, analyst());
    let body = indicator("theft_rate", "rate_per_1000");
    let first = app.post_with(&ana, "/v1/indicators", "key-1", None, &body).await.expect(201);
    let again = app.post_with(&ana, "/v1/indicators", "key-1", None, &body).await.expect(201);
    assert_eq!((&first.body, first.etag()), (&again.body, again.etag()));
    app.post_with(&ana, "/v1/indicators", "key-1", None, &indicator("other", "count")).await.expect(422);
    app.post(&ana, "/v1/indicators", &body).await.expect(409);
    app.post(&ana, "/v1/indicators", &indicator("decided_in_time", "percentage")).await.expect(409);
}
