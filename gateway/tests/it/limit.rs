//! The limits, with Redis and without.

use gateway::limit::Limits;
use reqwest::Method;
use shared::actor::Role;
use shared::testing::Person;

use crate::app::{Gateway, Options};

fn limits(per_caller: u64, per_address: u64) -> Limits {
    Limits { per_caller, per_address, ..Limits::default() }
}

/// How many of so many requests pass. The minute may turn meanwhile, and then more do.
async fn passed(gateway: &Gateway, who: &Person, requests: usize) -> usize {
    let mut passed = 0;
    for _ in 0..requests {
        if gateway.get(who, "/v1/roles").await.status == 200 {
            passed += 1;
        }
    }
    passed
}

async fn not_at_the_turn() {
    let second = chrono::Utc::now().timestamp() % 60;
    if second > 45 {
        tokio::time::sleep(std::time::Duration::from_secs(u64::try_from(61 - second).unwrap())).await;
    }
}

#[actix_web::test]
async fn callers_are_told_how_much_is_left_and_then_to_wait() {
    for redis in [std::env::var("THRESHOLD_TEST_REDIS_URL").ok(), None, Some("redis://127.0.0.1:9".to_owned())] {
        not_at_the_turn().await;
        let gateway = Gateway::with(Options { limits: limits(5, 100), redis, ..Options::default() }).await;
        let (one, other) = (Person::new("one", "a", Role::Referrer), Person::new("other", "a", Role::Referrer));
        let first = gateway.get(&one, "/v1/roles").await.expect(200);
        assert_eq!(first.header("ratelimit-policy"), Some("\"caller\";q=5;w=60"));
        assert!(first.header("ratelimit").unwrap().starts_with("\"caller\";r=4;t="));
        assert_eq!(passed(&gateway, &one, 10).await, 4);
        let refused = gateway.get(&one, "/v1/roles").await.expect(429);
        assert_eq!(refused.kind(), "too-many-requests");
        assert!((1..=60).contains(&refused.header("retry-after").unwrap().parse::<u64>().unwrap()));
        assert!(refused.header("ratelimit").unwrap().starts_with("\"caller\";r=0;t="));
        // Everyone counts for themselves.
        assert_eq!(passed(&gateway, &other, 3).await, 3);
        // Pages are not counted.
        gateway.send(Method::GET, "/docs", &[], None).await.expect(200);
    }
}

#[actix_web::test]
async fn two_replicas_count_together_in_redis() {
    not_at_the_turn().await;
    let first = Gateway::with(Options { limits: limits(6, 100), ..Options::default() }).await;
    let second = Gateway::with(Options { limits: limits(6, 100), ..Options::default() }).await;
    let who = Person::new("one", "a", Role::Referrer);
    assert_eq!(passed(&first, &who, 4).await, 4);
    assert_eq!(passed(&second, &who, 6).await, 2);
    assert_eq!(passed(&first, &who, 2).await, 0);
}

#[actix_web::test]
async fn who_shows_no_good_token_counts_by_address() {
    not_at_the_turn().await;
    let gateway = Gateway::with(Options { limits: limits(100, 4), redis: None, ..Options::default() }).await;
    for _ in 0..2 {
        gateway.send(Method::GET, "/v1/roles", &[], None).await.expect(401);
        let reply = gateway.get_as("rubbish", "/v1/roles").await.expect(401);
        assert!(reply.header("ratelimit").unwrap().starts_with("\"address\""));
    }
    gateway.get_as("rubbish", "/v1/roles").await.expect(429);
    // A good token is not held up by them.
    let who = Person::new("one", "a", Role::Referrer);
    gateway.get(&who, "/v1/roles").await.expect(200);
}
