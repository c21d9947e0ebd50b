//! The person index, restrictions, and who looked.

use serde_json::{Value, json};
use std::time::Duration;

use crate::world::World;

async fn child(world: &World, id: &str) -> String {
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    seen.body["people"][0]["person_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn two_referrals_of_one_child_are_about_one_person() {
    let world = World::new().await;
    let first = world.submitted().await.id();
    let mut form = World::form();
    form["people"][0]["given_name"] = json!("JUNIPER");
    form["people"][0]["family_name"] = json!("Test-case");
    let second = world.app.post(&world.other_school, "/v1/referrals", &form).await.expect(201).id();
    assert_eq!(child(&world, &first).await, child(&world, &second).await);
    form["people"][0]["birth_date"] = json!("2018-02-03");
    let third = world.app.post(&world.other_school, "/v1/referrals", &form).await.expect(201).id();
    assert_ne!(child(&world, &first).await, child(&world, &third).await);
    // Each school's words stay its own.
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{second}")).await.expect(200);
    assert_eq!(seen.body["people"][0]["given_name"], "JUNIPER");
    // A name without a birth date is no match: the two mothers stay two until someone joins them.
    let parent = |body: &Value| body["people"][1]["person_id"].clone();
    let other = world.app.get(&world.officer, &format!("/v1/referrals/{first}")).await.expect(200);
    assert_ne!(parent(&seen.body), parent(&other.body));
}

#[actix_web::test]
async fn one_child_told_of_twice_at_once_is_one_person() {
    let world = World::new().await;
    let form = World::form();
    let replies =
        futures::future::join_all((0..12).map(|_| world.app.post(&world.school, "/v1/referrals", &form))).await;
    let mut people = Vec::new();
    for reply in replies {
        people.push(child(&world, &reply.expect(201).id()).await);
    }
    people.dedup();
    assert_eq!(people.len(), 1);
}

#[actix_web::test]
async fn a_search_finds_only_whom_one_may_see() {
    let world = World::new().await;
    world.submitted().await;
    let search = json!({ "family_name": "testCASE", "given_name": "Jun" });
    let found = world.app.post(&world.officer, "/v1/people/searches", &search).await.expect(200);
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.app.post(&world.charnwood, "/v1/people/searches", &search).await.expect(200).body["items"],
        json!([])
    );
    world.listed().await;
    assert_eq!(
        world.app.post(&world.charnwood, "/v1/people/searches", &search).await.expect(200).body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    world.app.post(&world.school, "/v1/people/searches", &search).await.expect(403);
    assert_eq!(
        world
            .app
            .post(&world.officer, "/v1/people/searches", &json!({ "family_name": "T" }))
            .await
            .expect(422)
            .pointers(),
        ["/family_name"]
    );
}

#[actix_web::test]
async fn a_worker_adds_whom_they_meet_and_the_index_keeps_one() {
    let world = World::new().await;
    let person = json!({ "given_name": "Rowan", "family_name": "Testcase", "birth_date": "2010-01-01" });
    let added = world.app.post(&world.justice_worker, "/v1/people", &person).await.expect(201);
    let again = world.app.post(&world.justice_worker, "/v1/people", &person).await.expect(201);
    assert_eq!(added.id(), again.id());
    world.app.get(&world.justice_worker, &format!("/v1/people/{}", added.id())).await.expect(200);
    world.app.get(&world.family_worker, &format!("/v1/people/{}", added.id())).await.expect(404);
    let future = json!({ "given_name": "A", "family_name": "B", "birth_date": "2999-01-01" });
    assert_eq!(
        world.app.post(&world.justice_worker, "/v1/people", &future).await.expect(422).pointers(),
        ["/birth_date"]
    );
}

#[actix_web::test]
async fn the_access_log_says_who_looked_and_when() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let child = child(&world, &id).await;
    world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    world.app.post(&world.manager, "/v1/people/searches", &json!({ "family_name": "Testcase" })).await.expect(200);
    world.app.get(&world.manager, "/v1/referrals").await.expect(200);
    let path = format!("/v1/people/{child}/access-log");
    let mut looks = Vec::new();
    for _ in 0..40 {
        let log = world.app.get(&world.governance, &format!("{path}?limit=100")).await.expect(200);
        looks = log.body["items"].as_array().unwrap().clone();
        let is = |who: &str, action: &str| looks.iter().any(|look| look["who"] == who && look["action"] == action);
        if is("greenfield", "referral.submit")
            && is("olive", "referral.read")
            && is("greenfield", "referral.read")
            && is("morgan", "person.read")
            && is("morgan", "referral.read")
            && is("ines", "person.access_log")
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not all looks are in the log: {looks:?}");
}

#[actix_web::test]
async fn the_access_log_is_for_those_who_answer_for_it() {
    let world = World::new().await;
    let child = child(&world, &world.submitted().await.id()).await;
    let path = format!("/v1/people/{child}/access-log");
    world.app.get(&world.officer, &path).await.expect(403);
    world.app.get(&world.school, &path).await.expect(404);
    world.app.get(&world.governance, &format!("/v1/people/{}/access-log", uuid::Uuid::now_v7())).await.expect(404);
    world.app.get(&world.governance, &format!("/v1/people/{child}")).await.expect(404);
}

#[actix_web::test]
async fn whoever_is_excluded_finds_nothing_from_the_next_request_on() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let child = child(&world, &id).await;
    let restrict = |body: Value| {
        let (world, child) = (&world, &child);
        async move { world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &body).await }
    };
    restrict(json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her own niece." })).await.expect(201);
    world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(404);
    world.app.get(&world.officer, &format!("/v1/people/{child}")).await.expect(404);
    assert_eq!(world.app.get(&world.officer, "/v1/referrals").await.expect(200).body["items"], json!([]));
    world.app.get(&world.manager, &format!("/v1/referrals/{id}")).await.expect(200);
    // A new referral of the same child is hidden too; the officer who would record it is not told why.
    let next = world.submitted().await.id();
    world.app.get(&world.officer, &format!("/v1/referrals/{next}")).await.expect(404);
    world.app.get(&world.manager, &format!("/v1/referrals/{next}")).await.expect(200);
    // Restricted to named users; the exclusion still wins over an allow.
    restrict(json!({ "effect": "restrict", "user_id": world.governance.id, "reason": "In the news." }))
        .await
        .expect(201);
    world.app.get(&world.manager, &format!("/v1/referrals/{id}")).await.expect(404);
    restrict(json!({ "effect": "allow", "user_id": world.manager.id, "reason": "Leads the case.", "until": "2999-01-01T00:00:00Z" })).await.expect(201);
    world.app.get(&world.manager, &format!("/v1/referrals/{id}")).await.expect(200);
    restrict(json!({ "effect": "allow", "user_id": world.officer.id, "reason": "By mistake." })).await.expect(201);
    world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(404);
}

