//! What a manager answers for: decisions of level 4, and that nothing is done; and that whoever
//! referred learns nothing before it is decided.

use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::actor::Role;

use crate::world::World;

fn nothing_done() -> Value {
    json!({ "level_of_need": 1, "outcome": "no_further_action", "reason": "The school has what it needs.",
            "feedback": "Your own pastoral team is helping; nothing more is needed from us." })
}

fn to_social_care() -> Value {
    json!({ "level_of_need": 4, "outcome": "social_care", "reason": "Bruises nobody explains." })
}

async fn proposed(world: &World, decision: &Value) -> String {
    let id = world.submitted().await.id();
    let asked = world.change(&world.officer, &id, "decision", decision).await.expect(200);
    assert_eq!(asked.body["status"], "awaiting_sign_off");
    assert_eq!(asked.body["decision_clock"], "due", "nothing is decided yet");
    assert_eq!(asked.body["decisions"], json!([]));
    id
}

async fn told(world: &World, id: &str) -> Vec<String> {
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    told.body.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn what_an_officer_proposes_a_manager_carries_out_as_it_stands() {
    let world = World::new().await;
    let id = proposed(&world, &nothing_done()).await;
    let list = world.app.get(&world.manager, "/v1/referrals?status=awaiting_sign_off").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(id));
    let waiting = world.app.get(&world.manager, &format!("/v1/referrals/{id}/sign-off")).await.expect(200);
    assert_eq!(waiting.body[0]["standing"], "waiting");
    assert_eq!(waiting.body[0]["proposed_by"], "olive");
    assert_eq!(waiting.body[0]["reason"], nothing_done()["reason"]);
    assert_eq!(waiting.body[0]["sign_off_clock"], "due");
    assert_eq!(told(&world, &id).await.len(), 1, "only that it was received");

    world.app.advance(TimeDelta::minutes(30));
    let agreed = world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(200);
    assert_eq!(agreed.body["status"], "closed");
    assert_eq!(agreed.body["decision_clock"], "met");
    let decision = &agreed.body["decisions"][0];
    assert_eq!((&decision["decided_by"], &decision["signed_off_by"]), (&json!("olive"), &json!("morgan")));
    assert_eq!(decision["reason"], nothing_done()["reason"]);
    assert_eq!(told(&world, &id).await[1], nothing_done()["feedback"].as_str().unwrap());
    let settled = world.app.get(&world.officer, &format!("/v1/referrals/{id}/sign-off")).await.expect(200);
    assert_eq!(
        (&settled.body[0]["standing"], &settled.body[0]["settled_by"]),
        (&json!("signed_off"), &json!("morgan"))
    );
    let again = world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(409);
    assert_eq!(again.body["detail"], "the referral is closed");
}

#[actix_web::test]
async fn what_a_manager_gives_back_is_screened_again_with_the_reason() {
    let world = World::new().await;
    let id = proposed(&world, &nothing_done()).await;
    let back = json!({ "agreed": false, "reason": "Ask the health visitor first." });
    let returned = world.change(&world.manager, &id, "sign-off", &back).await.expect(200);
    assert_eq!((&returned.body["status"], &returned.body["decisions"]), (&json!("screening"), &json!([])));
    assert_eq!(told(&world, &id).await.len(), 1);
    let history = world.app.get(&world.officer, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let lines: Vec<(&Value, &Value, &Value)> =
        history.body.as_array().unwrap().iter().map(|line| (&line["what"], &line["who"], &line["to"])).collect();
    assert_eq!(lines[1], (&json!("sign_off_asked"), &json!("olive"), &json!("awaiting_sign_off")));
    assert_eq!(lines[2], (&json!("sign_off_returned"), &json!("morgan"), &json!("screening")));
    assert_eq!(history.body[2]["why"], back["reason"]);
    let alerts = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "sign_off_returned");
    assert_eq!(
        world.app.get(&world.manager, "/v1/alerts").await.expect(200).body["items"],
        json!([]),
        "for olive alone"
    );

    // The clock for the next proposal runs from that.
    world.app.advance(TimeDelta::hours(1));
    world.change(&world.officer, &id, "decision", &to_social_care()).await.expect(200);
    let all = world.app.get(&world.manager, &format!("/v1/referrals/{id}/sign-off")).await.expect(200);
    let standing: Vec<&Value> = all.body.as_array().unwrap().iter().map(|one| &one["standing"]).collect();
    assert_eq!(standing, [&json!("returned"), &json!("waiting")]);
    assert_eq!(all.body[0]["settled_because"], back["reason"]);
    let agreed = world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(200);
    assert_eq!(agreed.body["status"], "with_social_care");
}

