//! What waits for the front door: urgent first, then as it is due, with how much time is left.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::testing::{Person, Reply};

use crate::world::World;

async fn urgent(world: &World) -> String {
    let mut form = World::form();
    form["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "He says he can't go home today." });
    world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id()
}

async fn queue(world: &World, who: &Person) -> Reply {
    world.app.get(who, "/v1/referrals/queue").await.expect(200)
}

fn ids(page: &Reply) -> Vec<String> {
    page.body["items"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn urgent_ones_come_first_and_then_those_that_are_due_first() {
    let world = World::new().await;
    let first = world.submitted().await.id();
    let second = world.submitted().await.id();
    let cry = urgent(&world).await;
    let third = world.submitted().await.id();
    let later_cry = urgent(&world).await;
    world.listed().await;
    world.change(&world.officer, &second, "screening", &json!({})).await.expect(200);
    let nothing = json!({ "level_of_need": 1, "outcome": "no_further_action", "reason": "x" });
    world.change(&world.officer, &third, "decision", &nothing).await.expect(200);
    let page = queue(&world, &world.officer).await;
    assert_eq!(ids(&page), [&cry, &later_cry, &first, &second, &third].map(Clone::clone));
    let lines = page.body["items"].as_array().unwrap();
    let status: Vec<&Value> = lines.iter().map(|line| &line["status"]).collect();
    assert_eq!(status, ["received", "received", "received", "screening", "awaiting_sign_off"]);
    assert_eq!((&lines[0]["urgent"], &lines[2]["urgent"]), (&json!(true), &json!(false)));
    assert_eq!(lines[0]["children"][0]["given_name"], "Juniper");
    assert!(lines[4]["sign_off_due_at"].is_string() && lines[3].get("sign_off_due_at").is_none());
    assert_eq!(ids(&queue(&world, &world.manager).await).len(), 5);
}

#[actix_web::test]
async fn a_page_of_the_queue_goes_on_where_the_last_ended() {
    let world = World::new().await;
    let mut plain = Vec::new();
    let mut cries = Vec::new();
    for n in 0..7 {
        if n % 3 == 0 {
            cries.push(urgent(&world).await);
        } else {
            plain.push(world.submitted().await.id());
        }
    }
    cries.extend(plain);
    for limit in [1, 2, 3, 100] {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page =
                world.app.get(&world.officer, &format!("/v1/referrals/queue?limit={limit}{next}")).await.expect(200);
            seen.extend(ids(&page));
            match page.body["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, cries, "{limit} a page");
    }
}

#[actix_web::test]
async fn the_last_quarter_of_the_time_is_at_risk_and_what_is_late_says_so() {
    let world = World::new().await;
    world.submitted().await;
    let line = queue(&world, &world.officer).await.body["items"][0].clone();
    assert_eq!(line["decision_clock"], "due");
    let at = |name: &str| line[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let time = at("decision_due_at") - at("received_at");
    for (passed, standing) in
        [(time / 2, "due"), (time - time / 5, "at_risk"), (time + TimeDelta::minutes(1), "overdue")]
    {
        world.app.advance(passed);
        assert_eq!(queue(&world, &world.officer).await.body["items"][0]["decision_clock"], standing);
    }
}

#[actix_web::test]
async fn the_queue_is_the_front_door_s_alone() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    for other in [&world.school, &world.charnwood, &world.family_worker, &world.governance, &world.analyst] {
        world.app.get(other, "/v1/referrals/queue").await.expect(403);
    }
    let refused = world.app.get(&world.officer, "/v1/referrals/queue?status=received").await.expect(400);
    assert_eq!(refused.pointers(), ["status"]);
    world.app.get(&world.officer, "/v1/referrals/queue?cursor=rubbish").await.expect(400);
    let child =
        world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200).body["people"][0]["person_id"]
            .as_str()
            .unwrap()
            .to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    assert!(ids(&queue(&world, &world.officer).await).is_empty());
    assert_eq!(ids(&queue(&world, &world.manager).await), [id]);
}

#[actix_web::test]
async fn what_a_service_declines_is_back_in_the_queue_with_its_clock() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let offer = json!({ "level_of_need": 3, "outcome": "youth_justice_prevention", "reason": "x" });
    world.change(&world.officer, &id, "decision", &offer).await.expect(200);
    assert!(ids(&queue(&world, &world.officer).await).is_empty());
    let allocation = world.newest_allocation(&world.justice_worker).await;
    world.app.advance(TimeDelta::days(20));
    world.answer(&world.justice_worker, &allocation, "decline", &json!({ "reason": "Over 18." })).await.expect(200);
    let back = queue(&world, &world.officer).await;
    assert_eq!((ids(&back), &back.body["items"][0]["decision_clock"]), (vec![id.clone()], &json!("due")));
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["decision_clock"], "due");
}
