//! Sending again is safe, and only what was sent.

use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use futures::future::join_all;
use serde_json::json;

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(world: &World, table: &str) -> i64 {
    let mut connection = world.app.database.all_seeing().await;
    sql_query(format!("SELECT count(*) AS count FROM {table}"))
        .get_result::<Count>(&mut connection)
        .await
        .unwrap()
        .count
}

#[actix_web::test]
async fn a_retry_has_the_same_answer_and_no_second_effect() {
    let world = World::new().await;
    let form = World::form();
    let first = world.app.post_with(&world.school, "/v1/referrals", "key-1", None, &form).await.expect(201);
    let again = world.app.post_with(&world.school, "/v1/referrals", "key-1", None, &form).await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.etag(), again.etag());
    assert_eq!(count(&world, "referral").await, 1);
    assert_eq!(count(&world, "event_log").await, 1);
    let mut other = form.clone();
    other["worries"] = json!("Another worry.");
    world.app.post_with(&world.school, "/v1/referrals", "key-1", None, &other).await.expect(422);
    // A key is its caller's own.
    world.app.post_with(&world.other_school, "/v1/referrals", "key-1", None, &form).await.expect(201);
}

#[actix_web::test]
async fn a_retry_is_answered_before_the_version_is_looked_at() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/screening");
    let first = world.app.post_with(&world.officer, &path, "key-2", Some("\"1-full\""), &json!({})).await.expect(200);
    let again = world.app.post_with(&world.officer, &path, "key-2", Some("\"1-full\""), &json!({})).await.expect(200);
    assert_eq!(first.etag(), again.etag());
}

#[actix_web::test]
async fn a_refusal_is_not_kept() {
    let world = World::new().await;
    let mut form = World::form();
    form["worries"] = json!("");
    world.app.post_with(&world.school, "/v1/referrals", "key-3", None, &form).await.expect(422);
    world.app.post_with(&world.school, "/v1/referrals", "key-3", None, &World::form()).await.expect(201);
}

#[actix_web::test]
async fn many_at_once_are_one() {
    let world = World::new().await;
    let form = World::form();
    let replies =
        join_all((0..40).map(|_| world.app.post_with(&world.school, "/v1/referrals", "key-4", None, &form))).await;
    assert!(replies.iter().all(|reply| matches!(reply.status, 201 | 409)), "{replies:?}");
    assert!(replies.iter().any(|reply| reply.status == 201));
    assert_eq!(count(&world, "referral").await, 1);
    world.app.post_with(&world.school, "/v1/referrals", "key-4", None, &form).await.expect(201);
}

#[actix_web::test]
async fn racing_changes_of_one_version_lose_none() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/screening");
    let nothing = json!({});
    let replies = join_all((0..20).map(|_| world.app.post_on(&world.officer, &path, "\"1-full\"", &nothing))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 412).count(), 19);
}

#[actix_web::test]
async fn a_team_that_declined_keeps_its_answer_and_a_retry_gets_it_again() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    let path = format!("/v1/allocations/{allocation}");
    let etag = world.app.get(&world.family_worker, &path).await.expect(200).etag();
    let no = json!({ "reason": "No worker is free." });
    for _ in 0..2 {
        let decline = format!("{path}/decline");
        let reply = world.app.post_with(&world.family_worker, &decline, "one-key", Some(&etag), &no).await.expect(200);
        assert_eq!(reply.body["status"], "declined");
    }
    world.app.get(&world.family_worker, &format!("/v1/referrals/{id}")).await.expect(404);
    let mine = world.app.get(&world.family_worker, &path).await.expect(200);
    assert!(mine.body.get("referral_reference").is_none() && mine.body["children"] == json!([]), "{}", mine.body);
    // It keeps its place on the list: pages led past it would end too soon.
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    let first = world.app.get(&world.family_worker, "/v1/allocations?limit=1").await.expect(200);
    assert_eq!(first.body["items"][0]["status"], "offered");
    let second = format!("/v1/allocations?limit=1&cursor={}", first.body["next"].as_str().expect("a next page"));
    let second = world.app.get(&world.family_worker, &second).await.expect(200);
    assert_eq!(second.body["items"][0]["id"].as_str(), Some(allocation.as_str()));
}
