//! Alerts: raised with what they are about, seen by whom they are for, acknowledged once; and the
//! reminders of clocks that have run out.

use chrono::{TimeDelta, Utc};
use referral_service::alert::chaser::chase;
use serde_json::json;

use crate::world::World;

async fn late(world: &World) -> String {
    let id = world.submitted().await.id();
    let mut worker = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut worker, Utc::now()).await.unwrap(), 0, "not due yet");
    assert_eq!(chase(&mut worker, Utc::now() + TimeDelta::days(8)).await.unwrap(), 1);
    id
}

#[actix_web::test]
async fn a_late_decision_is_chased_a_few_times_and_no_more() {
    let world = World::new().await;
    let id = late(&world).await;
    let mut worker = world.app.background.connection().await.unwrap();
    let day = |n: i64| Utc::now() + TimeDelta::days(8) + TimeDelta::hours(25 * n);
    assert_eq!(chase(&mut worker, Utc::now() + TimeDelta::days(8)).await.unwrap(), 0, "chased a moment ago");
    for n in 1..5 {
        assert_eq!(chase(&mut worker, day(n)).await.unwrap(), 1, "reminder {n}");
    }
    assert_eq!(chase(&mut worker, day(5)).await.unwrap(), 0, "five are enough");
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=reminder").await.expect(200);
    assert_eq!(alerts.body["items"].as_array().unwrap().len(), 5);
    assert_eq!(alerts.body["items"][0]["kind"], "front_door_decision");
    assert_eq!(alerts.body["items"][0]["about"], format!("/v1/referrals/{id}"));
    assert_eq!(alerts.body["items"][0]["locality"], serde_json::Value::Null, "no hub has it yet");
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    assert_eq!(chase(&mut worker, day(9)).await.unwrap(), 0, "a clock that has stopped is not chased");
}

#[actix_web::test]
async fn an_alert_is_seen_by_whom_it_is_for_and_acknowledged_once() {
    let world = World::new().await;
    late(&world).await;
    let alerts = world.app.get(&world.manager, "/v1/alerts").await.expect(200);
    let id = alerts.body["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/alerts/{id}");
    for outsider in [&world.school, &world.charnwood, &world.family_worker, &world.analyst] {
        world.app.get(outsider, &path).await.expect(404);
        world.app.post_on(outsider, &format!("{path}/acknowledgement"), "\"1-full\"", &json!({})).await.expect(404);
    }
    assert_eq!(world.app.get(&world.school, "/v1/alerts").await.expect(200).body["items"], json!([]));
    world.app.get(&world.analyst, "/v1/alerts").await.expect(403);
    world.app.get(&world.manager, "/v1/alerts?state=loud").await.expect(400);
    let etag = world.app.get(&world.manager, &path).await.expect(200).etag();
    let step = format!("{path}/acknowledgement");
    world.app.post(&world.manager, &step, &json!({})).await.expect(428);
    world.app.post_on(&world.manager, &step, &etag, &json!({ "noted": "x" })).await.expect(422);
    let seen =
        world.app.post_on(&world.manager, &step, &etag, &json!({ "note": "Rang the school." })).await.expect(200);
    assert_eq!((&seen.body["acknowledged_by"], &seen.body["note"]), (&json!("morgan"), &json!("Rang the school.")));
    world.app.post_on(&world.officer, &step, &etag, &json!({})).await.expect(412);
    world.app.post_on(&world.officer, &step, &seen.etag(), &json!({})).await.expect(409);
    assert_eq!(world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"], json!([]));
    let done = world.app.get(&world.officer, "/v1/alerts?state=acknowledged").await.expect(200);
    assert_eq!(done.body["items"][0]["id"], id.as_str());
}

#[actix_web::test]
async fn what_restricts_a_child_restricts_the_alerts_about_it() {
    let world = World::new().await;
    let id = late(&world).await;
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = seen.body["people"][0]["person_id"].as_str().unwrap();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    assert_eq!(world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"], json!([]));
    assert_eq!(
        world.app.get(&world.manager, "/v1/alerts").await.expect(200).body["items"].as_array().unwrap().len(),
        1
    );
}
