//! An agreement on a partner's lists is reviewed in time: its clock, whose work it is, and who is reminded.

use chrono::{DateTime, Days, Months, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::testing::{Person, Reply};

use crate::partner_lists::{agreed, agreement, today, with};
use crate::world::World;

/// The clocks of agreements on somebody's work list.
async fn reviews(world: &World, who: &Person, query: &str) -> Vec<Value> {
    let page = world.app.get(who, &format!("/v1/work{query}")).await.expect(200);
    let items = page.body["items"].as_array().unwrap().iter();
    items.filter(|item| item["what"]["code"] == "partner_agreement_review").cloned().collect()
}

async fn shown(world: &World, id: &str) -> Reply {
    world.app.get(&world.governance, &format!("/v1/partner-agreements/{id}")).await.expect(200)
}

async fn step(world: &World, id: &str, what: &str, body: &Value) -> Reply {
    let etag = shown(world, id).await.etag();
    world.app.post_on(&world.governance, &format!("/v1/partner-agreements/{id}/{what}"), &etag, body).await
}

async fn reminders(world: &World, who: &Person) -> Vec<Value> {
    let page = world.app.get(who, "/v1/alerts").await.expect(200);
    let items = page.body["items"].as_array().unwrap().iter();
    items.filter(|alert| alert["kind"] == "partner_agreement_review").cloned().collect()
}

async fn chase(world: &World) {
    let mut worker = world.app.background.connection().await.unwrap();
    referral_service::alert::chaser::chase(&mut worker, world.app.background.now()).await.unwrap();
}

fn due(reply: &Reply) -> DateTime<Utc> {
    reply.body["review_due_at"].as_str().unwrap().parse().unwrap()
}

#[actix_web::test]
async fn the_review_of_an_agreement_is_information_governance_s_work() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let registered = shown(&world, &id).await;
    assert_eq!(registered.body["review_standing"], "due");
    assert_eq!(due(&registered), shared::calendar::end_of_day(today(&world) + Days::new(200)));
    for query in ["", "?for=team", "?standing=due"] {
        let found = reviews(&world, &world.governance, query).await;
        assert_eq!(found[0]["about"], format!("/v1/partner-agreements/{id}"), "{query}");
        assert_eq!(found[0]["what"]["label"], "Review of an agreement on a partner's lists");
    }
    assert!(reviews(&world, &world.governance, "?for=me").await.is_empty());
    for who in [&world.school, &world.officer] {
        assert!(reviews(&world, who, "").await.is_empty(), "{} reads the agreement and does not review it", who.name);
    }
    world.app.get(&world.analyst, "/v1/work").await.expect(403);
    // Days of years ahead are reviewed when practice says.
    let long = with(agreement(&world), json!({ "review_on": today(&world) + Days::new(1500) }));
    let long = world.app.post(&world.governance, "/v1/partner-agreements", &long).await.expect(201);
    let at: DateTime<Utc> = long.body["registered_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(due(&long), at.checked_add_months(Months::new(12)).unwrap());
}

#[actix_web::test]
async fn a_late_review_is_chased_until_it_is_recorded() {
    let world = World::new().await;
    let id = agreed(&world).await;
    chase(&world).await;
    assert!(reminders(&world, &world.governance).await.is_empty());
    world.app.advance(TimeDelta::days(202));
    chase(&world).await;
    let told = reminders(&world, &world.governance).await;
    assert_eq!(told[0]["about"], format!("/v1/partner-agreements/{id}"));
    assert!(reminders(&world, &world.officer).await.is_empty() && reminders(&world, &world.school).await.is_empty());
    let late = shown(&world, &id).await;
    assert_eq!((&late.body["review_standing"], &late.body["in_force"]), (&json!("overdue"), &json!(false)));
    assert_eq!(reviews(&world, &world.governance, "?standing=overdue").await.len(), 1);
    let next =
        json!({ "review_on": today(&world) + Days::new(300), "note": "Still needed: 18 families accepted help." });
    let reviewed = step(&world, &id, "review", &next).await.expect(200);
    assert_eq!((&reviewed.body["review_standing"], &reviewed.body["in_force"]), (&json!("due"), &json!(true)));
    assert_eq!(reviewed.body["review_note"], next["note"]);
    assert!(reviews(&world, &world.governance, "?standing=overdue").await.is_empty());
    assert_eq!(reviews(&world, &world.governance, "?standing=due").await.len(), 1);
    let told = world.events(&id, "partner_list.agreement_reviewed.v1").await;
    assert_eq!((&told[0]["in_time"], &told[0]["agency"]), (&json!(false), &json!("greenfield-academy")));
    assert_eq!(told[0]["review_on"], next["review_on"]);
    step(&world, &id, "review", &next).await.expect(200);
    assert_eq!(world.events(&id, "partner_list.agreement_reviewed.v1").await[1]["in_time"], true);
}

#[actix_web::test]
async fn an_agreement_that_has_ended_waits_for_no_review() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let ended = step(&world, &id, "end", &json!({ "reason": "The school has closed." })).await.expect(200);
    assert!(ended.body.get("review_due_at").is_none() && ended.body.get("review_standing").is_none());
    assert!(reviews(&world, &world.governance, "").await.is_empty());
    world.app.advance(TimeDelta::days(400));
    chase(&world).await;
    assert!(reminders(&world, &world.governance).await.is_empty());
}
