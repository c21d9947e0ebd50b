//! The report: whom it alerts, what is wrong with it, what its reporter learns.

use serde_json::{Value, json};

use super::{ago, back, kit, police, report, reported, returned, step};
use crate::world::World;

#[actix_web::test]
async fn a_report_alerts_at_once_everyone_who_must_know() {
    let world = World::new().await;
    // Family support works with Juniper; youth work does not.
    let (_, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let mut form = report("Juniper", 3);
    form["person"]["birth_date"] = json!("2019-02-03");
    let id = world.app.post(&police(), "/v1/missing-episodes", &form).await.expect(201).id();
    for who in [&world.officer, &world.manager, &world.charnwood, &world.family_worker] {
        let alerts = world.app.get(who, "/v1/alerts").await.expect(200);
        let alert = &alerts.body["items"][0];
        assert_eq!((&alert["kind"], &alert["urgency"]), (&json!("missing_child"), &json!("urgent")), "{}", who.name);
        assert_eq!(alert["about"], format!("/v1/missing-episodes/{id}"));
        let seen = world.app.get(who, &format!("/v1/missing-episodes/{id}")).await.expect(200);
        assert_eq!((&seen.body["view"], &seen.body["account"]["given_name"]), (&json!("full"), &json!("Juniper")));
        let person = seen.body["account"]["person_id"].as_str().unwrap();
        world.app.get(who, &format!("/v1/people/{person}")).await.expect(200);
    }
    for who in [&world.melton, &kit(), &world.school, &world.other_school] {
        assert_eq!(world.app.get(who, "/v1/alerts").await.expect(200).body["items"], json!([]), "{}", who.name);
        world.app.get(who, &format!("/v1/missing-episodes/{id}")).await.expect(404);
        let list = world.app.get(who, "/v1/missing-episodes").await.expect(200);
        assert_eq!(list.body["items"], json!([]));
    }
    world.app.get(&world.analyst, "/v1/missing-episodes").await.expect(403);
    world.app.get(&world.governance, &format!("/v1/missing-episodes/{id}")).await.expect(404);
}

#[actix_web::test]
async fn a_team_whose_work_has_ended_is_not_told() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let closing = json!({ "outcome": "needs_met", "summary": "x" });
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(200);
    let mut form = report("Juniper", 3);
    form["person"]["birth_date"] = json!("2019-02-03");
    world.app.post(&police(), "/v1/missing-episodes", &form).await.expect(201);
    let alerts = world.app.get(&world.family_worker, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"], json!([]));
}

#[actix_web::test]
async fn a_report_names_every_mistake_at_once() {
    let world = World::new().await;
    let post = async |body: Value| world.app.post(&police(), "/v1/missing-episodes", &body).await;
    let mut wrong = report("Hazel", -2);
    wrong["missing_from"] = json!("the-moon");
    wrong["risk_level"] = json!("some");
    wrong["locality"] = json!("atlantis");
    wrong["circumstances"] = json!("Said.");
    wrong["person"] = json!({ "given_name": "Said.", "birth_date": "2031-01-01" });
    let refused = post(wrong).await.expect(422);
    let expected = [
        "/locality",
        "/missing_from",
        "/missing_since",
        "/person/birth_date",
        "/person/family_name",
        "/reported_at",
        "/risk_level",
    ];
    assert_eq!(refused.pointers(), expected);
    for (field, value, code) in [
        ("missing_since", json!("2013-12-31T00:00:00Z"), "too_long_ago"),
        ("reported_at", json!(ago(4)), "out_of_order"),
        ("reported_at", json!(ago(-4)), "in_the_future"),
        ("last_seen_at", json!(ago(-4)), "out_of_order"),
    ] {
        let mut form = report("Hazel", 3);
        form[field] = value;
        let refused = post(form).await.expect(422);
        let codes: Vec<&Value> =
            refused.body["errors"].as_array().unwrap().iter().map(|error| &error["code"]).collect();
        assert!(codes.contains(&&json!(code)), "{field}: {codes:?}");
    }
    for (birth, code) in [("2008-01-01", "not_a_child"), ("2026-12-31", "in_the_future")] {
        let mut form = report("Hazel", 3);
        form["person"]["birth_date"] = json!(birth);
        let refused = post(form).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], code);
        assert_eq!(refused.pointers(), ["/person/birth_date"]);
    }
    // Neither a stranger's id nor both ways of naming.
    let mut form = report("Hazel", 3);
    form["person"] = json!({ "person_id": uuid::Uuid::now_v7() });
    assert_eq!(post(form.clone()).await.expect(422).body["errors"][0]["code"], "unknown");
    form["person"]["given_name"] = json!("Hazel");
    assert_eq!(post(form).await.expect(422).body["errors"][0]["code"], "both_ways");
    assert_eq!(world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn whoever_names_a_child_they_do_not_know_learns_nothing_more_of_the_child() {
    let world = World::new().await;
    let before = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 24 * 20)).await.expect(201);
    step(&world, &world.officer, &before.id(), "return", &back(24 * 19)).await.expect(200);
    let told = world.app.post(&kit(), "/v1/missing-episodes", &report("Hazel", 3)).await.expect(201);
    let path = format!("/v1/missing-episodes/{}", told.id());
    let again = world.app.get(&kit(), &path).await.expect(200);
    for seen in [&told.body, &again.body] {
        assert_eq!(seen["view"], "full");
        assert!(
            seen["account"].get("repeat_number").is_none() && seen["account"].get("exploitation").is_none(),
            "{seen}"
        );
    }
    let line = world.app.get(&kit(), "/v1/missing-episodes").await.expect(200);
    assert!(line.body["items"][0]["child"].get("repeat_number").is_none(), "{}", line.body);
    let officer = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(
        (&officer.body["account"]["repeat_number"], &officer.body["account"]["exploitation"]),
        (&json!(2), &json!(false))
    );
    // And having reported once, its team is not told of what comes later.
    step(&world, &kit(), &told.id(), "return", &back(1)).await.expect(200);
    let later = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 0)).await.expect(201).id();
    world.app.get(&kit(), &format!("/v1/missing-episodes/{later}")).await.expect(404);
}

