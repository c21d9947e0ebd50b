//! An agency that a body names is one of the partnership's; a body that is none is named in words.

use chrono::Utc;
use serde_json::{Value, json};

use crate::families::today;
use crate::hubs::{CHARNWOOD, meeting};
use crate::world::World;

/// A county whose services know which agencies there are.
async fn world() -> World {
    let world = World::new().await;
    let codes = ["county-council", "police", "district-charnwood", "greenfield-academy"];
    world.app.rules.learn_agencies(codes.map(str::to_owned));
    world
}

#[actix_web::test]
async fn an_action_is_asked_of_an_agency_there_is_or_of_a_body_named_in_words() {
    let world = world().await;
    let (case, _) = world.case().await;
    let worker = &world.family_worker;
    let path = format!("{case}/actions");
    let due_on = today() + chrono::Days::new(5);
    let asked = async |owner: Value| {
        world.app.post(worker, &path, &json!({ "what": "x", "owner": owner, "due_on": due_on })).await
    };
    let refused = asked(json!({ "agency": "polise" })).await.expect(422);
    assert_eq!(refused.pointers(), ["/owner/agency"]);
    let error = &refused.body["errors"][0];
    assert_eq!(error["code"], "unknown_agency");
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.contains("GET /v1/agencies") && detail.contains("owner.other"), "{detail}");
    asked(json!({ "agency": "police" })).await.expect(201);
    let both = asked(json!({ "agency": "police", "other": "First Bank (invented)" })).await.expect(422);
    assert_eq!(both.pointers(), ["/owner"]);
    // A bank is asked in words, and the team records what it answers.
    let bank = asked(json!({ "other": "First Bank (invented)" })).await.expect(201);
    assert_eq!(bank.body["owner"], json!({ "kind": "other", "name": "First Bank (invented)" }));
    assert_eq!(bank.body["status"], "proposed");
    let action = format!("/v1/actions/{}", bank.id());
    assert_eq!(world.step(worker, &action, "acceptance", &json!({})).await.expect(422).pointers(), ["/told_by"]);
    world.step(worker, &action, "acceptance", &json!({ "told_by": "Their letter of today." })).await.expect(200);
}

#[actix_web::test]
async fn a_seat_around_a_family_is_an_agency_s_there_is_or_has_name_and_role() {
    let world = world().await;
    let (case, _) = world.case().await;
    let worker = &world.family_worker;
    let path = format!("{case}/team-around");
    let invited =
        |seats: Value| json!({ "starts_at": Utc::now(), "chair": "Jean Example (invented)", "invited": seats });
    let wrong = json!([{ "agency": "polise", "name": "PC Example (invented)" }, { "name": "Mr B Banker (invented)" }]);
    let refused = world.app.post(worker, &path, &invited(wrong)).await.expect(422);
    assert_eq!(refused.pointers(), ["/invited/0/agency", "/invited/1"]);
    let right = json!([{ "agency": "police", "name": "PC Example (invented)" },
        { "name": "Mr B Banker (invented)", "role": "debt adviser of First Bank (invented)" }]);
    let planned = world.app.post(worker, &path, &invited(right)).await.expect(201);
    let banker = &planned.body["people"][1];
    assert_eq!((&banker["name"], banker.get("agency")), (&json!("Mr B Banker (invented)"), None));
    let also = json!({ "attended": [banker["id"]], "also_attended": [{ "agency": "polise", "name": "x" }],
        "discussed": "x", "decisions": ["x"], "held_at": Utc::now() });
    let refused = world.step(worker, &format!("{path}/{}", planned.id()), "record", &also).await.expect(422);
    assert_eq!(refused.pointers(), ["/also_attended/0/agency"]);
}

#[actix_web::test]
async fn a_hub_s_members_and_those_who_dissent_are_of_agencies_there_are() {
    let world = world().await;
    let path = format!("{CHARNWOOD}/meetings");
    let refused = world.app.post(&world.charnwood, &path, &meeting()).await.expect(422);
    assert_eq!(refused.pointers(), ["/members/2/agency"]);
    let mut right = meeting();
    right["members"][2]["agency"] = json!("greenfield-academy");
    let meeting = world.app.post(&world.charnwood, &path, &right).await.expect(201).id();
    let meeting = format!("{path}/{meeting}");
    let change = json!({ "members": [{ "name": "PC A Constable (invented)", "agency": "polise" }] });
    assert_eq!(
        world.step(&world.charnwood, &meeting, "change", &change).await.expect(422).pointers(),
        ["/members/0/agency"]
    );
    let id = world.listed().await;
    let mut decision = World::to_family_support();
    decision["dissent"] = json!([{ "who": "PC A Constable (invented)", "agency": "polise", "words": "x" }]);
    let refused = world.change(&world.charnwood, &id, "hub-decision", &decision).await.expect(422);
    assert_eq!(refused.pointers(), ["/dissent/0/agency"]);
}
