//! What is owed and not done: when it begins to count.

use chrono::{Days, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::json;
use shared::events::Apply;
use uuid::Uuid;

use crate::source::event;
use crate::{board_member, start};

#[actix_web::test]
async fn a_service_that_skips_a_review_has_it_not_in_time_once_it_is_overdue() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let now = Utc::now();
    let (case, due) = (Uuid::now_v7(), now + TimeDelta::hours(30));
    let day = |days: i64| now - TimeDelta::days(days);
    let told = [
        (
            "case.engaged.v1",
            json!({ "case_id": case, "engaged_on": day(90).date_naive(), "assessment_due_at": day(48) }),
        ),
        (
            "assessment.completed.v1",
            json!({ "measurement_id": Uuid::now_v7(), "case_id": case, "point": "initial", "measured_on": day(80).date_naive(),
                    "completed_at": day(80), "due_at": day(48), "in_time": true, "corrects": null, "review_due_at": due,
                    "team": "youth-work", "locality": "melton" }),
        ),
    ];
    for (kind, data) in told {
        Projection.apply(&mut connection, &event(kind, case, data)).await.unwrap();
    }
    let today = now.date_naive();
    let path = format!("/v1/indicators/reviews_in_time/figure?from={}&to={}", today, today + Days::new(7));
    let waiting = app.get(&board_member(), &path).await.expect(200).body["figure"].clone();
    assert_eq!((&waiting["denominator"], &waiting["display"]), (&json!(0), &json!("no base")));
    assert_eq!(waiting["note"], "1 case may still change this figure");
    app.advance(TimeDelta::hours(31));
    let passed = app.get(&board_member(), &path).await.expect(200).body["figure"].clone();
    assert_eq!((&passed["numerator"], &passed["denominator"]), (&json!(0), &json!(1)));
    // Held after all: late once, in the period in which its limit passed, and not again where it was held.
    let held = now + TimeDelta::days(20);
    let late = json!({ "measurement_id": Uuid::now_v7(), "case_id": case, "point": "closure", "measured_on": held.date_naive(),
        "completed_at": held, "due_at": due, "in_time": false, "corrects": null, "team": "youth-work", "locality": "melton" });
    Projection.apply(&mut connection, &event("assessment.completed.v1", case, late)).await.unwrap();
    let again = app.get(&board_member(), &path).await.expect(200).body["figure"].clone();
    assert_eq!((&again["numerator"], &again["denominator"]), (&json!(0), &json!(1)));
    let later =
        format!("/v1/indicators/reviews_in_time/figure?from={}&to={}", today + Days::new(8), today + Days::new(30));
    assert_eq!(app.get(&board_member(), &later).await.expect(200).body["figure"]["denominator"], 0);
}
