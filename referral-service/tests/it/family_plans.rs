//! The plan, and the actions of it that other people and other agencies are asked for.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::families::{days_ago, senior, today, youth_worker};
use crate::world::World;

fn in_days(days: u64) -> String {
    (today() + Days::new(days)).to_string()
}

fn housing() -> Person {
    Person::new("housing-system", "district-charnwood", Role::Referrer)
}

impl World {
    /// A case with a plan of two goals.
    async fn planned(&self) -> (String, String, Reply) {
        let (case, family) = self.case().await;
        let body = json!({ "goals": [{ "goal": "Nobody has to move.", "need": "secure-housing" }, { "goal": "In school every day." }] });
        let plan = self.app.post(&self.family_worker, &format!("{case}/plan"), &body).await.expect(201);
        (case, family, plan)
    }

    async fn asked(&self, case: &str, body: &Value) -> Reply {
        self.app.post(&self.family_worker, &format!("{case}/actions"), body).await
    }
}

pub fn eviction() -> Value {
    json!({ "what": "Hold off the eviction.", "owner": { "agency": "district-charnwood" }, "due_on": in_days(10), "concerns": { "address": true } })
}

async fn moved_in(world: &World, family: &str) {
    let body = json!({ "address": "Flat 2, 1 Invented Street", "postcode": "LE99 9ZZ" });
    world.step(&world.family_worker, family, "addresses", &body).await.expect(200);
}

#[actix_web::test]
async fn a_plan_has_goals_and_the_family_signs_it_as_it_stands() {
    let world = World::new().await;
    let (case, family, plan) = world.planned().await;
    let worker = &world.family_worker;
    let path = format!("{case}/plan");
    assert_eq!(plan.body["goals"].as_array().unwrap().len(), 2);
    let twice = json!({ "goals": [{ "goal": "x" }] });
    world.app.post(worker, &path, &twice).await.expect(409);
    let parent = world.app.get(worker, &family).await.expect(200).body["members"][1]["person_id"].clone();
    let signed = world.step(worker, &path, "signatures", &json!({ "person_id": parent })).await.expect(200);
    assert_eq!(
        (signed.body["signed"].as_bool(), signed.body["signatures"][0]["current"].as_bool()),
        (Some(true), Some(true))
    );
    world.step(worker, &path, "signatures", &json!({ "person_id": parent })).await.expect(409);
    let more = world
        .step(worker, &path, "goals", &json!({ "goal": "Debts are on a plan.", "need": "financial-stability" }))
        .await
        .expect(200);
    assert_eq!(more.body["signed"], false, "what was signed was another plan");
    let goal = more.body["goals"][0]["id"].as_str().unwrap();
    let end = format!("goals/{goal}/closure");
    let early = json!({ "outcome": "achieved", "closed_on": days_ago(3) });
    assert_eq!(world.step(worker, &path, &end, &early).await.expect(422).pointers(), ["/closed_on"]);
    let ended =
        world.step(worker, &path, &end, &json!({ "outcome": "achieved", "note": "They stay." })).await.expect(200);
    assert_eq!(ended.body["goals"][0]["status"], "achieved");
    world.step(worker, &path, &end, &json!({ "outcome": "dropped" })).await.expect(409);
    world
        .step(worker, &path, &format!("goals/{}/closure", uuid::Uuid::now_v7()), &json!({ "outcome": "dropped" }))
        .await
        .expect(404);
    assert_eq!(world.told_of("plan.signed.v1").await.len(), 1);
    assert_eq!(world.told_of("plan.goal_closed.v1").await[0]["need"], "secure-housing");
}

