//! The interview with a child who is back: within 72 hours, offered, declined, held, or late with its reason.

use chrono::{TimeDelta, Utc};
use serde_json::json;

use crate::missing::{ago, back, held, police, reported, returned, step};
use crate::world::World;

#[actix_web::test]
async fn an_interview_72_hours_after_the_return_is_in_time_and_a_minute_later_is_late() {
    let world = World::new().await;
    let returned_at = ago(100);
    for (name, minutes, in_time) in [("Hazel", 72 * 60, true), ("Rowan", 72 * 60 + 1, false)] {
        let id = reported(&world, name, 110).await;
        let mut form = back(0);
        form["returned_at"] = json!(returned_at);
        let after = step(&world, &police(), &id, "return", &form).await.expect(200);
        assert_eq!(after.body["interview_clock"], "overdue");
        let mut interview = held(returned_at + TimeDelta::minutes(minutes));
        if !in_time {
            let refused = step(&world, &world.officer, &id, "return-interview", &interview).await.expect(422);
            assert_eq!(refused.pointers(), ["/late_reason"]);
            interview["late_reason"] = json!("She was in hospital.");
        }
        let done = step(&world, &world.officer, &id, "return-interview", &interview).await.expect(200);
        assert_eq!(done.body["interview_in_time"], in_time, "{name}");
        assert_eq!(done.body["interview_clock"], if in_time { "met" } else { "met_late" });
    }
}

#[actix_web::test]
async fn an_interview_is_offered_declined_offered_again_and_held() {
    let world = World::new().await;
    let id = returned(&world, 20).await;
    let officer = &world.officer;
    let say = |outcome: &str, hours: i64| json!({ "outcome": outcome, "at": ago(hours), "by": "Kit" });
    step(&world, officer, &id, "return-interview", &say("offered", 15)).await.expect(200);
    let refused = step(&world, officer, &id, "return-interview", &say("offered", 14)).await.expect(409);
    assert_eq!(refused.body["detail"], "the return interview has been offered already");
    let before = step(&world, officer, &id, "return-interview", &say("declined", 16)).await.expect(422);
    assert_eq!(before.body["errors"][0]["code"], "out_of_order");
    let declined = step(&world, officer, &id, "return-interview", &say("declined", 14)).await.expect(200);
    assert_eq!(
        (&declined.body["status"], &declined.body["interview_clock"]),
        (&json!("interview_declined"), &json!("met"))
    );
    assert_eq!(declined.body.get("interview_in_time"), None, "nothing was held");
    step(&world, officer, &id, "return-interview", &held(ago(5))).await.expect(409);
    step(&world, officer, &id, "return-interview", &say("offered", 6)).await.expect(200);
    let done = step(&world, officer, &id, "return-interview", &held(ago(5))).await.expect(200);
    assert_eq!(done.body["status"], "interview_held");
    assert_eq!(done.body["interviews"].as_array().unwrap().len(), 4);
    for outcome in [say("offered", 4), say("declined", 4), held(ago(4))] {
        step(&world, officer, &id, "return-interview", &outcome).await.expect(409);
    }
    step(&world, officer, &id, "cancellation", &json!({ "because": "duplicate", "note": "x" })).await.expect(409);
}

#[actix_web::test]
async fn an_interview_says_what_it_was_and_nothing_it_was_not() {
    let world = World::new().await;
    let id = returned(&world, 20).await;
    let empty = json!({ "outcome": "held", "at": ago(1), "by": "Said." });
    let refused = step(&world, &world.officer, &id, "return-interview", &empty).await.expect(422);
    assert_eq!(refused.pointers(), ["/said", "/themes"]);
    let mut contradicts = held(ago(1));
    contradicts["outcome"] = json!("declined");
    contradicts["late_reason"] = json!("It was not.");
    contradicts["themes"] = json!(["no-such-theme"]);
    let refused = step(&world, &world.officer, &id, "return-interview", &contradicts).await.expect(422);
    assert_eq!(refused.pointers(), ["/actions", "/late_reason", "/said", "/themes", "/themes/0"]);
    let unknown =
        step(&world, &world.officer, &id, "return-interview", &json!({ "outcome": "slept" })).await.expect(422);
    assert_eq!(unknown.pointers(), ["/at", "/by", "/outcome"]);
}

