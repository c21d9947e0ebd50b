//! Requests for information, counted by the agency that was asked.

use chrono::TimeDelta;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::json;
use shared::events::Apply;
use uuid::Uuid;

use crate::source::event;
use crate::{at, board_member, start};

#[actix_web::test]
async fn an_answer_in_time_is_told_from_a_late_one_a_missing_one_and_one_taken_back() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let asked = at("2026-05-04T09:00:00Z");
    let due = asked + TimeDelta::days(7);
    // Agency, days until the answer, and how the referral or the request ended before one came.
    let asked_of = [
        ("police", Some(6), None),
        ("police", Some(7), None),
        ("police", Some(8), None),
        ("police", None, None),
        ("health", None, Some("referral.closed.v1")),
        ("health", None, Some("referral.withdrawn.v1")),
        ("health", None, Some("information.cancelled.v1")),
        // It was answered, and then the referral ended: the answer stands.
        ("health", Some(1), Some("referral.closed.v1")),
    ];
    for (agency, answered, ended) in asked_of {
        let (request, referral) = (Uuid::now_v7(), Uuid::now_v7());
        let requested = json!({ "request_id": request, "referral_id": referral, "agency": agency, "kind": agency,
            "locality": "melton", "asked_at": asked, "due_at": due, "person_ids": [Uuid::now_v7()] });
        let mut told = vec![("information.requested.v1", request, requested)];
        if let Some(days) = answered {
            let answered_at = asked + TimeDelta::days(days);
            let data = json!({ "request_id": request, "referral_id": referral, "agency": agency,
                "answered_at": answered_at, "due_at": due, "in_time": answered_at <= due });
            told.push(("information.answered.v1", request, data));
        }
        if let Some(kind) = ended {
            let on = asked + TimeDelta::days(2);
            let data = json!({ "request_id": request, "referral_id": referral, "closed_at": on, "how": "information_and_advice" });
            let data = match kind {
                "referral.withdrawn.v1" => json!({ "referral_id": referral, "withdrawn_at": on }),
                "information.cancelled.v1" => {
                    json!({ "request_id": request, "referral_id": referral, "cancelled_at": on })
                }
                _ => data,
            };
            told.push((kind, referral, data));
        }
        for (kind, subject, data) in told.iter().chain(&told) {
            Projection.apply(&mut connection, &event(kind, *subject, data.clone())).await.unwrap();
        }
    }
    let path = "/v1/indicators/information_answered_in_time/figure?from=2026-05-01&to=2026-05-31&by=part";
    let figure = app.get(&board_member(), path).await.expect(200).body;
    assert_eq!((&figure["figure"]["numerator"], &figure["figure"]["denominator"]), (&json!(3), &json!(5)), "{figure}");
    let parts = figure["parts"].as_array().unwrap();
    let of = |code: &str| parts.iter().find(|part| part["code"] == code).unwrap()["figure"].clone();
    assert_eq!((&of("police")["numerator"], &of("police")["denominator"]), (&json!(2), &json!(4)));
    assert_eq!((&of("health")["numerator"], &of("health")["denominator"]), (&json!(1), &json!(1)));
}
