//! The tables are kept: partitions ahead of time, keys forgotten after a week.

use chrono::{Months, TimeDelta, Utc};
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use shared::housekeeping::keep;

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[actix_web::test]
async fn partitions_are_made_ahead_and_rows_go_into_them() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    let count = "SELECT count(*) AS count FROM pg_class WHERE relispartition AND relkind = 'r'";
    let before: Count = sql_query(count).get_result(&mut all).await.unwrap();
    let mut worker = world.app.background.connection().await.unwrap();
    keep(&mut worker, Utc::now() + Months::new(2)).await.unwrap();
    keep(&mut worker, Utc::now() + Months::new(2)).await.unwrap();
    let after: Count = sql_query(count).get_result(&mut all).await.unwrap();
    assert_eq!(after.count - before.count, 4, "two months more of two logs");
    world.submitted().await;
    for log in ["audit_entry", "event_log"] {
        let astray: Count =
            sql_query(format!("SELECT count(*) AS count FROM {log}_default")).get_result(&mut all).await.unwrap();
        assert_eq!(astray.count, 0, "{log}");
    }
}

#[actix_web::test]
async fn a_key_is_forgotten_after_a_week_and_not_before() {
    let world = World::new().await;
    let form = World::form();
    world.app.post_with(&world.school, "/v1/referrals", "key-week", None, &form).await.expect(201);
    let mut worker = world.app.background.connection().await.unwrap();
    let mut other = form.clone();
    other["worries"] = serde_json::json!("Another worry.");
    keep(&mut worker, Utc::now() + TimeDelta::days(6)).await.unwrap();
    world.app.post_with(&world.school, "/v1/referrals", "key-week", None, &other).await.expect(422);
    keep(&mut worker, Utc::now() + TimeDelta::days(8)).await.unwrap();
    world.app.post_with(&world.school, "/v1/referrals", "key-week", None, &other).await.expect(201);
}