#[actix_web::test]
async fn a_child_is_reported_once_and_repeats_are_counted() {
    let world = World::new().await;
    let officer = &world.officer;
    let first = world.app.post(officer, "/v1/missing-episodes", &report("Hazel", 24 * 120)).await.expect(201);
    assert_eq!(first.body["account"]["repeat_number"], 1);
    let child = first.body["account"]["person_id"].clone();
    let twice = world.app.post(officer, "/v1/missing-episodes", &report("Hazel", 24 * 70)).await.expect(409);
    assert_eq!(twice.body["detail"], "this child is reported missing already");
    assert_eq!(twice.body["about"], format!("/v1/missing-episodes/{}", first.id()));
    step(&world, officer, &first.id(), "return", &back(24 * 119)).await.expect(200);
    for (days, number) in [(20, 1), (10, 2), (2, 3)] {
        let mut form = report("Hazel", 24 * days);
        form["person"] = json!({ "person_id": child });
        let again = world.app.post(officer, "/v1/missing-episodes", &form).await.expect(201);
        assert_eq!(again.body["account"]["repeat_number"], number, "the first is more than 90 days before");
        assert_eq!(again.body["account"]["given_name"], "Hazel");
        step(&world, officer, &again.id(), "return", &back(24 * days - 1)).await.expect(200);
        let seen = world.app.get(officer, &format!("/v1/missing-episodes/{}", again.id())).await.expect(200);
        assert_eq!(seen.body["other_episodes"].as_array().unwrap().len(), usize::try_from(number).unwrap());
    }
    // The police see none of those and may report what they know; the team sees both.
    let id = reported(&world, "Hazel", 1).await;
    let seen = world.app.get(officer, &format!("/v1/missing-episodes/{id}")).await.expect(200);
    assert_eq!(seen.body["account"]["repeat_number"], 4);
    // What is cancelled counts no longer.
    let cancel = json!({ "because": "reported-in-error", "note": "At her aunt's." });
    let gone = step(&world, &police(), &id, "cancellation", &cancel).await.expect(200);
    assert_eq!(gone.body["status"], "cancelled");
    step(&world, officer, &id, "return", &back(0)).await.expect(409);
    let next = world.app.post(officer, "/v1/missing-episodes", &report("Hazel", 0)).await.expect(201);
    assert_eq!(next.body["account"]["repeat_number"], 4);
}

#[actix_web::test]
async fn the_same_report_sent_again_is_one_report() {
    let world = World::new().await;
    let (form, police) = (report("Hazel", 2), police());
    let first = world.app.post_with(&police, "/v1/missing-episodes", "key-1", None, &form).await.expect(201);
    let again = world.app.post_with(&police, "/v1/missing-episodes", "key-1", None, &form).await.expect(201);
    assert_eq!(first.id(), again.id());
    assert_eq!(first.body, again.body);
    let list = world.app.get(&world.officer, "/v1/missing-episodes").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"].as_array().unwrap().len(),
        1
    );
}

#[actix_web::test]
async fn what_restricts_a_child_restricts_its_episodes_and_refuses_no_report() {
    let world = World::new().await;
    let id = returned(&world, 20).await;
    let seen = world.app.get(&world.officer, &format!("/v1/missing-episodes/{id}")).await.expect(200);
    let child = seen.body["account"]["person_id"].as_str().unwrap();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    world.app.get(&world.officer, &format!("/v1/missing-episodes/{id}")).await.expect(404);
    let again = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 1)).await.expect(201);
    world.app.get(&world.officer, &format!("/v1/missing-episodes/{}", again.id())).await.expect(404);
    world.app.get(&world.manager, &format!("/v1/missing-episodes/{}", again.id())).await.expect(200);
}
