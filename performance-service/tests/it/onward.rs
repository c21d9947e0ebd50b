//! Onward referrals, and how many were taken up.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::{Apply, CloudEvent};
use shared::testing::TestApp;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::source::event;
use crate::{at, board_member, start};

/// What happens after sending, by day: the event, the status it leaves, and the outcome.
type Step = (i64, &'static str, &'static str, Option<&'static str>);

const ANSWERED: &str = "onward_referral.answered.v1";
const OUTCOME: &str = "onward_referral.outcome_recorded.v1";
const EXPIRED: &str = "onward_referral.expired.v1";
const WITHDRAWN: &str = "onward_referral.withdrawn.v1";
const AGAIN: &str = "onward_referral.sent_again.v1";

/// Each way an onward referral goes: its steps, whether it counts as taken up, of those decided, or not yet, and what it
/// counts as where it stands.
const WAYS: [(&[Step], Option<bool>, bool, &str); 12] = [
    (&[], None, true, "sent"),
    (&[(3, ANSWERED, "accepted", None)], None, true, "accepted"),
    (&[(3, ANSWERED, "accepted", None), (30, OUTCOME, "accepted", Some("engaged"))], Some(true), false, "engaged"),
    (
        &[
            (3, ANSWERED, "accepted", None),
            (30, OUTCOME, "accepted", Some("engaged")),
            (90, OUTCOME, "accepted", Some("sustained")),
        ],
        Some(true),
        false,
        "sustained",
    ),
    (
        &[(3, ANSWERED, "accepted", None), (30, OUTCOME, "accepted", Some("did_not_engage"))],
        Some(false),
        false,
        "did_not_engage",
    ),
    (&[(3, ANSWERED, "accepted", None), (30, OUTCOME, "accepted", Some("not_known"))], Some(false), false, "not_known"),
    (&[(3, ANSWERED, "declined", None)], Some(false), false, "declined"),
    (&[(20, ANSWERED, "no_answer", None)], Some(false), false, "no_answer"),
    (&[(28, EXPIRED, "expired", None)], Some(false), false, "expired"),
    // It is sent once more, and the service rings in the end.
    (&[(28, EXPIRED, "expired", None), (29, AGAIN, "sent", None)], None, true, "sent"),
    (&[(5, WITHDRAWN, "withdrawn", None)], None, false, "withdrawn"),
    // Taken back when it had come of something: that stands.
    (
        &[
            (3, ANSWERED, "accepted", None),
            (30, OUTCOME, "accepted", Some("engaged")),
            (40, WITHDRAWN, "withdrawn", None),
        ],
        Some(true),
        false,
        "engaged",
    ),
];

fn told(id: Uuid, service: Uuid, locality: &str, sent: DateTime<Utc>, steps: &[Step]) -> Vec<CloudEvent> {
    let facts = |status: &str, more: Value| {
        let of = json!({ "onward_referral_id": id, "referral_id": Uuid::now_v7(), "service_id": service, "status": status,
            "locality": locality });
        shared::events::joined(of, more)
    };
    let sending = facts("sent", json!({ "sent_at": sent, "answer_due_at": sent, "expires_at": sent }));
    let mut events = vec![CloudEvent { time: sent, ..event("onward_referral.sent.v1", id, sending) }];
    for (days, kind, status, outcome) in steps {
        let more =
            outcome.map_or_else(|| json!({}), |outcome| json!({ "outcome": outcome, "outcome_on": "2026-06-01" }));
        let time = sent + TimeDelta::days(*days);
        events.push(CloudEvent { time, ..event(kind, id, facts(status, more)) });
    }
    events
}

async fn figure(app: &TestApp, code: &str, by: &str) -> Value {
    let path = format!("/v1/indicators/{code}/figure?from=2026-04-01&to=2026-09-30&by={by}");
    app.get(&board_member(), &path).await.expect(200).body
}

#[actix_web::test]
async fn what_was_taken_up_is_a_share_of_what_was_decided() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let services = [Uuid::now_v7(), Uuid::now_v7()];
    let (mut up, mut decided, mut waiting, mut sent_of) = (0, 0, 0, BTreeMap::new());
    let mut of_service: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    // Each way twice over for the first service, once for the second, and once outside of the period.
    let times = [
        (0, "2026-04-01T08:00:00Z"),
        (0, "2026-09-30T08:00:00Z"),
        (1, "2026-06-01T08:00:00Z"),
        (1, "2026-10-01T08:00:00Z"),
    ];
    for (which, sent) in times {
        for (steps, taken_up, pending, standing) in WAYS {
            let events = told(Uuid::now_v7(), services[which], "melton", at(sent), steps);
            // A log that is read again from its beginning changes nothing.
            for it in events.iter().chain(&events) {
                Projection.apply(&mut connection, it).await.unwrap();
            }
            if sent.starts_with("2026-10") {
                continue;
            }
            *sent_of.entry(standing).or_insert(0) += 1;
            let counts = (i64::from(taken_up == Some(true)), i64::from(taken_up.is_some()));
            (up, decided, waiting) = (up + counts.0, decided + counts.1, waiting + i64::from(pending));
            let part = of_service.entry(services[which].to_string()).or_default();
            *part = (part.0 + counts.0, part.1 + counts.1);
        }
    }
    let pair = |figure: &Value| (figure["numerator"].as_i64().unwrap(), figure["denominator"].as_i64().unwrap());
    let taken_up = figure(&app, "onward_taken_up", "part").await;
    assert_eq!(pair(&taken_up["figure"]), (up, decided));
    assert_eq!(taken_up["figure"]["note"], format!("{waiting} cases may still change this figure"));
    for part in taken_up["parts"].as_array().unwrap() {
        assert_eq!(pair(&part["figure"]), of_service[part["code"].as_str().unwrap()], "{part}");
    }
    assert_eq!(pair(&figure(&app, "onward_taken_up", "locality").await["parts"][0]["figure"]), (up, decided));
    let made = figure(&app, "onward_referrals_sent", "part").await;
    assert_eq!(made["figure"]["value"], 36);
    let parts: BTreeMap<&str, i64> = made["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["code"].as_str().unwrap(), part["figure"]["value"].as_i64().unwrap()))
        .collect();
    assert_eq!(parts, sent_of);
}
