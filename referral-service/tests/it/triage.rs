//! Screening, the front door's decision, and the hub's.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::World;

#[actix_web::test]
async fn screening_then_decision_are_recorded_with_who_when_and_why() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    world.change(&world.officer, &id, "screening", &json!({})).await.expect(200);
    world.app.advance(TimeDelta::hours(2));
    let decided = world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    assert_eq!(decided.body["status"], "listed_for_hub");
    assert_eq!(decided.body["decision_clock"], "met");
    assert_eq!(decided.body["decisions"][0]["level_of_need"], 3);
    assert_eq!(decided.body["decisions"][0]["decided_by"], "olive");
    let history = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let what: Vec<(&Value, &Value, &Value)> =
        history.body.as_array().unwrap().iter().map(|line| (&line["what"], &line["who"], &line["to"])).collect();
    assert_eq!(
        what,
        [
            (&json!("received"), &json!("greenfield"), &json!("received")),
            (&json!("screening_started"), &json!("olive"), &json!("screening")),
            (&json!("listed_for_hub"), &json!("olive"), &json!("listed_for_hub")),
        ]
    );
    assert_eq!(history.body[2]["why"], World::to_hub()["reason"]);
}

#[actix_web::test]
async fn each_outcome_of_the_front_door_leads_where_it_should() {
    let world = World::new().await;
    for (outcome, level, status) in [
        ("social_care", 4, "with_social_care"),
        ("early_help_hub", 2, "listed_for_hub"),
        ("youth_justice_prevention", 3, "offered"),
        ("information_and_advice", 1, "closed"),
        ("no_further_action", 1, "closed"),
    ] {
        let id = world.submitted().await.id();
        let body = json!({ "level_of_need": level, "outcome": outcome, "reason": "Because." });
        // What needs a manager's sign-off, a manager decides here; sign_off.rs tries the rest.
        let who = if matches!(outcome, "social_care" | "no_further_action") { &world.manager } else { &world.officer };
        let decided = world.change(who, &id, "decision", &body).await.expect(200);
        assert_eq!(decided.body["status"], status, "{outcome}");
        let again = world.change(&world.manager, &id, "decision", &body).await.expect(409);
        assert!(again.body["detail"].as_str().unwrap().starts_with("the referral is "), "{}", again.body);
    }
    world.newest_allocation(&world.justice_worker).await;
}

#[actix_web::test]
async fn a_decision_names_every_field_it_lacks() {
    let world = World::new().await;
    let mut form = World::form();
    form.as_object_mut().unwrap().remove("locality");
    let id = world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id();
    let cases = [
        (json!({ "level_of_need": 5, "outcome": "early_help_hub", "reason": "" }), vec!["/level_of_need", "/reason"]),
        (json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x" }), vec!["/locality"]),
        (
            json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x", "locality": "atlantis" }),
            vec!["/locality"],
        ),
        (json!({ "level_of_need": 2, "outcome": "no_further_action", "reason": " \u{a0}\n" }), vec!["/reason"]),
        (json!({ "level_of_need": 3, "outcome": "social_care", "reason": "x" }), vec!["/level_of_need"]),
        (
            json!({ "level_of_need": "3", "outcome": "magic", "reason": 7, "shoe": 1 }),
            vec!["/level_of_need", "/outcome", "/reason", "/shoe"],
        ),
    ];
    for (body, pointers) in cases {
        let refused = world.change(&world.officer, &id, "decision", &body).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    assert_eq!(world.status(&id).await, "received");
}

#[actix_web::test]
async fn the_hub_of_the_district_sees_what_is_listed_and_no_other_hub_does() {
    let world = World::new().await;
    let before = world.submitted().await.id();
    let id = world.listed().await;
    let list = world.app.get(&world.charnwood, "/v1/hubs/charnwood/referrals").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(list.body["items"][0]["id"], json!(id));
    assert_eq!(list.body["items"][0]["children"][0]["given_name"], "Juniper");
    world.app.get(&world.charnwood, &format!("/v1/referrals/{before}")).await.expect(404);
    world.app.get(&world.charnwood, "/v1/hubs/melton/referrals").await.expect(404);
    world.app.get(&world.melton, &format!("/v1/referrals/{id}")).await.expect(404);
    world
        .app
        .post_on(&world.melton, &format!("/v1/referrals/{id}/hub-decision"), "\"2-full\"", &World::to_family_support())
        .await
        .expect(404);
    assert_eq!(world.app.get(&world.melton, "/v1/hubs/melton/referrals").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn the_hub_decides_with_reasons_and_allocates() {
    let world = World::new().await;
    for (outcome, status) in
        [("social_care", "with_social_care"), ("information_and_advice", "closed"), ("no_further_action", "closed")]
    {
        let id = world.listed().await;
        let body = json!({ "outcome": outcome, "reason": "Because." });
        let decided = world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(200);
        assert_eq!(decided.body["status"], status);
    }
    let id = world.listed().await;
    for (body, pointers) in [
        (json!({ "outcome": "allocate", "reason": " " }), vec!["/reason"]),
        (json!({ "outcome": "allocate", "reason": "x" }), vec!["/service"]),
        (json!({ "outcome": "allocate", "reason": "x", "service": "alchemy" }), vec!["/service"]),
        (json!({ "outcome": "no_further_action", "reason": "x", "service": "youth-work" }), vec!["/service"]),
    ] {
        assert_eq!(world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(422).pointers(), pointers);
    }
    let decided = world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(decided.body["allocations"][0]["service"], "intensive-family-support");
    assert_eq!(decided.body["decisions"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn two_people_deciding_at_once_can_t_overwrite_one_another() {
    let world = World::new().await;
    let id = world.listed().await;
    let etag = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200).etag();
    let path = format!("/v1/referrals/{id}/hub-decision");
    let other = json!({ "outcome": "no_further_action", "reason": "x" });
    let allocate = World::to_family_support();
    let (first, second) = futures::join!(
        world.app.post_on(&world.charnwood, &path, &etag, &allocate),
        world.app.post_on(&world.charnwood, &path, &etag, &other)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [200, 412]);
}

#[actix_web::test]
async fn the_hub_can_t_decide_what_is_not_listed() {
    let world = World::new().await;
    let (id, _) = world.offered().await;
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(409);
    world.change(&world.officer, &id, "screening", &json!({})).await.expect(409);
}
