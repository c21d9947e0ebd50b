//! Each event makes its fact, once, in whatever order and however often it is told.

use chrono::TimeDelta;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use performance_service::projection::{Projection, rebuild};
use serde_json::{Value, json};
use shared::events::{Apply, CloudEvent, Failure};
use shared::testing::TestApp;
use uuid::Uuid;

use crate::source::{Source, decided, event, offered, received, step};
use crate::{at, board_member, lines, number, start};

/// All facts as text, to hold two projections against each other.
async fn facts(app: &TestApp) -> Vec<String> {
    let mut connection = app.database.all_seeing().await;
    let mut all = lines(&mut connection, "SELECT to_jsonb(f)::text AS line FROM referral_fact f ORDER BY 1").await;
    all.extend(lines(&mut connection, "SELECT to_jsonb(f)::text AS line FROM allocation_fact f ORDER BY 1").await);
    all
}

async fn worker(app: &TestApp) -> AsyncPgConnection {
    AsyncPgConnection::establish(&app.database.worker()).await.unwrap()
}

async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) {
    Projection.apply(connection, event).await.unwrap();
}

async fn fact(app: &TestApp, table: &str) -> Value {
    let mut connection = app.database.all_seeing().await;
    let found = lines(&mut connection, &format!("SELECT to_jsonb(f)::text AS line FROM {table} f")).await;
    assert_eq!(found.len(), 1);
    serde_json::from_str(&found[0]).unwrap()
}

/// One referral's whole life, as events.
fn life() -> Vec<CloudEvent> {
    let (referral, allocation, t) = (Uuid::now_v7(), Uuid::now_v7(), at("2026-11-02T10:00:00Z"));
    let hours = |hours| t + TimeDelta::hours(hours);
    let service = "intensive-family-support";
    let told = [
        ("referral.received.v1", received(referral, t, None)),
        ("referral.screening_started.v1", json!({ "referral_id": referral })),
        ("referral.decided.v1", decided(referral, hours(3), true, Some("melton"))),
        (
            "referral.hub_decided.v1",
            json!({ "referral_id": referral, "outcome": "allocate", "decided_at": hours(20),
            "locality": "charnwood", "service": service }),
        ),
        ("allocation.offered.v1", offered(allocation, referral, service, hours(20))),
        ("allocation.accepted.v1", step(allocation, referral, service, "accepted_at", hours(30))),
        ("allocation.closed.v1", step(allocation, referral, service, "closed_at", hours(900))),
        ("referral.closed.v1", json!({ "referral_id": referral, "closed_at": hours(900), "how": "needs_met" })),
    ];
    told.into_iter().map(|(kind, data)| event(kind, referral, data)).collect()
}

#[actix_web::test]
async fn each_event_makes_its_fact() {
    let app = start().await;
    let mut connection = worker(&app).await;
    for event in life() {
        apply(&mut connection, &event).await;
    }
    let referral = fact(&app, "referral_fact").await;
    for (column, expected) in [
        ("received_at", json!("2026-11-02T10:00:00+00:00")),
        ("agency", json!("greenfield-academy")),
        ("decided_at", json!("2026-11-02T13:00:00+00:00")),
        ("outcome", json!("early_help_hub")),
        ("level_of_need", json!(2)),
        ("in_time", json!(true)),
        ("hub_outcome", json!("allocate")),
        ("locality", json!("charnwood")),
        ("closed_how", json!("needs_met")),
        ("withdrawn_at", Value::Null),
    ] {
        assert_eq!(referral[column], expected, "{column}");
    }
    assert!(referral["screening_started_at"].is_string());
    let allocation = fact(&app, "allocation_fact").await;
    assert_eq!(allocation["service"], "intensive-family-support");
    assert_eq!(allocation["outcome"], "needs_met");
    for column in ["offered_at", "accepted_at", "closed_at"] {
        assert!(allocation[column].is_string(), "{column}");
    }
}

