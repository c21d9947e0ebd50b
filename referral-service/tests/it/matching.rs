//! Ranking services for what a family needs.

use serde_json::{Value, json};
use shared::testing::Reply;

use crate::directory::{added, administrator, advice, charity, with};
use crate::world::World;

/// Four services: one that fits in everything, a full one, one for little children in Melton, a closed one.
async fn county(world: &World) {
    let charity = charity(world, "Charity").await;
    added(world, &advice(&charity, "Debt advice")).await;
    added(world, &with(advice(&charity, "Full advice"), json!({ "capacity": { "places": 0, "taken": 0 } }))).await;
    added(world, &with(advice(&charity, "Melton play"), json!({ "kind": "group",
        "eligibility": { "maximum_age": 4, "districts": ["melton"], "needs": ["early-years-development"], "levels": [1, 2] } }))).await;
    added(world, &with(advice(&charity, "Closed advice"), json!({ "status": "closed" }))).await;
}

fn ranked(reply: &Reply) -> Vec<(&str, bool, u64)> {
    let items = reply.body["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| {
            (
                item["service"]["name"].as_str().unwrap(),
                item["fits"].as_bool().unwrap(),
                item["score"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn why_not(reply: &Reply, name: &str) -> Vec<String> {
    let item = reply.body["items"].as_array().unwrap().iter().find(|item| item["service"]["name"] == name).unwrap();
    let reasons = item["reasons"].as_array().unwrap().iter().filter(|one| one["verdict"] == "does_not");
    reasons.map(|one| one["criterion"].as_str().unwrap().to_owned()).collect()
}

fn question() -> Value {
    json!({ "needs": ["financial-stability", "secure-housing"], "level_of_need": 3,
            "people": [{ "age": 34 }], "locality": "charnwood" })
}

#[actix_web::test]
async fn services_are_ranked_with_reasons_and_the_order_is_always_the_same() {
    let world = World::new().await;
    county(&world).await;
    let answer = world.app.post(&world.charnwood, "/v1/services/matches", &question()).await.expect(200);
    assert_eq!(
        ranked(&answer),
        [
            ("Debt advice", true, 100),
            ("Full advice", true, 92),
            ("Closed advice", false, 94),
            ("Melton play", false, 10)
        ]
    );
    assert_eq!(why_not(&answer, "Melton play"), ["need", "age", "district", "level"]);
    assert_eq!(why_not(&answer, "Closed advice"), ["status", "capacity"]);
    assert_eq!(answer.body["considered"], 4);
    let says: Vec<&str> = answer.body["items"][0]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["says"].as_str().unwrap())
        .collect();
    assert_eq!(says[0], "Helps with every need: financial-stability, secure-housing.");
    assert_eq!(says[4], "Has 9 free places.");
    for _ in 0..3 {
        assert_eq!(world.app.post(&world.charnwood, "/v1/services/matches", &question()).await.body, answer.body);
    }
    let two = with(question(), json!({ "limit": 2 }));
    assert_eq!(ranked(&world.app.post(&world.school, "/v1/services/matches", &two).await.expect(200)).len(), 2);
}

#[actix_web::test]
async fn a_referral_speaks_for_itself_to_who_sees_it_whole() {
    let world = World::new().await;
    county(&world).await;
    let id = world.listed().await;
    let by = json!({ "referral_id": id });
    let answer = world.app.post(&world.charnwood, "/v1/services/matches", &by).await.expect(200);
    // Juniper is seven, the parent's age is not known: advice is from 16 on.
    assert_eq!(why_not(&answer, "Debt advice"), ["age"]);
    let parent = with(by.clone(), json!({ "people": [{ "birth_date": "1990-05-01" }] }));
    let answer = world.app.post(&world.charnwood, "/v1/services/matches", &parent).await.expect(200);
    assert_eq!(ranked(&answer)[0].0, "Debt advice");
    world.app.post(&world.melton, "/v1/services/matches", &by).await.expect(404);
    world.app.post(&world.school, "/v1/services/matches", &by).await.expect(403);
    world.app.post(&world.analyst, "/v1/services/matches", &question()).await.expect(403);
    world.app.post(&administrator(), "/v1/services/matches", &question()).await.expect(403);
    // The look stands in the child's access log, and nothing else is kept.
    let read = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = read.body["people"][0]["person_id"].as_str().unwrap();
    let log = async || {
        let path = format!("/v1/people/{child}/access-log?limit=100");
        let page = world.app.get(&world.governance, &path).await.expect(200);
        page.body["items"].as_array().unwrap().iter().filter(|line| line["action"] == "directory.match").count()
    };
    for _ in 0..50 {
        if log().await >= 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the matches do not stand in the access log");
}

#[actix_web::test]
async fn a_question_that_says_nothing_or_nonsense_is_refused() {
    let world = World::new().await;
    for (question, pointers) in [
        (json!({}), vec![""]),
        (json!({ "needs": [] }), vec![""]),
        (json!({ "needs": ["gold"], "locality": "atlantis" }), vec!["/locality", "/needs/0"]),
        (json!({ "level_of_need": 5 }), vec!["/level_of_need"]),
        (
            json!({ "people": [{}, { "age": 3, "birth_date": "2020-01-01" }, { "birth_date": "2999-01-01" }] }),
            vec!["/people/0", "/people/1", "/people/2"],
        ),
        (json!({ "people": [{ "name": "Juniper" }] }), vec!["/people/0/name"]),
        (json!({ "needs": ["secure-housing"], "limit": 0 }), vec!["/limit"]),
    ] {
        let refused = world.app.post(&world.charnwood, "/v1/services/matches", &question).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{question}");
    }
    let empty = world.app.post(&world.charnwood, "/v1/services/matches", &question()).await.expect(200);
    assert_eq!(empty.body, json!({ "items": [], "considered": 0 }));
}
