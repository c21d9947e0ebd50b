//! A role says what one may do, a scope what one sees: only both together, by one and the same
//! capacity, let anyone act on a record.

use serde_json::json;
use shared::actor::Role;
use shared::testing::Person;

use crate::world::World;

#[actix_web::test]
async fn whose_agency_referred_does_not_decide_for_another_hub() {
    let world = World::new().await;
    let id = world.listed().await;
    let elsewhere = Person::new("mel", "greenfield-academy", Role::HubMember).hub("melton");
    let seen = world.app.get(&elsewhere, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["view"], "status");
    let refused = world.change(&elsewhere, &id, "hub-decision", &World::to_family_support()).await.expect(403);
    assert!(refused.body["detail"].is_string(), "{}", refused.body);
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
}

#[actix_web::test]
async fn a_referrer_takes_back_what_its_own_agency_referred_and_nothing_else() {
    let world = World::new().await;
    let id = world.listed().await;
    let mut both = Person::new("pat", "police", Role::Referrer).hub("charnwood");
    both.roles.push(Role::HubMember);
    world.change(&both, &id, "withdrawal", &json!({ "reason": "Not ours." })).await.expect(403);
    world.change(&world.school, &id, "withdrawal", &json!({ "reason": "Ours." })).await.expect(200);
}

#[actix_web::test]
async fn a_refusal_says_for_whom_it_is_and_nothing_of_the_record() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let role = world.app.get(&world.school, &format!("/v1/referrals/{id}/history")).await.expect(403);
    let roles = "this is for First Response officers, First Response managers, hub members, service workers, \
                 service managers and youth justice workers";
    assert_eq!(role.body["detail"], roles);
    let reads = world.app.get(&world.analyst, "/v1/referrals").await.expect(403);
    assert!(
        reads.body["detail"].as_str().unwrap().starts_with("this is for partner agencies that refer, "),
        "{}",
        reads.body
    );
    // The role would do, and not what one sees it as.
    let mut both = Person::new("pat", "police", Role::Referrer).hub("charnwood");
    both.roles.push(Role::HubMember);
    let id = world.listed().await;
    let capacity = world.change(&both, &id, "withdrawal", &json!({ "reason": "Not ours." })).await.expect(403);
    let detail = "you see this record in another capacity: this is for the agency that sent it and First Response";
    assert_eq!(capacity.body["detail"], detail);
}

#[actix_web::test]
async fn a_team_answers_for_itself_alone() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let mut both = Person::new("sam", "county-council", Role::ServiceWorker).team("youth-work").hub("charnwood");
    both.roles.push(Role::HubMember);
    world.answer(&both, &allocation, "acceptance", &json!({})).await.expect(403);
    world.answer(&both, &allocation, "decline", &json!({ "reason": "Not mine." })).await.expect(403);
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    world.answer(&both, &allocation, "closure", &json!({ "outcome": "needs_met", "summary": "x" })).await.expect(403);
}

#[actix_web::test]
async fn the_front_door_does_not_decide_on_what_it_sees_as_a_referrer() {
    let world = World::new().await;
    // The officer's own agency referred, and the child is restricted to others.
    let mut reporter = world.school.clone();
    reporter.agency = "county-council".to_owned();
    let id = world.app.post(&reporter, "/v1/referrals", &World::form()).await.expect(201).id();
    let read = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = read.body["people"][0]["person_id"].as_str().expect("a child").to_owned();
    let restrict = json!({ "effect": "restrict", "user_id": world.governance.id, "reason": "In the news." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &restrict).await.expect(201);
    assert_eq!(world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200).body["view"], "status");
    world.change(&world.officer, &id, "screening", &json!({})).await.expect(403);
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(403);
}
