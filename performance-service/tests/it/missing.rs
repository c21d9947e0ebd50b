//! Missing episodes and their return interviews, counted.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use uuid::Uuid;

use crate::source::event;
use crate::{at, board_member, start};

/// One episode's events: reported, returned, and what became of the interview.
fn episode(locality: &str, since: DateTime<Utc>, interview: Option<(&str, i64)>) -> Vec<(&'static str, Uuid, Value)> {
    let id = Uuid::now_v7();
    let returned = since + TimeDelta::hours(9);
    let due = returned + TimeDelta::hours(72);
    let mut told = vec![
        (
            "missing.reported.v1",
            id,
            json!({ "episode_id": id, "person_ids": [Uuid::now_v7()], "locality": locality, "agency": "police",
                    "missing_since": since, "reported_at": since, "missing_from": "home", "risk_level": "medium",
                    "repeat_number": 1, "exploitation": false }),
        ),
        (
            "missing.returned.v1",
            id,
            json!({ "episode_id": id, "returned_at": returned, "interview_due_at": due, "found_how": "returned" }),
        ),
    ];
    if let Some((outcome, minutes)) = interview {
        let held = returned + TimeDelta::minutes(minutes);
        let kind = match outcome {
            "offered" => "missing.interview_offered.v1",
            "declined" => "missing.interview_declined.v1",
            _ => "missing.interview_held.v1",
        };
        let data = json!({ "episode_id": id, "at": held, "due_at": due, "in_time": held <= due, "themes": ["family-conflict"] });
        told.push((kind, id, data));
    }
    told
}

async fn tell(app: &TestApp, told: Vec<(&'static str, Uuid, Value)>) {
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    for (kind, id, data) in told {
        Projection.apply(&mut connection, &event(kind, id, data)).await.unwrap();
    }
}

async fn figure(app: &TestApp, code: &str, by: &str) -> Value {
    let path = format!("/v1/indicators/{code}/figure?from=2026-04-01&to=2026-09-30&by={by}");
    app.get(&board_member(), &path).await.expect(200).body
}

#[actix_web::test]
async fn an_interview_at_72_hours_is_in_time_and_one_a_minute_later_is_not() {
    let app = start().await;
    let since = at("2026-05-04T20:00:00Z");
    for interview in
        [Some(("held", 72 * 60)), Some(("held", 72 * 60 + 1)), Some(("declined", 30)), Some(("offered", 30)), None]
    {
        tell(&app, episode("charnwood", since, interview)).await;
    }
    tell(&app, episode("melton", since, Some(("held", 60)))).await;
    let in_time = figure(&app, "return_interviews_in_time", "locality").await;
    assert_eq!((&in_time["figure"]["numerator"], &in_time["figure"]["denominator"]), (&json!(2), &json!(6)));
    let part = |figure: &Value, code: &str| {
        let parts = figure["parts"].as_array().unwrap().clone();
        parts.into_iter().find(|part| part["code"] == code).unwrap()["figure"].clone()
    };
    let charnwood = part(&in_time, "charnwood");
    assert_eq!((&charnwood["numerator"], &charnwood["denominator"]), (&json!(1), &json!(5)));
    assert_eq!(figure(&app, "return_interviews_held", "locality").await["figure"]["value"], 3);
    let themes = figure(&app, "return_interview_themes", "part").await;
    assert_eq!((&themes["part_is"], &part(&themes, "family-conflict")["value"]), (&json!("theme"), &json!(3)));
    assert_eq!(part(&figure(&app, "missing_episodes", "part").await, "medium")["value"], 6);
}

#[actix_web::test]
async fn a_return_still_within_its_limit_is_pending_and_an_episode_that_was_none_counts_nowhere() {
    let app = start().await;
    let now = Utc::now();
    tell(&app, episode("melton", now - TimeDelta::hours(10), None)).await;
    let mut none = episode("melton", now - TimeDelta::hours(10), Some(("held", 5)));
    let id = none[0].1;
    none.push(("missing.cancelled.v1", id, json!({ "episode_id": id, "cancelled_at": now })));
    tell(&app, none).await;
    let today = now.date_naive();
    let path =
        format!("/v1/indicators/return_interviews_in_time/figure?from={}&to={today}", today - TimeDelta::days(3));
    let waiting = app.get(&board_member(), &path).await.expect(200).body;
    assert_eq!((&waiting["figure"]["denominator"], &waiting["figure"]["provisional"]), (&json!(0), &json!(true)));
    assert_eq!(waiting["figure"]["note"], "1 case may still change this figure");
    app.advance(TimeDelta::hours(80));
    assert_eq!(app.get(&board_member(), &path).await.expect(200).body["figure"]["denominator"], 1);
}

#[actix_web::test]
async fn an_absence_that_two_agencies_reported_is_counted_once() {
    let app = start().await;
    let since = at("2026-05-04T20:00:00Z");
    let first = episode("charnwood", since, Some(("held", 60)));
    let mut second = episode("charnwood", since, Some(("held", 60)));
    second[0].2["same_absence_as"] = json!(first[0].1);
    let (first_id, codes) = (first[0].1, ["missing_episodes", "return_interviews_held", "return_interview_themes"]);
    tell(&app, second).await;
    tell(&app, first).await;
    for code in codes {
        assert_eq!(figure(&app, code, "locality").await["figure"]["value"], 1, "{code}");
    }
    let in_time = figure(&app, "return_interviews_in_time", "locality").await;
    assert_eq!((&in_time["figure"]["numerator"], &in_time["figure"]["denominator"]), (&json!(1), &json!(1)));
    // The first report proved to be none: the other counts.
    let cancelled = json!({ "episode_id": first_id, "because": "reported-in-error", "cancelled_at": since });
    tell(&app, vec![("missing.cancelled.v1", first_id, cancelled)]).await;
    assert_eq!(figure(&app, "missing_episodes", "locality").await["figure"]["value"], 1);
}