#[actix_web::test]
async fn a_restriction_ends_when_it_says_and_when_it_is_lifted() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let child = child(&world, &id).await;
    let path = format!("/v1/referrals/{id}");
    let restrictions = format!("/v1/people/{child}/restrictions");
    let until = (chrono::Utc::now() + chrono::TimeDelta::days(2)).to_rfc3339();
    let dated = json!({ "effect": "restrict", "user_id": world.manager.id, "reason": "In the news.", "until": until });
    world.app.post(&world.governance, &restrictions, &dated).await.expect(201);
    world.app.get(&world.officer, &path).await.expect(404);
    world.app.advance(chrono::TimeDelta::days(3));
    world.app.get(&world.officer, &path).await.expect(200);
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her own niece." });
    world.app.post(&world.governance, &restrictions, &exclude).await.expect(201);
    world.app.get(&world.officer, &path).await.expect(404);
    let lifting = format!("{restrictions}/lifting");
    world.app.post(&world.governance, &lifting, &exclude).await.expect(201);
    world.app.get(&world.officer, &path).await.expect(200);
    world.app.post(&world.governance, &lifting, &exclude).await.expect(409);
    world.app.post(&world.officer, &lifting, &exclude).await.expect(403);
    world.app.post(&world.school, &lifting, &exclude).await.expect(404);
    assert_eq!(
        world.app.post(&world.governance, &lifting, &json!({})).await.expect(422).pointers(),
        ["/effect", "/reason"]
    );
}