#[actix_web::test]
async fn a_plan_that_can_t_be_is_refused_all_at_once() {
    let world = World::new().await;
    let (case, _) = world.case().await;
    let worker = &world.family_worker;
    let path = format!("{case}/plan");
    world.app.get(worker, &path).await.expect(404);
    let body =
        json!({ "goals": [{ "goal": "Said.", "need": "wealth" }, { "goal": "x", "person_id": uuid::Uuid::now_v7() }] });
    let refused = world.app.post(worker, &path, &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/goals/0/need", "/goals/1/person_id"]);
    assert_eq!(world.app.post(worker, &path, &json!({ "goals": [] })).await.expect(422).pointers(), ["/goals"]);
    let good = json!({ "goals": [{ "goal": "x" }] });
    for (who, status) in [
        (&world.officer, 403),
        (&world.charnwood, 403),
        (&world.melton, 404),
        (&youth_worker(), 404),
        (&world.school, 404),
    ] {
        let refused = world.app.post(who, &path, &good).await;
        assert_eq!(refused.status, status, "{}", who.name);
    }
    world.app.post(worker, &path, &good).await.expect(201);
    assert_eq!(world.app.get(&world.officer, &path).await.expect(200).body["goals"][0]["goal"], "x");
    world.app.get(&world.charnwood, &path).await.expect(403);
    let goals = format!("{path}/goals");
    world.app.post(worker, &goals, &json!({ "goal": "y" })).await.expect(428);
    world.app.post_on(worker, &goals, "\"7-full\"", &json!({ "goal": "y" })).await.expect(412);
    world.app.post_on(&world.officer, &goals, "\"1-full\"", &json!({ "goal": "y" })).await.expect(403);
    let stranger = json!({ "person_id": uuid::Uuid::now_v7(), "signed_on": in_days(1) });
    assert_eq!(
        world.step(worker, &path, "signatures", &stranger).await.expect(422).pointers(),
        ["/person_id", "/signed_on"]
    );
}

#[actix_web::test]
async fn another_agency_answers_an_action_and_sees_nothing_else() {
    let world = World::new().await;
    let (case, family, plan) = world.planned().await;
    moved_in(&world, &family).await;
    let mut body = eviction();
    body["goal_id"] = plan.body["goals"][0]["id"].clone();
    let asked = world.asked(&case, &body).await.expect(201);
    assert_eq!(
        (asked.body["status"].as_str(), asked.body["goal_id"].clone()),
        (Some("proposed"), body["goal_id"].clone())
    );
    let action = format!("/v1/actions/{}", asked.id());
    let agency = housing();
    let seen = world.app.get(&agency, &action).await.expect(200);
    assert_eq!(seen.body["concerns"], json!({ "address": "Flat 2, 1 Invented Street, LE99 9ZZ" }));
    for hidden in ["case_id", "goal_id", "meeting_id"] {
        assert!(seen.body.get(hidden).is_none(), "{hidden}");
    }
    assert!(seen.body["family_reference"].as_str().unwrap().starts_with("F-"));
    for hidden in [&case, &family, &format!("{case}/plan"), &format!("{case}/notes")] {
        world.app.get(&agency, hidden).await.expect(404);
    }
    world.app.get(&world.school, &action).await.expect(404);
    world.app.get(&world.melton, &action).await.expect(404);
    assert_eq!(
        world.app.get(&world.charnwood, &action).await.expect(200).body["status"],
        "proposed",
        "of the same agency"
    );
    let list = world.app.get(&agency, "/v1/actions?status=proposed&asked_of=agency").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], asked.body["id"]);
    assert_eq!(world.app.get(&world.school, "/v1/actions").await.expect(200).body["items"], json!([]));
    // It answers for itself, so it need not say how it knows.
    let own = json!({ "told_by": "Ourselves." });
    assert_eq!(world.step(&agency, &action, "acceptance", &own).await.expect(422).pointers(), ["/told_by"]);
    world.app.post(&agency, &format!("{action}/acceptance"), &json!({})).await.expect(428);
    let accepted =
        world.step(&agency, &action, "acceptance", &json!({ "note": "Not before the new year." })).await.expect(200);
    assert_eq!(accepted.body["status"], "accepted");
    world.step(&agency, &action, "acceptance", &json!({})).await.expect(409);
    world.step(&agency, &action, "decline", &json!({ "reason": "x" })).await.expect(409);
    world.step(&agency, &action, "cancellation", &json!({ "reason": "x" })).await.expect(403);
    let future = json!({ "completed_on": in_days(1) });
    assert_eq!(world.step(&agency, &action, "completion", &future).await.expect(422).pointers(), ["/completed_on"]);
    let done =
        world.step(&agency, &action, "completion", &json!({ "note": "The notice was withdrawn." })).await.expect(200);
    assert_eq!(done.body["history"].as_array().unwrap().len(), 3);
    world.step(&agency, &action, "completion", &json!({})).await.expect(409);
    let plan = world.app.get(&world.family_worker, &format!("{case}/plan")).await.expect(200);
    assert_eq!(plan.body["actions"][0]["status"], "completed");
    let told = &world.told_of("action.completed.v1").await[0];
    assert_eq!((told["agency"].as_str(), told["in_time"].as_bool()), (Some("district-charnwood"), Some(true)));
    assert_eq!(told["locality"], "charnwood");
}