#[actix_web::test]
async fn a_service_s_no_and_a_referral_taken_back_are_facts() {
    let app = start().await;
    let mut connection = worker(&app).await;
    let (referral, first, second, t) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7(), at("2026-11-02T10:00:00Z"));
    for (kind, data) in [
        ("allocation.declined.v1", step(first, referral, "youth-work", "declined_at", t)),
        ("allocation.withdrawn.v1", step(second, referral, "youth-work", "withdrawn_at", t)),
        ("referral.withdrawn.v1", json!({ "referral_id": referral, "withdrawn_at": t })),
    ] {
        apply(&mut connection, &event(kind, referral, data)).await;
    }
    let sql = "SELECT count(*) FROM allocation_fact WHERE (declined_at IS NULL) <> (withdrawn_at IS NULL)";
    assert_eq!(number(&mut connection, sql).await, 2);
    assert!(fact(&app, "referral_fact").await["withdrawn_at"].is_string());
}

#[actix_web::test]
async fn order_and_repetition_change_nothing() {
    let (forward, backward) = (start().await, start().await);
    let told = life();
    let mut connection = worker(&forward).await;
    for event in &told {
        apply(&mut connection, event).await;
    }
    let mut connection = worker(&backward).await;
    for event in told.iter().rev().chain(&told) {
        apply(&mut connection, event).await;
    }
    assert_eq!(facts(&forward).await, facts(&backward).await);
}

#[actix_web::test]
async fn an_older_decision_told_late_does_not_undo_a_newer() {
    let app = start().await;
    let mut connection = worker(&app).await;
    let referral = Uuid::now_v7();
    let newer = decided(referral, at("2026-11-03T10:00:00Z"), false, Some("melton"));
    let older = decided(referral, at("2026-11-02T10:00:00Z"), true, Some("blaby"));
    for data in [newer, older] {
        apply(&mut connection, &event("referral.decided.v1", referral, data)).await;
    }
    let fact = fact(&app, "referral_fact").await;
    assert_eq!((&fact["in_time"], &fact["locality"]), (&json!(false), &json!("melton")));
}

#[actix_web::test]
async fn what_is_not_known_is_passed_over_and_what_is_wrong_is_named() {
    let app = start().await;
    let mut connection = worker(&app).await;
    let referral = Uuid::now_v7();
    let mut more = received(referral, at("2026-11-02T10:00:00Z"), Some("melton"));
    more["something_new"] = json!({ "deep": [1, 2] });
    apply(&mut connection, &event("referral.received.v1", referral, more)).await;
    apply(&mut connection, &event("referral.received.v2", referral, json!({}))).await;
    apply(&mut connection, &event("person.changed.v1", referral, json!([]))).await;
    assert_eq!(facts(&app).await.len(), 1);
    for (kind, data) in [
        ("referral.received.v1", json!({ "referral_id": referral })),
        (
            "allocation.accepted.v1",
            json!({ "allocation_id": referral, "referral_id": referral, "service": "youth-work" }),
        ),
    ] {
        let failure = Projection.apply(&mut connection, &event(kind, referral, data)).await.unwrap_err();
        assert!(matches!(failure, Failure::Lasting(why) if why.starts_with(kind)));
    }
}

/// Tells of many lives, in short.
fn county(source: &Source, referrals: usize) {
    for n in 0..referrals {
        let (referral, allocation) = (Uuid::now_v7(), Uuid::now_v7());
        let t = at("2026-10-20T09:00:00Z") + TimeDelta::hours(n as i64);
        let locality = ["melton", "blaby", "charnwood"][n % 3];
        source.tell("referral.received.v1", referral, received(referral, t, Some(locality)));
        if n % 4 == 3 {
            source.tell("referral.withdrawn.v1", referral, json!({ "referral_id": referral, "withdrawn_at": t }));
            continue;
        }
        source.tell(
            "referral.decided.v1",
            referral,
            decided(referral, t + TimeDelta::hours(2), n % 5 != 0, Some(locality)),
        );
        source.tell(
            "allocation.offered.v1",
            referral,
            offered(allocation, referral, "youth-work", t + TimeDelta::hours(3)),
        );
        let answer = if n % 3 == 0 { "declined" } else { "accepted" };
        let data = step(allocation, referral, "youth-work", &format!("{answer}_at"), t + TimeDelta::hours(4));
        source.tell(&format!("allocation.{answer}.v1"), referral, data);
    }
}

