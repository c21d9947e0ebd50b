//! What a referrer tells, and what it and others see of it.

use chrono::TimeDelta;
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

use crate::world::World;

#[actix_web::test]
async fn a_referral_is_taken_and_its_clock_runs() {
    let world = World::new().await;
    let reply = world.submitted().await;
    assert_eq!(reply.body["status"], "received");
    assert_eq!(reply.body["decision_clock"], "due");
    let reference = reply.body["reference"].as_str().unwrap();
    assert_eq!(shared::reference::parse('R', reference).as_deref(), Some(reference));
    assert_eq!(
        reply.header("location"),
        Some(format!("/v1/referrals/{}", reply.body["id"].as_str().unwrap()).as_str())
    );
    world.app.advance(TimeDelta::days(8));
    let late = world.app.get(&world.officer, &format!("/v1/referrals/{}", reply.id())).await.expect(200);
    assert_eq!(late.body["decision_clock"], "overdue");
}

#[actix_web::test]
async fn what_was_said_is_kept_word_for_word_and_can_t_be_changed() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["contact"]["worries"], World::form()["worries"]);
    assert_eq!(seen.body["people"][0]["given_name"], "Juniper");
    let mut owner = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    for statement in
        ["UPDATE contact SET worries = 'x'", "DELETE FROM contact", "UPDATE named_person SET given_name = 'x'"]
    {
        assert!(owner.batch_execute(statement).await.is_err(), "{statement}");
    }
}

#[actix_web::test]
async fn the_school_sees_status_and_decision_and_nothing_more() {
    let world = World::new().await;
    let id = world.listed().await;
    let seen = world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["view"], "status");
    assert_eq!(seen.body["status"], "listed_for_hub");
    assert_eq!(seen.body["decisions"][0]["outcome"], "early_help_hub");
    let mut fields: Vec<&String> = seen.body.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "agency",
            "decision_clock",
            "decision_due_at",
            "decisions",
            "id",
            "locality",
            "received_at",
            "reference",
            "status",
            "view"
        ]
    );
    let mut decision: Vec<&String> = seen.body["decisions"][0].as_object().unwrap().keys().collect();
    decision.sort();
    assert_eq!(decision, ["decided_at", "outcome", "stage"]);
    world.app.get(&world.school, &format!("/v1/referrals/{id}/history")).await.expect(403);
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    let about: Vec<&Value> = told.body.as_array().unwrap().iter().map(|line| &line["about"]).collect();
    assert_eq!(about, ["received", "decision"]);
    let list = world.app.get(&world.school, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    assert!(list.body["items"][0].get("children").is_none());
}

#[actix_web::test]
async fn another_school_finds_nothing() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let hidden = world.app.get(&world.other_school, &format!("/v1/referrals/{id}")).await.expect(404);
    let absent =
        world.app.get(&world.other_school, &format!("/v1/referrals/{}", uuid::Uuid::now_v7())).await.expect(404);
    assert_eq!(hidden.body, absent.body);
    for part in ["history", "feedback"] {
        world.app.get(&world.other_school, &format!("/v1/referrals/{id}/{part}")).await.expect(404);
    }
    let list = world.app.get(&world.other_school, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
    world
        .app
        .post_on(
            &world.other_school,
            &format!("/v1/referrals/{id}/withdrawal"),
            "\"1-status\"",
            &json!({ "reason": "x" }),
        )
        .await
        .expect(404);
}

#[actix_web::test]
async fn a_list_is_paged_by_key_and_loses_nobody() {
    let world = World::new().await;
    let mut sent: Vec<String> = Vec::new();
    for _ in 0..7 {
        sent.push(world.submitted().await.id());
    }
    sent.reverse();
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = world.app.get(&world.officer, &format!("/v1/referrals?limit=3{next}")).await.expect(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page.body["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, sent);
}

#[actix_web::test]
async fn a_list_by_status_is_a_worklist() {
    let world = World::new().await;
    let first = world.submitted().await.id();
    let second = world.submitted().await.id();
    world.change(&world.officer, &first, "screening", &json!({})).await.expect(200);
    let ids = |reply: shared::testing::Reply| -> Vec<String> {
        reply.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(world.app.get(&world.officer, "/v1/referrals?status=received").await.expect(200)), [second]);
    assert_eq!(ids(world.app.get(&world.officer, "/v1/referrals?status=screening").await.expect(200)), [first]);
}

#[actix_web::test]
async fn a_referral_can_be_taken_back_until_a_service_has_taken_it_on() {
    let world = World::new().await;
    let reason = json!({ "reason": "Solved." });
    let (id, allocation) = world.offered().await;
    let withdrawn = world.change(&world.school, &id, "withdrawal", &reason).await.expect(200);
    assert_eq!(withdrawn.body["status"], "withdrawn");
    assert_eq!(withdrawn.body["view"], "status");
    let seen = world.app.get(&world.family_worker, &format!("/v1/allocations/{allocation}")).await.expect(200);
    assert_eq!(seen.body["status"], "withdrawn");
    let refused = world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral was withdrawn meanwhile");
    let (id, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    world.change(&world.school, &id, "withdrawal", &reason).await.expect(409);
}
