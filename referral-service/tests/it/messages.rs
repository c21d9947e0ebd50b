//! Messages between whoever referred and those who work on the referral.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::testing::Person;

use crate::world::World;

async fn say(world: &World, who: &Person, id: &str, words: &str) -> Value {
    let path = format!("/v1/referrals/{id}/messages");
    world.app.post(who, &path, &json!({ "words": words })).await.expect(201).body
}

async fn kinds(world: &World, who: &Person) -> Vec<String> {
    let alerts = world.app.get(who, "/v1/alerts").await.expect(200);
    alerts.body["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn both_sides_write_read_and_see_that_they_were_seen() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/messages");
    let asked = say(&world, &world.officer, &id, "Has she been at school this week?").await;
    assert_eq!((&asked["from"], &asked["author"]), (&json!("worker"), &json!("olive")));
    assert_eq!(kinds(&world, &world.school).await, ["message"]);
    let list = world.app.get(&world.school, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["unread_messages"], json!(1));
    let read = world.app.get(&world.school, &path).await.expect(200);
    assert_eq!((&read.body["unread"], &read.body["items"][0]["words"]), (&json!(1), &asked["words"]));
    assert!(read.body["items"][0].get("seen_at").is_none(), "reading is no receipt");

    let seen = json!({ "up_to": asked["id"] });
    let left = world.app.post(&world.school, &format!("{path}/seen"), &seen).await.expect(200);
    assert_eq!(left.body["unread"], json!(0));
    world.app.advance(TimeDelta::minutes(5));
    let answer = say(&world, &world.school, &id, "Every day but Monday.").await;
    assert_eq!(answer["from"], "referrer");
    assert_eq!(kinds(&world, &world.officer).await, ["message"]);
    let both = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(both.body["unread"], json!(1));
    assert_eq!((&both.body["items"][0]["id"], &both.body["items"][1]["id"]), (&answer["id"], &asked["id"]));
    assert!(both.body["items"][1]["seen_at"].is_string() && both.body["items"][0].get("seen_at").is_none());
    let list = world.app.get(&world.officer, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["unread_messages"], json!(1));
    let list = world.app.get(&world.school, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["unread_messages"], json!(0));
    // Seeing one's own is no receipt of the other's.
    let own = json!({ "up_to": answer["id"] });
    world.app.post(&world.school, &format!("{path}/seen"), &own).await.expect(200);
    assert_eq!(world.app.get(&world.officer, &path).await.expect(200).body["unread"], json!(1));
    assert_eq!(world.events(&id, "message.sent.v1").await[1]["from"], "referrer");
}

#[actix_web::test]
async fn what_those_at_work_said_is_restricted_with_whom_it_is_about() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/messages");
    say(&world, &world.officer, &id, "They have moved to a refuge (invented).").await;
    say(&world, &world.school, &id, "Thank you.").await;
    let referral = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = referral.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let restrict = json!({ "effect": "restrict", "user_id": world.family_worker.id, "reason": "Has fled (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &restrict).await.expect(201);
    let seen = world.app.get(&world.school, &path).await.expect(200);
    let words: Vec<&Value> = seen.body["items"].as_array().unwrap().iter().map(|item| &item["words"]).collect();
    assert_eq!(words, [&json!("Thank you.")], "its own words, and no others");
}

#[actix_web::test]
async fn the_referrer_s_words_reach_whoever_has_it_by_then() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    say(&world, &world.school, &id, "He was sent home today.").await;
    assert_eq!(kinds(&world, &world.charnwood).await, ["message"], "the hub that offered it");
    assert!(kinds(&world, &world.officer).await.is_empty());
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    say(&world, &world.school, &id, "And again.").await;
    assert_eq!(kinds(&world, &world.family_worker).await, ["message"]);
    assert_eq!(kinds(&world, &world.charnwood).await.len(), 1);
    say(&world, &world.family_worker, &id, "Thank you, I am seeing them tomorrow.").await;
    assert_eq!(kinds(&world, &world.school).await, ["message"]);
    let closing = json!({ "outcome": "needs_met", "summary": "x" });
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(200);
    say(&world, &world.school, &id, "It has begun again.").await;
    assert_eq!(kinds(&world, &world.officer).await, ["message"], "nobody works on it, so First Response");
}