#[actix_web::test]
async fn an_agency_declines_with_its_reason_or_the_team_says_how_it_knows() {
    let world = World::new().await;
    let (case, family, _) = world.planned().await;
    moved_in(&world, &family).await;
    let action = format!("/v1/actions/{}", world.asked(&case, &eviction()).await.expect(201).id());
    let declined =
        world.step(&housing(), &action, "decline", &json!({ "reason": "The order is made." })).await.expect(200);
    assert_eq!(declined.body["history"][1]["words"], "The order is made.");
    world.step(&housing(), &action, "completion", &json!({})).await.expect(409);
    let second = format!("/v1/actions/{}", world.asked(&case, &eviction()).await.expect(201).id());
    let worker = &world.family_worker;
    assert_eq!(world.step(worker, &second, "acceptance", &json!({})).await.expect(422).pointers(), ["/told_by"]);
    let told = json!({ "told_by": "Ms Example (invented) of housing rang." });
    let accepted = world.step(worker, &second, "acceptance", &told).await.expect(200);
    assert_eq!(accepted.body["history"][1]["told_by"], "Ms Example (invented) of housing rang.");
    world.step(&world.officer, &second, "completion", &told).await.expect(403);
    let cancelled = world.step(worker, &second, "cancellation", &json!({ "reason": "They moved." })).await.expect(200);
    assert_eq!(cancelled.body["status"], "cancelled");
}

async fn alerts_about(world: &World, who: &Person, about: &str) -> Vec<String> {
    let alerts = world.app.get(who, "/v1/alerts").await.expect(200);
    let items = alerts.body["items"].as_array().unwrap().iter();
    items.filter(|one| one["about"] == about).map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn an_agency_is_told_what_it_is_asked_and_the_team_that_it_will_not() {
    let world = World::new().await;
    let (case, family, _) = world.planned().await;
    moved_in(&world, &family).await;
    let action = format!("/v1/actions/{}", world.asked(&case, &eviction()).await.expect(201).id());
    assert_eq!(alerts_about(&world, &housing(), &action).await, ["action_proposed"]);
    for who in [&world.family_worker, &world.officer, &world.school, &world.melton] {
        assert!(alerts_about(&world, who, &action).await.is_empty(), "{}", who.name);
    }
    // Somebody named on the case learns of it too, outside its team.
    let helper = Person::new("hal", "county-council", Role::ServiceWorker);
    let form = json!({ "user_id": helper.id, "name": "Hal Helper (invented)" });
    world.step(&senior(), &case, "supporting-workers", &form).await.expect(200);
    world.step(&housing(), &action, "decline", &json!({ "reason": "The order is made." })).await.expect(200);
    for who in [&world.family_worker, &senior(), &helper] {
        assert_eq!(alerts_about(&world, who, &action).await, ["action_declined"], "{}", who.name);
    }
    for who in [&world.officer, &world.school, &world.melton] {
        assert!(alerts_about(&world, who, &action).await.is_empty(), "{}", who.name);
    }
    assert!(alerts_about(&world, &housing(), &action).await.is_empty(), "what it was asked is answered");
    // What the team recorded itself it need not be told.
    let second = format!("/v1/actions/{}", world.asked(&case, &eviction()).await.expect(201).id());
    let told = json!({ "reason": "No.", "told_by": "Ms Example (invented) of housing rang." });
    world.step(&world.family_worker, &second, "decline", &told).await.expect(200);
    assert!(alerts_about(&world, &world.family_worker, &second).await.is_empty());
}

#[actix_web::test]
async fn what_is_asked_wrongly_is_refused_all_at_once() {
    let world = World::new().await;
    let (case, family, plan) = world.planned().await;
    let worker = &world.family_worker;
    let wrong = json!({ "what": "Said.", "owner": { "agency": "police", "person_id": uuid::Uuid::now_v7() }, "due_on": days_ago(1),
        "goal_id": uuid::Uuid::now_v7(), "meeting_id": uuid::Uuid::now_v7(),
        "concerns": { "person_id": uuid::Uuid::now_v7(), "address": true } });
    let refused = world.asked(&case, &wrong).await.expect(422);
    assert_eq!(
        refused.pointers(),
        ["/concerns/address", "/concerns/person_id", "/due_on", "/goal_id", "/meeting_id", "/owner"]
    );
    let stranger = json!({ "what": "x", "owner": { "person_id": uuid::Uuid::now_v7() }, "due_on": in_days(1) });
    assert_eq!(world.asked(&case, &stranger).await.expect(422).pointers(), ["/owner/person_id"]);
    let goal = plan.body["goals"][1]["id"].as_str().unwrap();
    world
        .step(worker, &format!("{case}/plan"), &format!("goals/{goal}/closure"), &json!({ "outcome": "dropped" }))
        .await
        .expect(200);
    let ended = json!({ "what": "x", "owner": { "agency": "police" }, "due_on": in_days(1), "goal_id": goal });
    assert_eq!(world.asked(&case, &ended).await.expect(422).pointers(), ["/goal_id"]);
    let good = json!({ "what": "x", "owner": { "agency": "police" }, "due_on": in_days(1) });
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.melton, 404), (&world.school, 404)] {
        let refused = world.app.post(who, &format!("{case}/actions"), &good).await;
        assert_eq!(refused.status, status, "{}", who.name);
    }
    world.closed(&case, true).await;
    world.asked(&case, &good).await.expect(409);
    world.step(worker, &format!("{case}/plan"), "goals", &json!({ "goal": "x" })).await.expect(409);
    let _ = family;
}

