//! The headline problems of a family, and whether they make it eligible.

use chrono::Days;
use serde_json::{Value, json};

use crate::families::{days_ago, today};
use crate::world::World;

#[actix_web::test]
async fn one_problem_in_two_people_counts_once() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let members = world.app.get(worker, &family).await.expect(200).body["members"].clone();
    let note = async |code: &str, person: &Value, on: String| {
        let body =
            json!({ "code": code, "person_id": person, "evidence": "Seen.", "source": "family", "noted_on": on });
        world.step(worker, &family, "problems", &body).await
    };
    let (child, parent) = (&members[0]["person_id"], &members[1]["person_id"]);
    note("mental-and-physical-health", child, days_ago(3)).await.expect(200);
    let twice = note("mental-and-physical-health", parent, days_ago(3)).await.expect(200);
    assert_eq!(twice.body["problems"].as_array().unwrap().len(), 1);
    assert_eq!(twice.body["problems"][0]["person_ids"].as_array().unwrap().len(), 2);
    note("secure-housing", parent, days_ago(2)).await.expect(200);
    let three = note("financial-stability", parent, days_ago(1)).await.expect(200);
    assert_eq!(
        (three.body["eligible"].as_bool(), three.body["framework"]["threshold"].as_i64()),
        (Some(true), Some(3))
    );
    let before = world.app.get(worker, &format!("{family}/eligibility?as_of={}", days_ago(2))).await.expect(200);
    assert_eq!(
        (before.body["eligible"].as_bool(), before.body["problems"].as_array().unwrap().len()),
        (Some(false), 2)
    );
    // By the framework of its day: two of six were enough.
    note("health-problems", child, "2016-05-01".into()).await.expect(200);
    let old = note("not-attending-school", child, "2016-05-01".into()).await.expect(200);
    assert_eq!(old.body["problems"].as_array().unwrap().len(), 3, "each framework counts its own");
    let then = world.app.get(&world.officer, &format!("{family}/eligibility?as_of=2016-06-01")).await.expect(200);
    assert_eq!(
        (then.body["eligible"].as_bool(), then.body["framework"]["code"].as_str()),
        (Some(true), Some("six-headline-problems"))
    );
    let never = world.app.get(worker, &format!("{family}/eligibility?as_of=2010-01-01")).await.expect(200);
    assert_eq!((never.body["eligible"].as_bool(), never.body.get("framework")), (Some(false), None));
    // What was noted in error is withdrawn, with a reason, and kept.
    let evidence = three.body["evidence"][0]["id"].as_str().unwrap();
    let step = format!("problems/{evidence}/withdrawal");
    let other = three.body["evidence"][1]["id"].as_str().unwrap();
    world.step(worker, &family, &step, &json!({ "reason": "Another child." })).await.expect(200);
    world.step(worker, &family, &step, &json!({ "reason": "Another child." })).await.expect(409);
    let other = format!("problems/{other}/withdrawal");
    let gone = world.step(worker, &family, &other, &json!({ "reason": "Another parent." })).await.expect(200);
    assert_eq!((gone.body["eligible"].as_bool(), gone.body["problems"].as_array().unwrap().len()), (Some(false), 2));
    assert_eq!(gone.body["evidence"].as_array().unwrap().len(), 6);
}

#[actix_web::test]
async fn what_the_referral_told_is_evidence_without_being_typed_again() {
    let world = World::new().await;
    let mut form = World::form();
    form["concerns"] = json!(["secure-housing"]);
    form["needs"] = json!([
        { "code": "mental-and-physical-health", "who": [0, 1], "words": "Neither sleeps." },
        { "code": "mental-and-physical-health", "who": [0], "words": "She does not eat." },
        { "code": "financial-stability", "words": " " },
    ]);
    let worker = &world.family_worker;
    let referral = world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id();
    world.change(&world.officer, &referral, "decision", &World::to_hub()).await.expect(200);
    world.change(&world.charnwood, &referral, "hub-decision", &World::to_family_support()).await.expect(200);
    let allocation = world.newest_allocation(worker).await;
    world.answer(worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let family = world.app.post(worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    let members = family.body["members"].clone();
    let family = format!("/v1/families/{}", family.id());
    let take =
        async || world.step(worker, &family, "problems/from-referral", &json!({ "referral_id": referral })).await;
    let taken = take().await.expect(200).body;
    assert_eq!((&taken["eligible"], taken["evidence"].as_array().unwrap().len()), (&json!(true), 5));
    let words: Vec<(&str, Option<&str>, &str)> = taken["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            assert_eq!((&one["source"], &one["noted_on"]), (&json!("referral"), &json!(today())));
            (one["code"].as_str().unwrap(), one["person_id"].as_str(), one["evidence"].as_str().unwrap())
        })
        .collect();
    for n in [0, 1] {
        let person = members[n]["person_id"].as_str();
        assert!(words.contains(&("mental-and-physical-health", person, "Neither sleeps.")), "{words:?}");
    }
    for code in ["secure-housing", "financial-stability"] {
        let bare = words.iter().find(|(of, ..)| *of == code).unwrap();
        assert!(bare.1.is_none() && bare.2.starts_with("Told in referral R-"), "{bare:?}");
    }
    // What was withdrawn is not brought back, and nothing is there twice.
    let first = taken["evidence"][0]["id"].as_str().unwrap();
    let withdrawal = format!("problems/{first}/withdrawal");
    world.step(worker, &family, &withdrawal, &json!({ "reason": "It was another family." })).await.expect(200);
    let again = take().await.expect(200).body;
    assert_eq!(again["evidence"].as_array().unwrap().len(), 5);
    assert!(again["evidence"].as_array().unwrap().iter().any(|one| one.get("withdrawn_at").is_some()));
    // A referral that is not this family's, or is nobody's, is one and the same.
    let (other, _) = world.accepted().await;
    for unknown in [json!(other), json!(uuid::Uuid::now_v7())] {
        let refused = world.step(worker, &family, "problems/from-referral", &json!({ "referral_id": unknown })).await;
        assert_eq!(refused.expect(422).pointers(), ["/referral_id"]);
    }
    let path = format!("{family}/problems/from-referral");
    let body = json!({ "referral_id": referral });
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.melton, 404), (&world.school, 404)] {
        assert_eq!(world.app.post(who, &path, &body).await.status, status, "{}", who.name);
    }
    world.app.post(worker, &path, &body).await.expect(428);
    world.app.post_on(worker, &path, "\"99-full\"", &body).await.expect(412);
}

#[actix_web::test]
async fn evidence_is_of_its_day_and_of_the_family() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let wrong = json!({ "code": "not-attending-school", "person_id": uuid::Uuid::now_v7(), "evidence": "Said.", "source": "rumour" });
    let refused = world.step(worker, &family, "problems", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/code", "/person_id", "/source"]);
    let future =
        json!({ "code": "secure-housing", "evidence": "x", "source": "family", "noted_on": (today() + Days::new(1)) });
    assert_eq!(world.step(worker, &family, "problems", &future).await.expect(422).pointers(), ["/noted_on"]);
}