#[actix_web::test]
async fn a_conversation_shows_nothing_else_and_nobody_else_sees_it() {
    let world = World::new().await;
    let id = world.listed().await;
    let said = say(&world, &world.charnwood, &id, "Thank you for telling us.").await;
    let path = format!("/v1/referrals/{id}/messages");
    let one = format!("{path}/{}", said["id"].as_str().unwrap());
    let read = world.app.get(&world.school, &one).await.expect(200);
    let mut fields: Vec<&String> = read.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["agency", "author", "from", "id", "sent_at", "words"]);
    for outsider in [&world.other_school, &world.melton, &world.family_worker, &world.analyst] {
        world.app.get(outsider, &path).await.expect(404);
        world.app.get(outsider, &one).await.expect(404);
        world.app.post(outsider, &path, &json!({ "words": "x" })).await.expect(404);
        world.app.post(outsider, &format!("{path}/seen"), &json!({ "up_to": said["id"] })).await.expect(404);
    }
    // Of the referring agency, and yet in no role that talks.
    let clerk = Person::new("agnes", "greenfield-academy", shared::actor::Role::AgencyAdministrator);
    world.app.get(&clerk, &path).await.expect(403);
    world.app.post(&clerk, &path, &json!({ "words": "x" })).await.expect(403);
    let elsewhere = world.submitted().await.id();
    world
        .app
        .get(&world.school, &format!("/v1/referrals/{elsewhere}/messages/{}", said["id"].as_str().unwrap()))
        .await
        .expect(404);
    // An excluded teacher sees neither the conversation nor that there is one.
    let child =
        world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200).body["people"][0]["person_id"]
            .as_str()
            .unwrap()
            .to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.school.id, "reason": "Her nephew." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    world.app.get(&world.school, &path).await.expect(404);
    assert!(kinds(&world, &world.school).await.is_empty());
}

#[actix_web::test]
async fn what_is_no_message_is_refused_and_a_retry_says_it_once() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/messages");
    for (body, pointers) in [
        (json!({}), vec!["/words"]),
        (json!({ "words": " " }), vec!["/words"]),
        (json!({ "words": "x".repeat(10_001) }), vec!["/words"]),
        (json!({ "words": "x", "to": "everyone" }), vec!["/to"]),
    ] {
        assert_eq!(world.app.post(&world.officer, &path, &body).await.expect(422).pointers(), pointers);
    }
    let unknown = json!({ "up_to": uuid::Uuid::now_v7() });
    let refused = world.app.post(&world.officer, &format!("{path}/seen"), &unknown).await.expect(422);
    assert_eq!(refused.pointers(), ["/up_to"]);
    world.app.get(&world.officer, &format!("{path}?status=unread")).await.expect(400);
    let words = json!({ "words": "Once." });
    for _ in 0..2 {
        let said = world.app.post_with(&world.officer, &path, "one-key", None, &words).await.expect(201);
        assert_eq!(said.body["words"], "Once.");
    }
    assert_eq!(world.app.get(&world.officer, &path).await.expect(200).body["items"].as_array().unwrap().len(), 1);
    let up_to = json!({ "up_to": world.app.get(&world.officer, &path).await.expect(200).body["items"][0]["id"] });
    for _ in 0..2 {
        world.app.post_with(&world.school, &format!("{path}/seen"), "seen-key", None, &up_to).await.expect(200);
    }
}

#[actix_web::test]
async fn a_long_conversation_is_paged_and_loses_nothing() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    for n in 0..7 {
        say(&world, &world.officer, &id, &format!("{n}")).await;
    }
    let (mut heard, mut next) = (Vec::new(), String::new());
    loop {
        let page =
            world.app.get(&world.school, &format!("/v1/referrals/{id}/messages?limit=3{next}")).await.expect(200);
        heard.extend(
            page.body["items"].as_array().unwrap().iter().map(|item| item["words"].as_str().unwrap().to_owned()),
        );
        match page.body["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(heard, ["6", "5", "4", "3", "2", "1", "0"]);
}
