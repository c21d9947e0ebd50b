//! What anyone may ask without a token: the feed of services, and a link of an onward referral.

use reqwest::Method;

use crate::app::{Gateway, Options, Reply};
use crate::upstream;

async fn start() -> Gateway {
    Gateway::with(Options { upstream: upstream::start(), ..Options::default() }).await
}

async fn get(gateway: &Gateway, path: &str) -> Reply {
    gateway.send(Method::GET, path, &[("origin", "https://elsewhere.example")], None).await
}

#[actix_web::test]
async fn the_feed_is_for_anyone_and_for_every_web_page() {
    let gateway = start().await;
    for path in ["/open-referral", "/open-referral/", "/open-referral/services?page=2&day=MO"] {
        let reply = get(&gateway, path).await.expect(202);
        assert_eq!(reply.body["uri"], path);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("cross-origin"));
        assert!(reply.header("ratelimit").unwrap().starts_with("\"address\""), "counted by where it comes from");
    }
    let asked = [("origin", "https://elsewhere.example"), ("access-control-request-headers", "x-own")];
    let preflight = gateway.send(Method::OPTIONS, "/open-referral/services", &asked, None).await.expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("GET"));
    // A refusal is readable too.
    let lost = get(&gateway, "/open-referral//services").await.expect(404);
    assert_eq!(lost.header("access-control-allow-origin"), Some("*"));
}

#[actix_web::test]
async fn nothing_else_is_for_every_web_page() {
    let gateway = start().await;
    for path in ["/onward/abc", "/v1/services", "/docs", "/open-referrals"] {
        let reply = get(&gateway, path).await;
        assert_eq!(reply.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
    }
    assert_eq!(get(&gateway, "/onward/abc").await.expect(202).body["uri"], "/onward/abc");
}

#[actix_web::test]
async fn who_asks_too_often_waits() {
    let second = chrono::Utc::now().timestamp() % 60;
    if second > 50 {
        tokio::time::sleep(std::time::Duration::from_secs(u64::try_from(61 - second).unwrap())).await;
    }
    let limits = gateway::limit::Limits { per_caller: 100, per_address: 4, failed_sign_ins: 100 };
    let options = Options { upstream: upstream::start(), limits, redis: None, ..Options::default() };
    let gateway = Gateway::with(options).await;
    for _ in 0..2 {
        get(&gateway, "/open-referral/services").await.expect(202);
        get(&gateway, "/onward/abc").await.expect(202);
    }
    let refused = get(&gateway, "/open-referral/services").await.expect(429);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    get(&gateway, "/onward/abc").await.expect(429);
}
