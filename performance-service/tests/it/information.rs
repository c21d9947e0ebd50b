//! Requests for information, and whether they were answered in time.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use uuid::Uuid;

use crate::source::event;
use crate::{at, board_member, start};

type Told = (&'static str, Uuid, Value);

fn asked(request: Uuid, referral: Uuid, agency: &str, asked_at: DateTime<Utc>, due_at: DateTime<Utc>) -> Told {
    let data = json!({ "request_id": request, "referral_id": referral, "agency": agency, "kind": "police", "scopes": [],
        "asked_at": asked_at, "due_at": due_at, "locality": "charnwood", "person_ids": [] });
    ("information.requested.v1", request, data)
}

fn answered(request: Uuid, answered_at: DateTime<Utc>, in_time: bool) -> Told {
    let data =
        json!({ "request_id": request, "answered_at": answered_at, "in_time": in_time, "found": "yes", "items": 1 });
    ("information.answered.v1", request, data)
}

#[actix_web::test]
async fn answers_are_counted_of_what_was_due_and_not_taken_back() {
    let app = start().await;
    let asked_at = at("2026-05-04T09:00:00Z");
    let due = asked_at + TimeDelta::days(7);
    let far = Utc::now() + TimeDelta::days(3650);
    let [in_time, late, silent, waiting, cancelled, ended, kept, given_up] = [(); 8].map(|()| Uuid::now_v7());
    let [open, closed] = [(); 2].map(|()| Uuid::now_v7());
    let mut told = vec![
        asked(in_time, open, "police", asked_at, due),
        answered(in_time, due, true),
        asked(late, open, "police", asked_at, due),
        answered(late, due + TimeDelta::minutes(1), false),
        asked(silent, open, "police", asked_at, due),
        asked(waiting, open, "police", asked_at, far),
        asked(cancelled, open, "police", asked_at, due),
        ("information.cancelled.v1", cancelled, json!({ "request_id": cancelled, "cancelled_at": due })),
        asked(ended, closed, "police", asked_at, due),
        // Nobody answered, and the referral ended days later: that was not in time.
        asked(given_up, closed, "police", asked_at, due - TimeDelta::days(2)),
        // It was answered before the referral ended, and counts.
        asked(kept, closed, "hillside-primary", asked_at, due),
        answered(kept, asked_at, true),
        ("referral.closed.v1", closed, json!({ "referral_id": closed, "closed_at": due, "how": "closed" })),
    ];
    // Told twice it is one fact.
    told.extend(told.clone());
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    for (kind, id, data) in told {
        Projection.apply(&mut connection, &event(kind, id, data)).await.unwrap();
    }
    let path = "/v1/indicators/information_answered_in_time/figure?from=2026-04-01&to=2026-09-30&by=part";
    let figure = app.get(&board_member(), path).await.expect(200).body;
    let counts = |figure: &Value| (figure["numerator"].as_i64(), figure["denominator"].as_i64());
    assert_eq!(counts(&figure["figure"]), (Some(2), Some(5)), "{figure}");
    assert_eq!(figure["figure"]["provisional"], true, "one may still be answered in time");
    let part =
        |code: &str| figure["parts"].as_array().unwrap().iter().find(|part| part["code"] == code).unwrap().clone();
    assert_eq!(counts(&part("police")["figure"]), (Some(1), Some(4)));
    assert_eq!(counts(&part("hillside-primary")["figure"]), (Some(1), Some(1)));
}