#[actix_web::test]
async fn an_interview_that_is_late_is_chased() {
    use referral_service::alert::chaser::chase;
    let world = World::new().await;
    let id = returned(&world, 60).await;
    let mut worker = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut worker, Utc::now()).await.unwrap(), 0);
    assert_eq!(chase(&mut worker, Utc::now() + TimeDelta::hours(13)).await.unwrap(), 1);
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=reminder").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "return_interview");
    assert_eq!(alerts.body["items"][0]["about"], format!("/v1/missing-episodes/{id}"));
}

#[actix_web::test]
async fn alerts_end_when_what_they_ask_for_is_done() {
    use referral_service::alert::chaser::chase;
    let world = World::new().await;
    let officer = &world.officer;
    let list = async |state: &str| {
        let page = world.app.get(officer, &format!("/v1/alerts{state}")).await.expect(200);
        page.body["items"].as_array().unwrap().clone()
    };
    let mut worker = world.app.background.connection().await.unwrap();
    for outcome in ["held", "declined"] {
        let before = list("?state=ended").await.len();
        let id = reported(&world, &format!("Hazel {outcome}"), 200).await;
        let urgent = list("").await;
        assert_eq!((urgent.len(), &urgent[0]["kind"]), (1, &json!("missing_child")));
        let alert = format!("/v1/alerts/{}", urgent[0]["id"].as_str().unwrap());
        let read = world.app.get(officer, &alert).await.expect(200).etag();
        step(&world, &police(), &id, "return", &back(100)).await.expect(200);
        assert!(list("").await.is_empty(), "the child is back");
        let ended = world.app.get(officer, &alert).await.expect(200);
        assert!(ended.body["ended_at"].is_string() && ended.body.get("acknowledged_at").is_none(), "{}", ended.body);
        let done = format!("{alert}/acknowledgement");
        world.app.post_on(officer, &done, &read, &json!({})).await.expect(412);
        let refused = world.app.post_on(officer, &done, &ended.etag(), &json!({})).await.expect(409);
        assert_eq!(refused.body["detail"], "what this alert asked for is done: it has ended");

        assert_eq!(chase(&mut worker, Utc::now()).await.unwrap(), 1);
        assert_eq!(list("").await[0]["kind"], "return_interview");
        let offered = json!({ "outcome": "offered", "at": ago(90), "by": "Kit" });
        step(&world, officer, &id, "return-interview", &offered).await.expect(200);
        assert_eq!(list("").await.len(), 1, "an offer is not yet an answer");
        let mut answer = held(ago(1));
        answer["late_reason"] = json!("She was in hospital.");
        if outcome == "declined" {
            answer = json!({ "outcome": outcome, "at": ago(1), "by": "Kit", "late_reason": "She was in hospital." });
        }
        step(&world, officer, &id, "return-interview", &answer).await.expect(200);
        assert!(list("").await.is_empty(), "{outcome}");
        assert_eq!(list("?state=ended").await.len(), before + 2);
    }
    let id = reported(&world, "Rowan", 2).await;
    let none = json!({ "because": "reported-in-error", "note": "At her aunt's." });
    step(&world, &police(), &id, "cancellation", &none).await.expect(200);
    assert!(list("").await.is_empty(), "there was nobody to look for");
}

#[actix_web::test]
async fn whoever_acknowledged_an_alert_is_kept_with_it() {
    let world = World::new().await;
    let id = reported(&world, "Hazel", 20).await;
    let alert = world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"][0]["id"].clone();
    let path = format!("/v1/alerts/{}", alert.as_str().unwrap());
    let etag = world.app.get(&world.officer, &path).await.expect(200).etag();
    world.app.post_on(&world.officer, &format!("{path}/acknowledgement"), &etag, &json!({})).await.expect(200);
    step(&world, &police(), &id, "return", &back(2)).await.expect(200);
    let seen = world.app.get(&world.officer, &path).await.expect(200);
    assert!(seen.body["acknowledged_at"].is_string() && seen.body.get("ended_at").is_none());
    assert!(world.app.get(&world.officer, "/v1/alerts?state=ended").await.expect(200).body["items"] == json!([]));
}
