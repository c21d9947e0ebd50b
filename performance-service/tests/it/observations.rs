//! Published figures: recorded as printed, revised without loss, refused where they are of nothing.

use serde_json::{Value, json};
use shared::testing::{Reply, TestApp};

use crate::indicators::indicator;
use crate::{analyst, board_member, start};

/// The service with an indicator of each of the units a test needs.
async fn county() -> TestApp {
    let (app, ana) = (start().await, analyst());
    for (code, unit) in [("audits_good", "percentage"), ("entrants", "count"), ("theft_rate", "rate_per_1000")] {
        app.post(&ana, "/v1/indicators", &indicator(code, unit)).await.expect(201);
    }
    app
}

fn observation(indicator: &str, unit: &str, value: f64) -> Value {
    json!({
        "indicator": indicator, "period": { "from": "2015-04-01", "to": "2016-03-31", "label": "2015-16" },
        "geography": "leicestershire", "value": value, "unit": unit, "source": "A test", "provisional": false,
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

async fn record(app: &TestApp, body: &Value) -> Reply {
    app.post(&analyst(), "/v1/observations", body).await
}

fn codes(body: &Value) -> Vec<&str> {
    body["remarks"].as_array().unwrap().iter().map(|remark| remark["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_figure_is_kept_as_printed() {
    let app = county().await;
    let mut body = observation("theft_rate", "rate_per_1000", 47.1);
    body["decimals"] = json!(2);
    body["printed"] = json!("47.10*");
    body["note"] = json!("Provisional");
    let made = record(&app, &body).await.expect(201);
    let read = app.get(&board_member(), made.header("location").unwrap()).await.expect(200);
    assert_eq!(read.body, made.body);
    assert_eq!((&read.body["value"], &read.body["display"]), (&json!(47.1), &json!("47.10")));
    assert_eq!((&read.body["printed"], &read.body["version"]), (&json!("47.10*"), &json!(1)));
    assert_eq!(read.body["revisions"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn impossible_percentages_are_kept_and_said_g21() {
    let app = county().await;
    for (place, (base, value, expected)) in
        [(25, 91.0, true), (25, 86.0, true), (224, 88.6, true), (22, 91.0, false), (22, 86.0, false)]
            .into_iter()
            .enumerate()
    {
        let mut body = observation("audits_good", "percentage", value);
        body["denominator"] = json!(base);
        body["decimals"] = json!(u8::from(value == 88.6));
        body["geography"] = json!(format!("place-{place}"));
        let made = record(&app, &body).await.expect(201);
        let expected: &[&str] = if expected { &["percentage_impossible"] } else { &[] };
        assert_eq!(codes(&made.body), expected, "{value}% of {base}");
    }
    // 705 of 2,770 is 25.45 and rounds to 25.5; 25.4 was printed (G19).
    let mut body = observation("audits_good", "percentage", 25.4);
    (body["numerator"], body["denominator"]) = (json!(705), json!(2770));
    let made = record(&app, &body).await.expect(201);
    assert_eq!(made.body["remarks"][0]["detail"], "705 of 2770 is 25.5%; 25.4% is printed");
}

#[actix_web::test]
async fn a_revision_keeps_what_was_there() {
    let (app, ana) = (county().await, analyst());
    let first = record(&app, &observation("entrants", "count", 190.0)).await.expect(201);
    let address = first.header("location").unwrap().to_owned();
    let revisions = format!("{address}/revisions");
    let revision = json!({ "value": 189, "unit": "count", "source": "A later test", "provisional": false, "reason": "One child was counted twice." });
    app.post(&ana, &revisions, &revision).await.expect(428);
    app.post_on(&ana, &revisions, "\"7-full\"", &revision).await.expect(412);
    let without_reason = json!({ "value": 189, "unit": "count", "source": "A later test", "provisional": false });
    let refused = app.post_on(&ana, &revisions, &first.etag(), &without_reason).await.expect(422);
    assert_eq!(refused.pointers(), ["/reason"]);
    let second = app.post_with(&ana, &revisions, "r-1", Some(&first.etag()), &revision).await.expect(200);
    assert_eq!((&second.body["value"], &second.body["version"]), (&json!(189), &json!(2)));
    let again = app.post_with(&ana, &revisions, "r-1", Some(&first.etag()), &revision).await.expect(200);
    assert_eq!((&again.body, again.etag()), (&second.body, second.etag()));
    app.post_on(&ana, &revisions, &first.etag(), &revision).await.expect(412);

    let read = app.get(&ana, &address).await.expect(200);
    let history: Vec<(i64, i64, Option<&str>)> = read.body["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["version"].as_i64().unwrap(), r["value"].as_i64().unwrap(), r["reason"].as_str()))
        .collect();
    assert_eq!(history, [(2, 189, Some("One child was counted twice.")), (1, 190, None)]);
    record(&app, &observation("entrants", "count", 188.0)).await.expect(409);
}

#[actix_web::test]
async fn of_many_revisions_at_once_one_wins_each_version() {
    let (app, ana) = (county().await, analyst());
    let first = record(&app, &observation("entrants", "count", 1.0)).await.expect(201);
    let path = format!("{}/revisions", first.header("location").unwrap());
    let body = |n: usize| json!({ "value": n, "unit": "count", "source": "A race", "provisional": false, "reason": "A race." });
    let etag = first.etag();
    let posts = (0..20).map(|n| {
        let (app, ana, path, etag) = (&app, &ana, &path, &etag);
        async move { app.post_on(ana, path, etag, &body(n)).await.status }
    });
    let statuses = futures::future::join_all(posts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
}

#[actix_web::test]
async fn the_list_is_by_indicator_and_newest_period_first() {
    let (app, ana) = (county().await, analyst());
    for year in 2010..2016 {
        let period =
            json!({ "from": format!("{year}-04-01"), "to": format!("{}-03-31", year + 1), "label": year.to_string() });
        record(&app, &with(observation("entrants", "count", f64::from(year)), "period", period)).await.expect(201);
    }
    record(&app, &observation("theft_rate", "rate_per_1000", 3.5)).await.expect(201);
    let (mut path, mut seen) = ("/v1/observations?indicator=entrants&limit=4".to_owned(), Vec::new());
    loop {
        let page = app.get(&ana, &path).await.expect(200).body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|o| o["value"].as_i64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/observations?indicator=entrants&limit=4&cursor={next}");
    }
    assert_eq!(seen, [2015, 2014, 2013, 2012, 2011, 2010]);
    let all = app.get(&ana, "/v1/observations").await.expect(200).body;
    assert_eq!(all["items"].as_array().unwrap().len(), 7);
    let none = app.get(&ana, "/v1/observations?indicator=no_such").await.expect(200).body;
    assert_eq!(none["items"], json!([]));
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let app = county().await;
    let count = || observation("entrants", "count", 190.0);
    let share = || observation("audits_good", "percentage", 50.0);
    let period = |from: &str, to: &str| json!({ "from": from, "to": to, "label": "x" });
    for (body, pointer) in [
        (with(count(), "indicator", json!("no_such")), "/indicator"),
        (observation("referrals_received", "count", 3.0), "/indicator"),
        (with(count(), "unit", json!("pounds")), "/unit"),
        (with(count(), "value", json!(1.5)), "/value"),
        (with(count(), "value", json!(-1)), "/value"),
        (with(count(), "value", json!("190")), "/value"),
        (with(count(), "value", json!(1.797e308)), "/value"),
        (with(count(), "value", json!(99_999_999_999_999_u64)), "/value"),
        (with(share(), "value", json!(50.123)), "/value"),
        (with(share(), "value", json!(50.00001)), "/value"),
        (with(count(), "numerator", json!(3)), "/numerator"),
        (with(share(), "numerator", json!(3)), "/denominator"),
        (with(share(), "denominator", json!(0)), "/denominator"),
        (with(share(), "denominator", json!(2.5)), "/denominator"),
        (with(count(), "geography", json!("The Moon")), "/geography"),
        (with(count(), "source", json!(" ")), "/source"),
        (with(count(), "period", period("2016-02-30", "2016-03-31")), "/period/from"),
        (with(count(), "period", period("2016-04-01", "2016-03-31")), "/period/to"),
        (with(count(), "period", period("1066-10-14", "1066-10-14")), "/period/from"),
        (with(count(), "period", period("2999-01-01", "2999-12-31")), "/period/from"),
        (with(count(), "period", period("2016-01-01", "2999-12-31")), "/period/to"),
        (with(count(), "note", json!("a\u{0}b")), "/note"),
        (with(count(), "extra", json!(1)), "/extra"),
    ] {
        let refused = record(&app, &body).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{body}");
    }
    let all = app.get(&analyst(), "/v1/observations").await.expect(200).body;
    assert_eq!(all["items"], json!([]));
    // A period that is not over may have a figure, if it says that it is provisional.
    let running = with(count(), "period", period("2016-01-01", "2999-12-31"));
    record(&app, &with(running, "provisional", json!(true))).await.expect(201);
}

#[actix_web::test]
async fn an_id_that_is_none_names_nothing() {
    let (app, ana) = (county().await, analyst());
    for id in ["x", "%00", "00000000-0000-0000-0000-000000000000"] {
        app.get(&ana, &format!("/v1/observations/{id}")).await.expect(404);
        let path = format!("/v1/observations/{id}/revisions");
        app.post_on(&ana, &path, "\"1-full\"", &json!({})).await.expect(404);
    }
}