#[actix_web::test]
async fn a_restriction_that_says_too_little_or_too_much_is_refused() {
    let world = World::new().await;
    let child = child(&world, &world.submitted().await.id()).await;
    let path = format!("/v1/people/{child}/restrictions");
    for (body, pointers) in [
        (json!({ "effect": "exclude", "reason": "x" }), ["/user_id"]),
        (json!({ "effect": "restrict", "reason": "x" }), ["/user_id"]),
        (
            json!({ "effect": "allow", "reason": "x", "user_id": world.officer.id, "until": "2001-01-01T00:00:00Z" }),
            ["/until"],
        ),
        (json!({ "effect": "hide", "user_id": world.officer.id, "reason": "x" }), ["/effect"]),
    ] {
        assert_eq!(world.app.post(&world.governance, &path, &body).await.expect(422).pointers(), pointers);
    }
    let body = json!({ "effect": "restrict", "user_id": world.manager.id, "reason": "x" });
    world.app.post(&world.officer, &path, &body).await.expect(403);
    world.app.post(&world.school, &path, &body).await.expect(404);
}

#[actix_web::test]
async fn a_worry_about_a_restricted_child_is_taken_like_any_other() {
    let world = World::new().await;
    let first = world.submitted().await;
    let child = child(&world, &first.id()).await;
    let restrict = json!({ "effect": "restrict", "user_id": world.governance.id, "reason": "In the news." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &restrict).await.expect(201);
    // Neither the answer, nor a retry of it, nor following either referral tells the school.
    for _ in 0..2 {
        let again =
            world.app.post_with(&world.school, "/v1/referrals", "one-key", None, &World::form()).await.expect(201);
        let followed = world.app.get(&world.school, &format!("/v1/referrals/{}", again.id())).await.expect(200);
        assert_eq!(followed.body["view"], first.body["view"]);
    }
    world.app.get(&world.school, &format!("/v1/referrals/{}", first.id())).await.expect(200);
    let listed = world.app.get(&world.school, "/v1/referrals").await.expect(200);
    assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(2));
    // The front door has neither, but for whom it is allowed.
    assert_eq!(world.app.get(&world.officer, "/v1/referrals").await.expect(200).body["items"], json!([]));
    let allow = json!({ "effect": "allow", "user_id": world.manager.id, "reason": "Leads the case." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &allow).await.expect(201);
    let seen = world.app.get(&world.manager, "/v1/referrals").await.expect(200);
    assert_eq!(seen.body["items"].as_array().map(Vec::len), Some(2));
}

/// Neither sees the other's uncommitted rows, so one must wait for the other.
#[actix_web::test]
async fn a_restriction_meets_the_referral_that_is_being_made_at_that_moment() {
    use diesel_async::SimpleAsyncConnection;
    let world = World::new().await;
    let child = child(&world, &world.submitted().await.id()).await;
    let record = uuid::Uuid::now_v7();
    let web = || async { shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap() };
    let context = format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.scopes = 'front-door governance'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.manager.id
    );
    let (mut one, mut other) = (web().await, web().await);
    one.batch_execute(&context).await.unwrap();
    one.batch_execute(&format!("SELECT subject_add(ARRAY['{record}'::uuid], ARRAY['{child}'::uuid])")).await.unwrap();
    let restricting = async {
        other.batch_execute(&context).await.unwrap();
        let restrict = format!("SELECT access_set('{child}', 'restrict', NULL, '2026-01-01', NULL, 'x'); COMMIT");
        other.batch_execute(&restrict).await.unwrap();
    };
    let committing = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        one.batch_execute("COMMIT").await.unwrap();
    };
    futures::join!(restricting, committing);
    let mut all = world.app.database.all_seeing().await;
    let found = format!("SELECT 1 / count(*) FROM access WHERE record_id = '{record}' AND effect = 'restrict'");
    all.batch_execute(&found).await.expect("the new record is restricted too");
}