#[actix_web::test]
async fn any_outcome_of_level_four_waits_for_a_manager_and_goes_where_it_was_to_go() {
    let world = World::new().await;
    for (outcome, status) in [
        ("social_care", "with_social_care"),
        ("early_help_hub", "listed_for_hub"),
        ("youth_justice_prevention", "offered"),
        ("information_and_advice", "closed"),
        ("no_further_action", "closed"),
    ] {
        let id = proposed(&world, &json!({ "level_of_need": 4, "outcome": outcome, "reason": "x" })).await;
        world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(404);
        let agreed = world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(200);
        assert_eq!(agreed.body["status"], status, "{outcome}");
    }
    let alerts = world.app.get(&world.manager, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"].as_array().unwrap().len(), 5);
    assert_eq!(alerts.body["items"][0]["kind"], "sign_off");
}

#[actix_web::test]
async fn a_manager_decides_such_a_case_alone_and_the_decision_says_so() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let decided = world.change(&world.manager, &id, "decision", &to_social_care()).await.expect(200);
    assert_eq!(decided.body["status"], "with_social_care");
    let decision = &decided.body["decisions"][0];
    assert_eq!((&decision["decided_by"], &decision["signed_off_by"]), (&json!("morgan"), &json!("morgan")));
    assert_eq!(
        world.app.get(&world.manager, &format!("/v1/referrals/{id}/sign-off")).await.expect(200).body,
        json!([])
    );
    let id = world.listed().await;
    let read = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert!(read.body["decisions"][0].get("signed_off_by").is_none(), "it needed nobody's");
}

