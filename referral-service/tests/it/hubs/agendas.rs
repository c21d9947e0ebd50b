//! The agenda: how it is built, changed by hand, shared and left over.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;
use uuid::Uuid;

use super::{agenda, line, opened, planned, step};
use crate::world::World;

#[actix_web::test]
async fn an_agenda_is_built_from_what_is_listed_urgent_first() {
    let world = World::new().await;
    let first = world.listed().await;
    let mut grave = World::form();
    grave["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "A child is in danger (invented)." });
    let urgent = world.app.post(&world.school, "/v1/referrals", &grave).await.expect(201).id();
    world.change(&world.officer, &urgent, "decision", &World::to_hub()).await.expect(200);
    let elsewhere = json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x", "locality": "melton" });
    let other = world.submitted().await.id();
    world.change(&world.officer, &other, "decision", &elsewhere).await.expect(200);
    let path = planned(&world).await;
    let build = format!("{path}/agenda/build");
    let built = world.app.post(&world.charnwood, &build, &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 2);
    assert_eq!(world.app.post(&world.charnwood, &build, &json!({})).await.expect(200).body["added"], 0);
    let items = agenda(&world, &path).await;
    let order: Vec<&str> = items.iter().map(|item| item["referral"]["id"].as_str().unwrap()).collect();
    assert_eq!(order, [urgent.as_str(), first.as_str()]);
    assert_eq!(items[0]["referral"]["urgent"], true);
    // Everything at hand: the children, what was told, what the front door said, what there was before.
    let known = &items[1]["known"];
    assert_eq!(known["children"][0]["given_name"], "Juniper");
    assert!(
        known["told"]["worries"].as_str().unwrap().contains("At risk of eviction")
            || known["told"]["worries"].is_string()
    );
    assert_eq!((&known["screened"]["level_of_need"], &known["screened"]["decided_by"]), (&json!(3), &json!("olive")));
    assert_eq!(known["previous"][0]["id"], urgent.as_str());
    // A page at a time, in its order.
    let page = world.app.get(&world.charnwood, &format!("{path}/agenda?limit=1")).await.expect(200);
    let next = format!("{path}/agenda?limit=1&cursor={}", page.body["next"].as_str().expect("a next page"));
    let page = world.app.get(&world.charnwood, &next).await.expect(200);
    assert_eq!((&page.body["items"][0]["place"], page.body.get("next")), (&json!(2), None));
    // What comes later is there when the meeting opens.
    let late = world.listed().await;
    step(&world, &path, "opening", &json!({})).await.expect(200);
    assert_eq!(agenda(&world, &path).await[2]["referral"]["id"], late.as_str());
    // Whom an agenda named stands in the access log.
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{first}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    for _ in 0..50 {
        let log =
            world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
        if log.body["items"].as_array().unwrap().iter().any(|look| look["action"] == "hub.read") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the look at the agenda is not in the access log");
}

#[actix_web::test]
async fn lines_are_added_and_removed_by_hand_with_a_reason() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = planned(&world).await;
    let add = json!({ "referral_id": id, "reason": "Can't wait for the list." });
    let unlisted = world.submitted().await.id();
    for (wrong, pointers) in [
        (json!({ "referral_id": unlisted, "reason": "Said." }), vec!["/referral_id"]),
        (json!({ "referral_id": Uuid::now_v7(), "reason": "x" }), vec!["/referral_id"]),
    ] {
        let refused = world.app.post(&world.charnwood, &format!("{path}/agenda"), &wrong).await.expect(422);
        assert_eq!(refused.pointers(), pointers);
    }
    let added = world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(201);
    assert_eq!(added.body["added_because"], "Can't wait for the list.");
    world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(409);
    let item = format!("{path}/agenda/{}", added.id());
    world.app.get(&world.melton, &item).await.expect(404);
    let reason = json!({ "reason": "The desk decides this one." });
    world.app.post(&world.charnwood, &format!("{item}/removal"), &reason).await.expect(428);
    world.app.post_on(&world.melton, &format!("{item}/removal"), &added.etag(), &reason).await.expect(404);
    let removed = world.app.post_on(&world.charnwood, &format!("{item}/removal"), &added.etag(), &reason).await;
    assert_eq!(removed.expect(200).body["status"], "removed");
    let again =
        world.app.post_on(&world.charnwood, &format!("{item}/removal"), "\"2-full\"", &reason).await.expect(409);
    assert!(again.body["detail"].as_str().unwrap().starts_with("harper settled this"), "{}", again.body);
    // What was removed stays off this agenda, and is on the next one.
    let built = world.app.post(&world.charnwood, &format!("{path}/agenda/build"), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 0);
    let next = planned(&world).await;
    let built = world.app.post(&world.charnwood, &format!("{next}/agenda/build"), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 1);
    world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(409);
}

#[actix_web::test]
async fn what_a_meeting_does_not_reach_is_listed_for_the_next() {
    let world = World::new().await;
    let (left, gone) = (world.listed().await, world.listed().await);
    let path = opened(&world).await;
    world.change(&world.school, &gone, "withdrawal", &json!({ "reason": "Helped elsewhere." })).await.expect(200);
    let (item, etag) = line(&world, &path, &gone).await;
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    let refused = world.app.post_on(&world.charnwood, &format!("{item}/decision"), &etag, &end).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is withdrawn");
    let closed = step(&world, &path, "closure", &json!({ "minutes": "We ran out of time." })).await.expect(200);
    assert_eq!((&closed.body["items"]["not_reached"], &closed.body["items"]["overtaken"]), (&json!(1), &json!(1)));
    let (item, etag) = line(&world, &path, &left).await;
    world.app.post_on(&world.charnwood, &format!("{item}/decision"), &etag, &end).await.expect(409);
    let next = opened(&world).await;
    let items = agenda(&world, &next).await;
    assert_eq!((items.len(), &items[0]["referral"]["id"]), (1, &json!(left)));
}

#[actix_web::test]
async fn two_meetings_that_build_at_once_share_the_list_and_lose_nothing() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.listed().await);
    }
    let (one, two) = (planned(&world).await, planned(&world).await);
    let (build_one, build_two) = (format!("{one}/agenda/build"), format!("{two}/agenda/build"));
    let nothing = json!({});
    let (first, second) = futures::join!(
        world.app.post(&world.charnwood, &build_one, &nothing),
        world.app.post(&world.charnwood, &build_two, &nothing)
    );
    let added = first.expect(200).body["added"].as_i64().unwrap() + second.expect(200).body["added"].as_i64().unwrap();
    assert_eq!(added, 5);
    let mut listed: Vec<String> = Vec::new();
    for path in [&one, &two] {
        listed
            .extend(agenda(&world, path).await.iter().map(|item| item["referral"]["id"].as_str().unwrap().to_owned()));
    }
    listed.sort();
    ids.sort();
    assert_eq!(listed, ids);
}

