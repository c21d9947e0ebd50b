//! Asking: who may, for what, and taking it back.

use serde_json::{Value, json};

use super::{Asked, fields, incident};
use crate::world::World;

#[actix_web::test]
async fn an_agency_sees_whom_to_search_for_and_nothing_of_the_referral() {
    let asked = Asked::new().await;
    let made = asked.ask_as(&asked.world.officer, &asked.form()).await.expect(201);
    assert_eq!(made.body["referral_id"], json!(asked.id));
    let request = made.id();
    assert_eq!(asked.kinds(&asked.police).await, [("information_request".to_owned(), "reminder".to_owned())]);
    let list = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(request));
    assert_eq!(
        fields(&list.body["items"][0]),
        ["agency", "asked_at", "asked_by_agency", "clock", "due_at", "id", "scopes", "status"]
    );
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!(
        fields(&seen.body),
        [
            "agency",
            "asked_at",
            "asked_by",
            "asked_by_agency",
            "clock",
            "due_at",
            "id",
            "lawful_basis",
            "people",
            "purpose",
            "question",
            "scopes",
            "since",
            "status",
            "years_back"
        ]
    );
    assert_eq!(
        seen.body["people"][0],
        json!({ "number": 1, "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03",
                "address": "1 Invented Street", "postcode": "ZZ1 1ZZ" })
    );
    assert_eq!(fields(&seen.body["people"][1]), ["family_name", "given_name", "number"]);
    asked.world.app.get(&asked.police, &format!("/v1/referrals/{}", asked.id)).await.expect(404);
    asked.world.app.get(&asked.police, &format!("/v1/people/{}", asked.people[0])).await.expect(404);
    let search = json!({ "family_name": "Testcase" });
    asked.world.app.post(&asked.police, "/v1/people/searches", &search).await.expect(403);
    // The look stands in the child's access log.
    let log = format!("/v1/people/{}/access-log", asked.people[0]);
    for _ in 0..50 {
        let looks = asked.world.app.get(&asked.world.governance, &log).await.expect(200).body["items"].clone();
        let looked = |look: &Value| look["action"] == "information.read" && look["who"] == "vera";
        if looks.as_array().unwrap().iter().any(looked) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the look is not in the access log");
}

#[actix_web::test]
async fn who_asks_is_the_front_door_the_district_s_hub_or_the_leading_team() {
    let asked = Asked::new().await;
    let world = &asked.world;
    let mut form = asked.form();
    form["purpose"] = json!("hub-decision");
    asked.ask_as(&world.charnwood, &form).await.expect(404);
    asked.ask_as(&world.school, &form).await.expect(403);
    asked.ask_as(&world.analyst, &form).await.expect(404);
    world.change(&world.officer, &asked.id, "decision", &World::to_hub()).await.expect(200);
    asked.ask_as(&world.charnwood, &form).await.expect(201);
    asked.ask_as(&world.melton, &form).await.expect(404);
    world.change(&world.charnwood, &asked.id, "hub-decision", &World::to_family_support()).await.expect(200);
    // Asked and not answered, a team does not lead yet.
    asked.ask_as(&world.family_worker, &form).await.expect(403);
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let made = asked.ask_as(&world.family_worker, &form).await.expect(201).id();
    // The answer reminds the team, not the front door.
    asked.answer(&asked.police, &made, &json!({ "found": "nothing_held" })).await.expect(200);
    let told = asked.kinds(&world.family_worker).await;
    assert!(told.iter().any(|(kind, _)| kind == "information_answered"), "{told:?}");
    assert!(asked.kinds(&world.officer).await.is_empty());
}

