//! Up to children's social care, down again, and the end there: one referral, one history.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use crate::world::World;

fn up() -> Value {
    json!({ "direction": "up", "reason": "He told his worker that he is hit." })
}

fn down() -> Value {
    json!({ "direction": "down", "level_of_need": 3, "reason": "Nobody is at risk any more.",
            "social_care_did": "Child in need plan, closed.", "social_care_reference": "SC-1-INVENTED" })
}

/// At social care by the front door's own decision.
async fn with_social_care(world: &World) -> String {
    let id = world.submitted().await.id();
    let body = json!({ "level_of_need": 4, "outcome": "social_care", "reason": "x" });
    world.change(&world.manager, &id, "decision", &body).await.expect(200);
    id
}

async fn in_service(world: &World) -> (String, String) {
    let (id, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    (id, allocation)
}

#[actix_web::test]
async fn the_team_at_work_steps_it_up_and_its_work_ends_with_that() {
    let world = World::new().await;
    let (id, allocation) = in_service(&world).await;
    let stepped = world.change(&world.family_worker, &id, "step", &up()).await.expect(200);
    assert_eq!(stepped.body["status"], "with_social_care");
    let ended = world.app.get(&world.family_worker, &format!("/v1/allocations/{allocation}")).await.expect(200);
    assert_eq!((&ended.body["status"], &ended.body["outcome"]), (&json!("closed"), &json!("stepped_up")));
    // It keeps sight of what it did, and can't go on with it.
    world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(200);
    let closing = json!({ "outcome": "needs_met", "summary": "x" });
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(409);
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    let last = told.body.as_array().unwrap().last().unwrap();
    assert_eq!(last["about"], "stepped_up");
    assert_eq!(last["message"], "Your referral was passed to children's social care.");
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "stepped_up");
    let closed = world.events(&id, "allocation.closed.v1").await;
    assert_eq!((&closed[0]["allocation_id"], &closed[0]["outcome"]), (&json!(allocation), &json!("stepped_up")));
    let facts = &world.events(&id, "referral.stepped_up.v1").await[0];
    assert_eq!((&facts["from"], &facts["by"]), (&json!("in_service"), &json!("team")));
    assert_eq!((&facts["service"], &facts["allocations_ended"]), (&json!("intensive-family-support"), &json!(1)));
}

#[actix_web::test]
async fn an_offer_is_withdrawn_by_a_step_up_and_the_team_loses_sight() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    world.change(&world.charnwood, &id, "step", &up()).await.expect(200);
    world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(404);
    let withdrawn = world.app.get(&world.family_worker, &format!("/v1/allocations/{allocation}")).await.expect(200);
    assert_eq!(withdrawn.body["status"], "withdrawn");
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(409);
    assert_eq!(world.events(&id, "allocation.withdrawn.v1").await.len(), 1);
    assert_eq!(world.events(&id, "referral.stepped_up.v1").await[0]["by"], "hub");
    let list = world.app.get(&world.charnwood, "/v1/hubs/charnwood/referrals").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
}

#[actix_web::test]
async fn a_team_that_was_only_asked_may_step_it_up_and_sees_what_it_did() {
    let world = World::new().await;
    let (id, _) = world.offered().await;
    let etag = world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(200).etag();
    let path = format!("/v1/referrals/{id}/step");
    for _ in 0..2 {
        let stepped = world.app.post_with(&world.family_worker, &path, "one-key", Some(&etag), &up()).await.expect(200);
        assert_eq!(stepped.body["status"], "with_social_care");
    }
}

