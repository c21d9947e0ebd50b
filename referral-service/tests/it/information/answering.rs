//! Answering: who may, and whom the answer reaches.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use super::{Asked, incident};
use crate::world::World;

#[actix_web::test]
async fn an_answer_reaches_whoever_asked_and_gathers_on_the_referral() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    asked.world.app.advance(TimeDelta::hours(30));
    let answered = asked.answer(&asked.police, &request, &incident()).await.expect(200);
    assert_eq!((&answered.body["status"], &answered.body["clock"]), (&json!("answered"), &json!("met")));
    assert_eq!(asked.kinds(&asked.world.officer).await, [("information_answered".to_owned(), "reminder".to_owned())]);
    let gathered = format!("/v1/referrals/{}/information-requests", asked.id);
    let all = asked.world.app.get(&asked.world.manager, &gathered).await.expect(200);
    assert_eq!(all.body[0]["answer"]["items"][0]["words"], "Called to a quarrel; no crime.");
    assert_eq!(all.body[0]["people"][1]["person_id"], json!(asked.people[1]));
    // A hub that comes to the referral later finds it too; whoever referred does not.
    asked.world.app.get(&asked.world.charnwood, &gathered).await.expect(404);
    asked.world.change(&asked.world.officer, &asked.id, "decision", &World::to_hub()).await.expect(200);
    let later = asked.world.app.get(&asked.world.charnwood, &gathered).await.expect(200);
    assert_eq!(later.body[0]["answer"]["found"], "yes");
    asked.read(&asked.world.charnwood, &request).await.expect(200);
    asked.world.app.get(&asked.world.school, &gathered).await.expect(403);
    asked.read(&asked.world.school, &request).await.expect(404);
    let facts = &asked.world.events(&request, "information.answered.v1").await[0];
    assert_eq!((&facts["hours"], &facts["in_time"], &facts["found"]), (&json!(30), &json!(true), &json!("yes")));
    assert_eq!(asked.world.events(&request, "information.requested.v1").await[0]["person_ids"], json!(asked.people));
    let again = asked.answer(&asked.police, &request, &json!({ "found": "nothing_held" })).await.expect(409);
    assert_eq!(again.body["detail"], "the agency has answered this");
    let waiting = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(waiting.body["items"], json!([]));
    let done = asked.world.app.get(&asked.world.officer, "/v1/information-requests?status=answered").await.expect(200);
    assert_eq!(done.body["items"][0]["id"], json!(request));
}

#[actix_web::test]
async fn a_high_dash_grade_alerts_whoever_asked_at_once() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    let high = json!({ "found": "partly", "reason": "The custody record is with another force.", "items": [
        { "scope": "police-domestic-abuse", "words": "Threats to kill.", "dash_grade": "high" }] });
    let answered = asked.answer(&asked.police, &request, &high).await.expect(200);
    assert_eq!(answered.body["answer"]["items"][0]["dash_grade"], "high");
    assert_eq!(asked.kinds(&asked.world.officer).await, [("information_answered".to_owned(), "urgent".to_owned())]);
}

#[actix_web::test]
async fn only_the_agency_that_was_asked_answers() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    asked.answer(&asked.world.officer, &request, &incident()).await.expect(403);
    for outsider in [&asked.world.school, &asked.world.charnwood, &asked.world.family_worker, &asked.world.analyst] {
        asked.read(outsider, &request).await.expect(404);
        asked.answer(outsider, &request, &incident()).await.expect(404);
    }
    // Of the agency, and in no role that answers.
    let chief = Person::new("chief", "police", Role::BoardMember);
    asked.read(&chief, &request).await.expect(403);
    asked.answer(&chief, &request, &incident()).await.expect(403);
    asked.world.app.get(&chief, "/v1/information-requests").await.expect(403);
    // What hides the child from somebody hides the request about it.
    let exclude = json!({ "effect": "exclude", "user_id": asked.police.id, "reason": "Her niece." });
    let path = format!("/v1/people/{}/restrictions", asked.people[0]);
    asked.world.app.post(&asked.world.governance, &path, &exclude).await.expect(201);
    asked.read(&asked.police, &request).await.expect(404);
    let list = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
    let colleague = Person::new("paul", "police", Role::Referrer);
    asked.answer(&colleague, &request, &incident()).await.expect(200);
}

#[actix_web::test]
async fn an_answer_names_every_field_that_does_not_answer() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    let item = |more: Value| {
        let mut item = json!({ "scope": "police-incidents", "words": "x" });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "found": "yes", "items": [item] })
    };
    for (form, pointers) in [
        (json!({}), vec!["/found"]),
        (json!({ "found": "yes" }), vec!["/items"]),
        (json!({ "found": "partly" }), vec!["/items", "/reason"]),
        (json!({ "found": "refused", "reason": " " }), vec!["/reason"]),
        (json!({ "found": "nothing_held", "items": incident()["items"] }), vec!["/items"]),
        (item(json!({ "scope": "police-custody", "about": [3] })), vec!["/items/0/about", "/items/0/scope"]),
        (item(json!({ "to": "2019-01-01" })), vec!["/items/0/to"]),
        (item(json!({ "from": "2999-01-01" })), vec!["/items/0/from"]),
        (item(json!({ "dash_grade": "high", "words": "Said." })), vec!["/items/0/dash_grade"]),
        (item(json!({ "dash_grade": "severe", "shoe": 1 })), vec!["/items/0/dash_grade", "/items/0/shoe"]),
    ] {
        let refused = asked.answer(&asked.police, &request, &form).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    assert_eq!(asked.read(&asked.police, &request).await.expect(200).body["status"], "asked");
    let path = format!("/v1/information-requests/{request}/answer");
    for _ in 0..2 {
        asked.world.app.post_with(&asked.police, &path, "one-key", None, &incident()).await.expect(200);
    }
}