#[actix_web::test]
async fn a_request_is_taken_back_with_a_reason_or_when_the_referral_ends() {
    let asked = Asked::new().await;
    let world = &asked.world;
    let request = asked.asked().await;
    let path = format!("/v1/information-requests/{request}/cancellation");
    let reason = json!({ "reason": "Decided without it." });
    let etag = asked.read(&world.officer, &request).await.expect(200).etag();
    world.app.post_on(&asked.police, &path, &etag, &reason).await.expect(403);
    world.app.post_on(&world.school, &path, &etag, &reason).await.expect(404);
    world.app.post(&world.officer, &path, &reason).await.expect(428);
    world.app.post_on(&world.officer, &path, "\"9-full\"", &reason).await.expect(412);
    assert_eq!(
        world.app.post_on(&world.officer, &path, &etag, &json!({ "reason": " " })).await.expect(422).pointers(),
        ["/reason"]
    );
    let cancelled = world.app.post_on(&world.manager, &path, &etag, &reason).await.expect(200);
    assert_eq!((&cancelled.body["status"], cancelled.body.get("clock")), (&json!("cancelled"), None));
    world.app.post_on(&world.officer, &path, &cancelled.etag(), &reason).await.expect(409);
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!((&seen.body["cancelled_because"], &seen.body["people"]), (&reason["reason"], &json!([])));
    let late = asked.answer(&asked.police, &request, &incident()).await.expect(409);
    assert_eq!(late.body["detail"], "this is asked no longer");
    assert_eq!(world.events(&request, "information.cancelled.v1").await.len(), 1);

    let answered = asked.asked().await;
    asked.answer(&asked.police, &answered, &incident()).await.expect(200);
    let seen = asked.read(&asked.police, &answered).await.expect(200);
    assert_eq!(seen.body["people"].as_array().unwrap().len(), cancelled.body["people"].as_array().unwrap().len());
    let request = asked.asked().await;
    world.change(&world.school, &asked.id, "withdrawal", &json!({ "reason": "Solved." })).await.expect(200);
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!((&seen.body["status"], &seen.body["people"]), (&json!("cancelled"), &json!([])));
    asked.answer(&asked.police, &request, &incident()).await.expect(409);
    // Nor does it keep the names it answered about; what it answered stays.
    let seen = asked.read(&asked.police, &answered).await.expect(200);
    assert_eq!((&seen.body["status"], &seen.body["people"]), (&json!("answered"), &json!([])));
    assert!(seen.body["answer"]["items"].is_array());
    let refused = asked.ask_as(&world.officer, &asked.form()).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is withdrawn");
}

#[actix_web::test]
async fn a_request_names_every_field_that_asks_too_much() {
    let asked = Asked::new().await;
    let with = |changes: Value| {
        let mut form = asked.form();
        form.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        form
    };
    for (changes, pointers) in [
        (json!({ "agency": "atlantis" }), vec!["/agency"]),
        (json!({ "scopes": ["police-incidents", "police-incidents"] }), vec!["/scopes/1"]),
        (json!({ "scopes": ["school-attendance", "gossip"] }), vec!["/scopes/0", "/scopes/1"]),
        (json!({ "scopes": ["police-intelligence"], "years_back": 3 }), vec!["/justification"]),
        (json!({ "years_back": 6, "justification": " " }), vec!["/justification"]),
        (json!({ "years_back": 31, "people": [] }), vec!["/people", "/years_back"]),
        (
            json!({ "purpose": "curiosity", "lawful_basis": "because", "question": "Said." }),
            vec!["/lawful_basis", "/purpose"],
        ),
        (json!({ "people": [asked.people[0], asked.people[0], uuid::Uuid::now_v7()] }), vec!["/people/1", "/people/2"]),
        (json!({ "worries": "x" }), vec!["/worries"]),
    ] {
        let refused = asked.ask_as(&asked.world.officer, &with(changes)).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    let long = with(json!({ "years_back": 10, "justification": "The older brother's case began then." }));
    let made = asked.ask_as(&asked.world.officer, &long).await.expect(201);
    assert_eq!(made.body["justification"], "The older brother's case began then.");
    let path = format!("/v1/referrals/{}/information-requests", asked.id);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let retried =
            asked.world.app.post_with(&asked.world.officer, &path, "one-key", None, &asked.form()).await.expect(201);
        ids.push(retried.id());
    }
    assert_eq!(ids[0], ids[1]);
    let all = asked.world.app.get(&asked.world.officer, &path).await.expect(200);
    assert_eq!(all.body.as_array().unwrap().len(), 2, "what was refused was not kept");
}