#[actix_web::test]
async fn whoever_referred_sees_it_being_screened_and_may_take_it_back() {
    let world = World::new().await;
    let id = proposed(&world, &to_social_care()).await;
    let seen = world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!((&seen.body["status"], &seen.body["decisions"]), (&json!("screening"), &json!([])));
    let list = world.app.get(&world.school, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"][0]["status"], "screening");
    world.app.get(&world.school, &format!("/v1/referrals/{id}/sign-off")).await.expect(403);
    world.change(&world.school, &id, "withdrawal", &json!({ "reason": "A mistake." })).await.expect(200);
    let lapsed = world.app.get(&world.manager, &format!("/v1/referrals/{id}/sign-off")).await.expect(200);
    assert_eq!(lapsed.body[0]["standing"], "lapsed");
    let refused = world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is withdrawn");
}

#[actix_web::test]
async fn who_may_not_sign_off_is_refused() {
    let world = World::new().await;
    let id = proposed(&world, &to_social_care()).await;
    let path = format!("/v1/referrals/{id}/sign-off");
    let yes = json!({ "agreed": true });
    world.change(&world.officer, &id, "sign-off", &yes).await.expect(403);
    world.change(&world.school, &id, "sign-off", &yes).await.expect(403);
    for outsider in [&world.other_school, &world.charnwood, &world.family_worker, &world.analyst] {
        world.app.get(outsider, &path).await.expect(404);
        world.app.post_on(outsider, &path, "\"2-full\"", &yes).await.expect(404);
    }
    // Who proposed it has become a manager since.
    let mut promoted = world.officer.clone();
    promoted.roles = vec![Role::FirstResponseManager];
    let own = world.change(&promoted, &id, "sign-off", &yes).await.expect(409);
    assert_eq!(own.body["detail"], "you proposed this decision: another manager signs it off");
    assert_eq!(world.status(&id).await, "awaiting_sign_off");
}

#[actix_web::test]
async fn a_sign_off_that_says_too_little_or_comes_too_late_is_refused() {
    let world = World::new().await;
    let fresh = world.submitted().await.id();
    let early = world.change(&world.manager, &fresh, "sign-off", &json!({ "agreed": true })).await.expect(409);
    assert_eq!(early.body["detail"], "the referral is waiting to be screened");
    let id = proposed(&world, &to_social_care()).await;
    let path = format!("/v1/referrals/{id}/sign-off");
    for (body, pointers) in [
        (json!({ "agreed": false }), vec!["/reason"]),
        (json!({ "agreed": false, "reason": " " }), vec!["/reason"]),
        (json!({ "agreed": "yes", "shoe": 1 }), vec!["/agreed", "/shoe"]),
        (json!({}), vec!["/agreed"]),
    ] {
        assert_eq!(world.change(&world.manager, &id, "sign-off", &body).await.expect(422).pointers(), pointers);
    }
    world.app.post(&world.manager, &path, &json!({ "agreed": true })).await.expect(428);
    world.app.post_on(&world.manager, &path, "\"1-full\"", &json!({ "agreed": true })).await.expect(412);
    // While it waits, nobody decides past the manager, not even a manager.
    for who in [&world.officer, &world.manager] {
        let refused = world.change(who, &id, "decision", &World::to_hub()).await.expect(409);
        assert_eq!(refused.body["detail"], "the referral is waiting for a manager's sign-off");
    }
    let etag = world.app.get(&world.manager, &format!("/v1/referrals/{id}")).await.expect(200).etag();
    for _ in 0..2 {
        let yes = json!({ "agreed": true });
        let done = world.app.post_with(&world.manager, &path, "one-key", Some(&etag), &yes).await.expect(200);
        assert_eq!(done.body["status"], "with_social_care");
    }
}

#[actix_web::test]
async fn the_time_until_the_referrer_hears_is_a_fact_told_once() {
    let world = World::new().await;
    let id = proposed(&world, &to_social_care()).await;
    world.app.advance(TimeDelta::days(9));
    world.change(&world.manager, &id, "sign-off", &json!({ "agreed": true })).await.expect(200);
    let told = world.events(&id, "referral.referrer_told.v1").await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["in_time"], &told[0]["hours"]), (&json!(false), &json!(216)));
    let settled = world.events(&id, "referral.sign_off_settled.v1").await;
    assert_eq!((&settled[0]["in_time"], &settled[0]["agreed"]), (&json!(false), &json!(true)));
    assert_eq!(world.events(&id, "referral.decided.v1").await[0]["signed_off"], json!(true));
    // Declined by the service, it is decided again: the referrer has heard already.
    let id = world.submitted().await.id();
    let offer = json!({ "level_of_need": 3, "outcome": "youth_justice_prevention", "reason": "x" });
    world.change(&world.officer, &id, "decision", &offer).await.expect(200);
    let allocation = world.newest_allocation(&world.justice_worker).await;
    world.answer(&world.justice_worker, &allocation, "decline", &json!({ "reason": "Over 18." })).await.expect(200);
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    let told = world.events(&id, "referral.referrer_told.v1").await;
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["in_time"], &told[0]["agency"]), (&json!(true), &json!("greenfield-academy")));
}

#[actix_web::test]
async fn every_time_limit_says_who_says_so_and_whether_that_was_checked() {
    let world = World::new().await;
    let limits = world.app.get(&world.analyst, "/v1/time-limits").await.expect(200);
    let of = |code: &str| {
        limits.body.as_array().unwrap().iter().find(|limit| limit["code"] == code).expect("a limit").clone()
    };
    let decision = of("front_door_decision");
    assert_eq!((&decision["amount"], &decision["unit"]), (&json!(1), &json!("working_day")));
    assert_eq!(decision["verified"], json!(true));
    assert_eq!((&of("social_care_assessment")["amount"], &of("sign_off")["verified"]), (&json!(45), &json!(false)));
    let before = world.app.get(&world.analyst, "/v1/time-limits?on=1999-01-01").await.expect(200);
    assert_eq!(before.body, json!([]));
    assert_eq!(world.app.get(&world.analyst, "/v1/time-limits?on=soon").await.expect(400).pointers(), ["on"]);
}

#[actix_web::test]
async fn no_filter_tells_whoever_referred_of_what_waits_for_a_manager() {
    let world = World::new().await;
    let id = proposed(&world, &to_social_care()).await;
    let ids = async |who, status: &str| {
        let page = world.app.get(who, &format!("/v1/referrals?status={status}")).await.expect(200);
        page.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    assert!(ids(&world.school, "awaiting_sign_off").await.is_empty());
    assert_eq!(ids(&world.school, "screening").await, [json!(id)]);
    assert!(ids(&world.officer, "screening").await.is_empty());
    assert_eq!(ids(&world.officer, "awaiting_sign_off").await, [json!(id)]);
}