#[actix_web::test]
async fn what_one_takes_on_oneself_needs_no_acceptance() {
    let world = World::new().await;
    let (case, family, _) = world.planned().await;
    let worker = &world.family_worker;
    let parent = world.app.get(worker, &family).await.expect(200).body["members"][1]["person_id"].clone();
    let own = json!({ "what": "Ring the landlord.", "owner": { "user_id": worker.id, "name": "felix" }, "due_on": in_days(2) });
    assert_eq!(world.asked(&case, &own).await.expect(201).body["status"], "accepted");
    let theirs = json!({ "what": "Bring the letters.", "owner": { "person_id": parent }, "due_on": in_days(2) });
    let theirs = world.asked(&case, &theirs).await.expect(201);
    assert_eq!(theirs.body["status"], "accepted");
    world.step(worker, &format!("/v1/actions/{}", theirs.id()), "completion", &json!({})).await.expect(200);
    // A colleague in no team of the case is asked, and sees that action alone.
    let colleague = Person::new("cass", "county-council", Role::ServiceWorker);
    let asked = json!({ "what": "Translate the letter.", "owner": { "user_id": colleague.id, "name": "cass" }, "due_on": in_days(2) });
    let asked = world.asked(&case, &asked).await.expect(201);
    assert_eq!(asked.body["status"], "proposed");
    let action = format!("/v1/actions/{}", asked.id());
    assert!(world.app.get(&colleague, &action).await.expect(200).body.get("case_id").is_none());
    world.app.get(&colleague, &case).await.expect(404);
    let mine = world.app.get(&colleague, "/v1/actions?asked_of=me").await.expect(200);
    assert_eq!(mine.body["items"].as_array().unwrap().len(), 1);
    world.step(&colleague, &action, "completion", &json!({})).await.expect(200);
    assert_eq!(world.app.get(worker, "/v1/actions?asked_of=them").await.expect(400).pointers(), ["asked_of"]);
}

#[actix_web::test]
async fn whoever_comes_to_a_case_sees_its_actions_and_whoever_leaves_no_longer() {
    let world = World::new().await;
    let (case, family, _) = world.planned().await;
    moved_in(&world, &family).await;
    let action = format!("/v1/actions/{}", world.asked(&case, &eviction()).await.expect(201).id());
    let helper = Person::new("hal", "county-council", Role::ServiceWorker);
    let form = json!({ "user_id": helper.id, "name": "Hal Helper (invented)" });
    world.app.get(&helper, &action).await.expect(404);
    world.step(&senior(), &case, "supporting-workers", &form).await.expect(200);
    assert!(world.app.get(&helper, &action).await.expect(200).body.get("case_id").is_some());
    let end = format!("supporting-workers/{}/end", helper.id);
    world.step(&senior(), &case, &end, &json!({})).await.expect(200);
    world.app.get(&helper, &action).await.expect(404);
}

#[actix_web::test]
async fn what_is_overdue_is_chased_with_whoever_was_asked_and_with_the_team() {
    let world = World::new().await;
    let (case, family, _) = world.planned().await;
    moved_in(&world, &family).await;
    let action = world.asked(&case, &eviction()).await.expect(201).id();
    world.app.advance(TimeDelta::days(11));
    let list = world.app.get(&housing(), "/v1/actions").await.expect(200);
    assert_eq!(list.body["items"][0]["overdue"], true);
    let mut worker = world.app.background.connection().await.unwrap();
    let now = chrono::Utc::now() + TimeDelta::days(11);
    referral_service::alert::chaser::chase(&mut worker, now).await.unwrap();
    for who in [&housing(), &world.family_worker] {
        let alerts = world.app.get(who, "/v1/alerts").await.expect(200);
        let kinds: Vec<&str> =
            alerts.body["items"].as_array().unwrap().iter().map(|a| a["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"plan_action") && kinds.contains(&"plan_action_answer"), "{} {kinds:?}", who.name);
    }
    assert_eq!(world.app.get(&world.school, "/v1/alerts").await.expect(200).body["items"], json!([]));
    let _ = action;
}

#[actix_web::test]
async fn a_replayed_action_is_one_action() {
    let world = World::new().await;
    let (case, _, _) = world.planned().await;
    let body = json!({ "what": "x", "owner": { "agency": "police" }, "due_on": in_days(1) });
    let path = format!("{case}/actions");
    let first = world.app.post_with(&world.family_worker, &path, "ask-once", None, &body).await.expect(201);
    let again = world.app.post_with(&world.family_worker, &path, "ask-once", None, &body).await.expect(201);
    assert_eq!(first.id(), again.id());
}