#[actix_web::test]
async fn what_restricts_a_child_restricts_the_agenda_and_not_what_is_on_it() {
    let world = World::new().await;
    let id = world.listed().await;
    let hal = Person::new("hal", "police", Role::HubMember).hub("charnwood");
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.charnwood.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    // Her aunt opens the meeting, sees nothing of it, and the others do.
    let path = opened(&world).await;
    assert_eq!(agenda(&world, &path).await, Vec::<Value>::new());
    let seen = world.app.get(&hal, &format!("{path}/agenda")).await.expect(200);
    assert_eq!(seen.body["items"][0]["referral"]["id"], id.as_str());
    assert_eq!(world.app.get(&world.charnwood, &path).await.expect(200).body["items"]["listed"], 1);
    step(&world, &path, "closure", &json!({ "minutes": "x" })).await.expect(200);
    let next = opened(&world).await;
    let seen = world.app.get(&hal, &format!("{next}/agenda")).await.expect(200);
    assert_eq!(seen.body["items"][0]["referral"]["id"], id.as_str(), "not lost with the meeting that closed");
}

#[actix_web::test]
async fn every_agency_s_answer_is_at_hand_on_the_agenda() {
    let world = World::new().await;
    for (agency, kind) in [("police", "police"), ("greenfield-academy", "school")] {
        let source = json!({ "agency": agency, "kind": kind });
        world.app.post(&world.manager, "/v1/information-sources", &source).await.expect(201);
    }
    let referral = world.listed().await;
    let read = world.app.get(&world.officer, &format!("/v1/referrals/{referral}")).await.expect(200);
    let child = read.body["people"][0]["person_id"].clone();
    let ask = async |agency: &str, scope: &str| {
        let form = json!({ "agency": agency, "scopes": [scope], "years_back": 1, "purpose": "hub-decision",
                           "lawful_basis": "public-task", "people": [child] });
        let path = format!("/v1/referrals/{referral}/information-requests");
        world.app.post(&world.officer, &path, &form).await.expect(201).id()
    };
    let to_police = ask("police", "police-domestic-abuse").await;
    ask("greenfield-academy", "school-attendance").await;
    let taken_back = ask("police", "police-incidents").await;
    world
        .step(
            &world.officer,
            &format!("/v1/information-requests/{taken_back}"),
            "cancellation",
            &json!({ "reason": "x" }),
        )
        .await
        .expect(200);
    let answer = json!({ "found": "yes", "items": [{ "scope": "police-domestic-abuse", "about": [1], "from": Utc::now().date_naive() - TimeDelta::days(9),
        "words": "Called to a quarrel.", "dash_grade": "high" }] });
    let police = Person::new("vera", "police", Role::Referrer);
    world.app.post(&police, &format!("/v1/information-requests/{to_police}/answer"), &answer).await.expect(200);
    let path = opened(&world).await;
    world.app.post(&world.charnwood, &format!("{path}/agenda/build"), &json!({})).await.expect(200);
    let items = agenda(&world, &path).await;
    let asked = items[0]["known"]["information"].as_array().unwrap();
    assert_eq!(asked.len(), 2, "what was taken back is not there: {asked:?}");
    assert_eq!((&asked[0]["agency"], &asked[0]["lawful_basis"]), (&json!("police"), &json!("public-task")));
    assert_eq!((&asked[0]["answer"]["found"], &asked[0]["about"][0]["given_name"]), (&json!("yes"), &json!("Juniper")));
    let item = &asked[0]["answer"]["items"][0];
    assert_eq!((&item["words"], &item["dash_grade"]), (&json!("Called to a quarrel."), &json!("high")));
    assert_eq!((&asked[1]["status"], asked[1].get("answer")), (&json!("asked"), None));
    let (line, _) = line(&world, &path, &referral).await;
    let one = world.app.get(&world.charnwood, &line).await.expect(200);
    assert_eq!(one.body["known"]["information"], items[0]["known"]["information"]);
    // Who has no part in the hub sees none of it.
    world.app.get(&world.melton, &line).await.expect(404);
    world.app.get(&world.school, &line).await.expect(404);
}