#[actix_web::test]
async fn it_comes_down_to_the_hub_of_where_the_family_lives_now_and_goes_on_from_there() {
    let world = World::new().await;
    let id = with_social_care(&world).await;
    world.app.get(&world.melton, &format!("/v1/referrals/{id}")).await.expect(404);
    let mut body = down();
    body["locality"] = json!("melton");
    let stepped = world.change(&world.officer, &id, "step", &body).await.expect(200);
    assert_eq!((&stepped.body["status"], &stepped.body["locality"]), (&json!("listed_for_hub"), &json!("melton")));
    let list = world.app.get(&world.melton, "/v1/hubs/melton/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(id));
    let allocate = json!({ "outcome": "allocate", "service": "intensive-family-support", "reason": "x" });
    world.change(&world.melton, &id, "hub-decision", &allocate).await.expect(200);
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);

    // And up again: the history is one.
    world.app.advance(TimeDelta::hours(1));
    world.change(&world.officer, &id, "step", &up()).await.expect(200);
    world.app.advance(TimeDelta::hours(2));
    let end = json!({ "direction": "end", "reason": "Nothing more is needed.", "social_care_did": "Assessed." });
    let ended = world.change(&world.officer, &id, "step", &end).await.expect(200);
    assert_eq!(ended.body["status"], "closed");
    let steps = world.app.get(&world.family_worker, &format!("/v1/referrals/{id}/steps")).await.expect(200);
    let ways: Vec<(&Value, &Value, &Value)> =
        steps.body.as_array().unwrap().iter().map(|step| (&step["direction"], &step["from"], &step["to"])).collect();
    assert_eq!(
        ways,
        [
            (&json!("down"), &json!("with_social_care"), &json!("listed_for_hub")),
            (&json!("up"), &json!("in_service"), &json!("with_social_care")),
            (&json!("end"), &json!("with_social_care"), &json!("closed")),
        ]
    );
    assert_eq!(steps.body[0]["social_care_reference"], "SC-1-INVENTED");
    assert_eq!((&steps.body[1]["level_of_need"], &steps.body[1]["acting_as"]), (&json!(4), &json!("front-door")));
    assert!(steps.body[1]["assessment_due_at"].is_string() && steps.body[0].get("assessment_due_at").is_none());
    let history = world.app.get(&world.officer, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let what: Vec<&str> = history.body.as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect();
    assert_eq!(
        what,
        ["received", "sent_to_social_care", "stepped_down", "offered_to_service", "accepted", "stepped_up", "ended"]
    );
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    let about: Vec<&str> = told.body.as_array().unwrap().iter().map(|line| line["about"].as_str().unwrap()).collect();
    assert_eq!(
        about,
        ["received", "decision", "stepped_down", "hub_decision", "allocation", "stepped_up", "social_care_ended"]
    );
    assert_eq!(world.events(&id, "referral.stepped_down.v1").await[0]["level_of_need"], json!(3));
    assert_eq!(world.events(&id, "referral.closed.v1").await[0]["how"], "social_care_ended");
}

#[actix_web::test]
async fn a_step_goes_only_from_where_it_can() {
    let world = World::new().await;
    let received = world.submitted().await.id();
    assert_eq!(
        world.change(&world.officer, &received, "step", &up()).await.expect(409).body["detail"],
        "the referral is waiting to be screened"
    );
    let (id, _) = in_service(&world).await;
    world.change(&world.officer, &id, "step", &down()).await.expect(409);
    world.change(&world.officer, &id, "step", &up()).await.expect(200);
    let refused = world.change(&world.officer, &id, "step", &up()).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is with children's social care");
}

#[actix_web::test]
async fn who_has_no_part_in_it_steps_nothing() {
    let world = World::new().await;
    let (id, allocation) = in_service(&world).await;
    world.change(&world.school, &id, "step", &up()).await.expect(403);
    let path = format!("/v1/referrals/{id}/step");
    for outsider in [&world.other_school, &world.melton, &world.justice_worker, &world.analyst] {
        world.app.post_on(outsider, &path, "\"4-full\"", &up()).await.expect(404);
        world.app.get(outsider, &format!("/v1/referrals/{id}/steps")).await.expect(404);
    }
    world.app.get(&world.school, &format!("/v1/referrals/{id}/steps")).await.expect(403);
    // A hub of another district whose agency referred sees it, and does not decide here.
    let elsewhere = Person::new("mel", "greenfield-academy", Role::HubMember).hub("melton");
    world.change(&elsewhere, &id, "step", &up()).await.expect(403);
    // Down and the end are First Response's to say.
    let with = with_social_care(&world).await;
    world.change(&world.officer, &with, "step", &down()).await.expect(200);
    let allocate = World::to_family_support();
    world.change(&world.charnwood, &with, "hub-decision", &allocate).await.expect(200);
    world.change(&world.charnwood, &with, "step", &up()).await.expect(200);
    let refused = world.change(&world.charnwood, &with, "step", &down()).await.expect(403);
    assert_eq!(refused.body["detail"], "First Response says this, on behalf of children's social care");
    // A team whose work has ended still reads, and steps nothing.
    let closing = json!({ "outcome": "needs_met", "summary": "x" });
    world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(200);
    world.change(&world.family_worker, &id, "step", &up()).await.expect(403);
}

#[actix_web::test]
async fn a_step_names_every_field_it_lacks() {
    let world = World::new().await;
    let mut form = World::form();
    form.as_object_mut().unwrap().remove("locality");
    let id = world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id();
    let body = json!({ "level_of_need": 4, "outcome": "social_care", "reason": "x" });
    world.change(&world.manager, &id, "decision", &body).await.expect(200);
    for (body, pointers) in [
        (
            json!({ "direction": "down", "reason": "x" }),
            vec!["/level_of_need", "/locality", "/social_care_did", "/social_care_reference"],
        ),
        (
            json!({ "direction": "down", "reason": "Said.", "level_of_need": 4, "locality": "atlantis", "social_care_did": "Said.",
                    "social_care_reference": "Said." }),
            vec!["/level_of_need", "/locality"],
        ),
        (
            json!({ "direction": "up", "reason": "x", "level_of_need": 3, "locality": "melton", "social_care_did": "x" }),
            vec!["/level_of_need", "/locality", "/social_care_did"],
        ),
        (json!({ "direction": "end", "reason": "x", "locality": "melton" }), vec!["/locality", "/social_care_did"]),
        (json!({ "direction": "sideways", "level_of_need": 5 }), vec!["/direction", "/level_of_need", "/reason"]),
    ] {
        assert_eq!(world.change(&world.officer, &id, "step", &body).await.expect(422).pointers(), pointers, "{body}");
    }
    let path = format!("/v1/referrals/{id}/step");
    world.app.post(&world.officer, &path, &down()).await.expect(428);
    world.app.post_on(&world.officer, &path, "\"1-full\"", &down()).await.expect(412);
}

/// A family's case in the full of its work, with a plan and an action of an agency's: the case, the referral, the action.
async fn at_work(world: &World) -> (crate::assessments::Begun, String) {
    let begun = crate::assessments::begun(world).await;
    let worker = &world.family_worker;
    world.measured(&begun, "assessments", &crate::assessments::content(3)).await;
    let plan = json!({ "goals": [{ "goal": "Nobody has to move." }] });
    world.app.post(worker, &format!("{}/plan", begun.case), &plan).await.expect(201);
    let action = crate::family_plans::eviction();
    let mut action = action;
    action.as_object_mut().unwrap().remove("concerns");
    let action = world.app.post(worker, &format!("{}/actions", begun.case), &action).await.expect(201).id();
    let meeting = json!({ "starts_at": chrono::Utc::now() + TimeDelta::days(7), "chair": "Felix Family (invented)",
                          "invited": [{ "person_id": begun.parent }] });
    world.app.post(worker, &format!("{}/team-around", begun.case), &meeting).await.expect(201);
    (begun, action)
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[actix_web::test]
async fn a_step_up_ends_the_family_s_case_whoever_takes_it() {
    let world = World::new().await;
    let (begun, action) = at_work(&world).await;
    let worker = &world.family_worker;
    // The officer of First Response sees the case; what the hub would not see ends all the same.
    world.change(&world.officer, &begun.referral, "step", &up()).await.expect(200);
    let case = world.app.get(worker, &begun.case).await.expect(200).body;
    assert_eq!((&case["status"], &case["closed_at"].is_string()), (&json!("closed"), &true));
    let closure = world.app.get(worker, &format!("{}/closure", begun.case)).await.expect(200).body;
    assert_eq!(
        (&closure["outcome"], &closure["not_measured_because"], &closure["closed_by"]),
        (&json!("stepped_up"), &json!("stepped-up"), &json!("olive"))
    );
    assert_eq!(world.app.get(worker, &begun.family).await.expect(200).body["state"], "known");
    let plan = world.app.get(worker, &format!("{}/plan", begun.case)).await.expect(200).body;
    assert_eq!(plan["goals"][0]["status"], "dropped", "{plan}");
    let housing = Person::new("housing-system", "district-charnwood", Role::Referrer);
    let asked = world.app.get(&housing, &format!("/v1/actions/{action}")).await.expect(200).body;
    assert_eq!(asked["status"], "cancelled");
    assert!(
        !asked.to_string().contains("social care"),
        "the agency learns that it has ended, not where the family went"
    );
    let meetings = world.app.get(worker, &format!("{}/team-around", begun.case)).await.expect(200).body;
    assert_eq!(meetings["items"][0]["status"], "cancelled");
    let mut all = world.app.database.all_seeing().await;
    let running = format!(
        "SELECT count(*) AS count FROM deadline WHERE met_at IS NULL AND record_id IN ('{}', '{action}', '{}')",
        begun.case_id, begun.allocation
    );
    let running: Count = diesel_async::RunQueryDsl::get_result(diesel::sql_query(running), &mut all).await.unwrap();
    assert_eq!(running.count, 0);
    let told = &world.told("case.closed.v1").await[0];
    assert_eq!((&told["outcome"], &told["team"]), (&json!("stepped_up"), &json!("intensive-family-support")));
    assert_eq!((&told["children"], told["person_ids"].as_array().unwrap().len()), (&json!(1), 2));
    assert_eq!(world.events(&begun.referral, "referral.stepped_up.v1").await[0]["cases_ended"], 1);
    assert_eq!(world.told("action.cancelled.v1").await[0]["action_id"], json!(action));
    assert_eq!(world.told("plan.goal_closed.v1").await[0]["outcome"], "dropped");
    assert_eq!(world.told("team_around.cancelled.v1").await.len(), 1);
    // It comes down again: a new allocation opens a new case of the same family.
    world.change(&world.officer, &begun.referral, "step", &down()).await.expect(200);
    let allocate = json!({ "outcome": "allocate", "service": "intensive-family-support", "reason": "x" });
    world.change(&world.charnwood, &begun.referral, "hub-decision", &allocate).await.expect(200);
    let allocation = world.newest_allocation(worker).await;
    world.answer(worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let opening = json!({ "allocation_id": allocation, "case_type": "outreach" });
    world.app.post(worker, &format!("{}/cases", begun.family), &opening).await.expect(201);
}

#[actix_web::test]
async fn what_goes_to_social_care_is_stepped_up_and_not_just_closed() {
    let world = World::new().await;
    let (id, allocation) = in_service(&world).await;
    let closing = json!({ "outcome": "stepped_up", "summary": "x" });
    let refused = world.answer(&world.family_worker, &allocation, "closure", &closing).await.expect(422);
    assert_eq!(refused.pointers(), ["/outcome"]);
    assert!(refused.body.to_string().contains(&format!("/v1/referrals/{id}/step")), "{}", refused.body);
    assert_eq!(world.status(&id).await, "in_service");
    let other = World::new().await;
    let begun = crate::assessments::begun(&other).await;
    let closing = json!({ "outcome": "stepped_up", "summary": "x", "not_measured_because": "stepped-up" });
    let refused = other.step(&other.family_worker, &begun.case, "closure", &closing).await.expect(422);
    assert_eq!(refused.pointers(), ["/outcome"]);
    assert!(refused.body.to_string().contains(&format!("/v1/referrals/{}/step", begun.referral)));
}