#[actix_web::test]
async fn a_new_epoch_that_tells_everything_twice_changes_nothing() {
    let (app, source) = (start().await, Source::start());
    county(&source, 60);
    source.consume(&app);
    source.settled(&app).await;
    let before = facts(&app).await;
    assert!(before.len() > 60);
    source.restore_with_everything_twice();
    source.settled(&app).await;
    assert_eq!(facts(&app).await, before);
}

#[actix_web::test]
async fn a_rebuilt_projection_is_the_same_and_needs_no_stop() {
    let (app, source) = (start().await, Source::start());
    county(&source, 60);
    let stuck = Uuid::now_v7();
    source.tell("referral.received.v1", stuck, json!({ "referral_id": "nobody" }));
    source.tell("referral.decided.v1", stuck, decided(stuck, at("2026-11-02T10:00:00Z"), true, None));
    source.consume(&app);
    source.settled(&app).await;
    let before = facts(&app).await;
    let mut connection = app.database.all_seeing().await;
    assert_eq!(number(&mut connection, "SELECT count(*) FROM dead_letter").await, 2);

    // Figures say that something is held back.
    let dashboard = app.get(&board_member(), "/v1/dashboards/partnership").await.expect(200).body;
    let completeness = &dashboard["groups"][1]["rows"][0]["latest"]["completeness"];
    assert_eq!(completeness["state"], "partial");
    assert!(completeness["detail"].as_str().unwrap().starts_with("2 events"));

    // A rebuild cures what was spoilt by hand, too.
    connection.batch_execute("DELETE FROM referral_fact WHERE in_time").await.unwrap();
    assert_ne!(facts(&app).await, before);
    rebuild(&app.database.worker()).await.unwrap();
    source.settled(&app).await;
    assert_eq!(facts(&app).await, before);
    assert_eq!(number(&mut connection, "SELECT count(*) FROM dead_letter").await, 2);

    // And what comes afterwards is applied as ever.
    county(&source, 3);
    source.settled(&app).await;
    assert!(facts(&app).await.len() > before.len());
}

#[actix_web::test]
async fn how_a_worry_came_and_when_its_referrer_heard_are_facts() {
    let app = start().await;
    let mut connection = worker(&app).await;
    let t = at("2026-05-04T10:00:00Z");
    for (kind, urgent, repeated, told) in [
        ("professional", false, false, Some((9, true))),
        ("self_referral", true, true, Some((90, false))),
        ("public", false, true, None),
    ] {
        let referral = Uuid::now_v7();
        let mut data = received(referral, t, Some("melton"));
        data["kind"] = json!(kind);
        data["urgent"] = json!(urgent);
        data["repeat_within_12_months"] = json!(repeated);
        apply(&mut connection, &event("referral.received.v1", referral, data)).await;
        if let Some((hours, in_time)) = told {
            // A later telling changes nothing, in whichever order the two are read.
            for (at, in_time) in [(t + TimeDelta::hours(hours), in_time), (t + TimeDelta::hours(300), !in_time)] {
                let data = json!({ "referral_id": referral, "told_at": at, "in_time": in_time });
                apply(&mut connection, &event("referral.referrer_told.v1", referral, data)).await;
            }
        }
    }
    let figure = async |code: &str| {
        let path = format!("/v1/indicators/{code}/figure?from=2026-05-01&to=2026-05-31");
        let figure = app.get(&board_member(), &path).await.expect(200).body["figure"].clone();
        (figure["numerator"].as_i64().or(figure["value"].as_i64()).unwrap(), figure["denominator"].as_i64())
    };
    assert_eq!(figure("referrals_by_kind").await, (3, None));
    assert_eq!(figure("urgent_referrals").await, (1, None));
    assert_eq!(figure("repeat_referrals").await, (2, Some(3)));
    assert_eq!(figure("referrer_told_in_time").await, (1, Some(2)));
}
