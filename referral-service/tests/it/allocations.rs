//! What services do with what they are asked.

use serde_json::json;
use shared::actor::Role;
use shared::testing::Person;

use crate::world::World;

#[actix_web::test]
async fn a_service_accepts_works_and_closes_with_an_outcome() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    let seen = world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["view"], "full");
    let accepted = world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    assert_eq!(accepted.body["status"], "accepted");
    assert_eq!(world.status(&id).await, "in_service");
    let closing = json!({ "outcome": "needs_met", "summary": "On a payment plan the family keeps to." });
    let closed = world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(200);
    assert_eq!(closed.body["outcome"], "needs_met");
    assert_eq!(world.status(&id).await, "closed");
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    assert_eq!(told.body.as_array().unwrap().len(), 5);
}

#[actix_web::test]
async fn what_is_declined_is_listed_again_for_the_hub_that_asked() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    world
        .answer(&world.family_worker, &allocation, "decline", &json!({ "reason": "Full until spring." }))
        .await
        .expect(200);
    assert_eq!(world.status(&id).await, "listed_for_hub");
    world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(404);
    let search = json!({ "family_name": "Testcase" });
    let found = world.app.post(&world.family_worker, "/v1/people/searches", &search).await.expect(200);
    assert_eq!(found.body["items"], json!([]), "who declined has no more business with the family");
    let list = world.app.get(&world.charnwood, "/v1/hubs/charnwood/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(id));
    let again = json!({ "outcome": "allocate", "service": "youth-work", "reason": "The next best." });
    world.change(&world.charnwood, &id, "hub-decision", &again).await.expect(200);
}

#[actix_web::test]
async fn what_the_front_door_offered_goes_back_to_the_front_door() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let body = json!({ "level_of_need": 3, "outcome": "youth_justice_prevention", "reason": "First trouble with the police." });
    world.change(&world.officer, &id, "decision", &body).await.expect(200);
    let allocation = world.newest_allocation(&world.justice_worker).await;
    world.answer(&world.justice_worker, &allocation, "decline", &json!({ "reason": "Over 18." })).await.expect(200);
    assert_eq!(world.status(&id).await, "screening");
    let list = world.app.get(&world.officer, "/v1/referrals?status=screening").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(id));
}

#[actix_web::test]
async fn an_answer_that_does_not_fit_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let closing = json!({ "outcome": "needs_met", "summary": "x" });
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(409);
    assert_eq!(
        world.answer(&world.family_worker, &allocation, "decline", &json!({})).await.expect(422).pointers(),
        ["/reason"]
    );
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(409);
    world.answer(&world.family_worker, &allocation, "decline", &json!({ "reason": "x" })).await.expect(409);
    let missing =
        world.answer(&world.family_worker, &allocation, "closure", &json!({ "outcome": "magic" })).await.expect(422);
    assert_eq!(missing.pointers(), ["/outcome", "/summary"]);
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(200);
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(409);
}

#[actix_web::test]
async fn another_team_does_not_see_the_allocation() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    let youth_work = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    world.app.get(&youth_work, &format!("/v1/allocations/{allocation}")).await.expect(404);
    world.app.get(&youth_work, &format!("/v1/referrals/{id}")).await.expect(404);
    assert_eq!(world.app.get(&youth_work, "/v1/allocations").await.expect(200).body["items"], json!([]));
    // The hub that asked sees it, and may not answer for the service.
    world.app.get(&world.charnwood, &format!("/v1/allocations/{allocation}")).await.expect(200);
    world.answer(&world.charnwood, &allocation, "acceptance", &json!({})).await.expect(403);
}
