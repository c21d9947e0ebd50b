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
