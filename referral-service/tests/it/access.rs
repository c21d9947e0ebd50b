//! Who is let in at all.

use reqwest::Method;
use serde_json::{Value, json};
use shared::auth::{Revocation, RevocationFeed, RevokedKind};
use shared::testing::TokenMaker;

use crate::world::World;

#[actix_web::test]
async fn no_forged_spoilt_or_expired_token_is_believed() {
    let world = World::new().await;
    let good = world.app.tokens.claims(&world.officer);
    let now = chrono::Utc::now().timestamp();
    let spoilt = |change: &dyn Fn(&mut shared::auth::AccessClaims)| {
        let mut claims = good.clone();
        change(&mut claims);
        world.app.tokens.sign("at+jwt", &claims)
    };
    let mut untyped = serde_json::to_value(&good).unwrap();
    untyped["roles"] = json!("first_response_officer");
    let mut missing = serde_json::to_value(&good).unwrap();
    missing.as_object_mut().unwrap().remove("sid");
    let encode = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    let payload = serde_json::to_string(&good).unwrap();
    let none = format!("{}.{}.", encode(r#"{"alg":"none","typ":"at+jwt","kid":"test-key"}"#), encode(&payload));
    let hs256 = format!(
        "{}.{}.{}",
        encode(r#"{"alg":"HS256","typ":"at+jwt","kid":"test-key"}"#),
        encode(&payload),
        encode("x")
    );
    let right = world.app.tokens.token(&world.officer);
    let mut tampered = right.clone();
    tampered.truncate(right.len() - 4);
    let stranger = TokenMaker::default().token(&world.officer);
    let tokens = [
        ("expired", spoilt(&|c| c.exp = now - 60)),
        ("from the future", spoilt(&|c| c.iat = now + 600)),
        ("from before time", spoilt(&|c| c.iat = i64::MIN)),
        ("too long-lived", spoilt(&|c| c.exp = now + 86_400)),
        ("wrong audience", spoilt(&|c| c.aud = "elsewhere".to_owned())),
        ("wrong issuer", spoilt(&|c| c.iss = "http://elsewhere".to_owned())),
        ("wrong type", world.app.tokens.sign("JWT", &good)),
        ("a claim of another type", world.app.tokens.sign("at+jwt", &untyped)),
        ("a missing claim", world.app.tokens.sign("at+jwt", &missing)),
        ("alg none", none),
        ("HS256", hs256),
        ("tampered", tampered),
        ("another's key", stranger),
        ("a service token", world.app.peer.token_for("referral-service").unwrap()),
        ("nothing", String::new()),
        ("rubbish", "a.b.c".to_owned()),
    ];
    for (what, token) in tokens {
        let bearer = format!("Bearer {token}");
        let refused = world.app.send(Method::GET, "/v1/referrals", &[("authorization", &bearer)], None).await;
        assert_eq!(refused.status, 401, "{what}");
        // Where nothing was sent, nothing sent is wrong.
        let told = if what == "nothing" { "Bearer" } else { r#"Bearer error="invalid_token""# };
        assert_eq!(refused.header("www-authenticate"), Some(told), "{what}");
        assert!(refused.body["detail"].is_string(), "{what}: {}", refused.body);
    }
    let none = world.app.send(Method::GET, "/v1/referrals", &[], None).await.expect(401);
    assert_eq!(none.header("www-authenticate"), Some("Bearer"), "no token was sent that could be wrong");
    let bearer = format!("Bearer {right}");
    let twice = [("authorization", bearer.as_str()), ("authorization", bearer.as_str())];
    world.app.send(Method::GET, "/v1/referrals", &twice, None).await.expect(401);
    world.app.send(Method::GET, "/v1/referrals", &[("authorization", &bearer)], None).await.expect(200);
}

#[actix_web::test]
async fn a_revoked_sign_in_or_user_is_believed_no_longer() {
    let world = World::new().await;
    let claims = world.app.tokens.claims(&world.officer);
    let bearer = format!("Bearer {}", world.app.tokens.sign("at+jwt", &claims));
    for id in [claims.sid, claims.sub] {
        let items = vec![Revocation { kind: RevokedKind::Session, id, at: chrono::Utc::now() }];
        world.app.verifier.learn_revocations(&RevocationFeed { items });
        world.app.send(Method::GET, "/v1/referrals", &[("authorization", &bearer)], None).await.expect(401);
        world.app.verifier.learn_revocations(&RevocationFeed::default());
        world.app.send(Method::GET, "/v1/referrals", &[("authorization", &bearer)], None).await.expect(200);
    }
}

#[actix_web::test]
async fn internal_addresses_are_for_services_only() {
    let world = World::new().await;
    let child = world.submitted().await;
    let person = {
        let seen = world.app.get(&world.officer, &format!("/v1/referrals/{}", child.id())).await.expect(200);
        seen.body["people"][0]["person_id"].as_str().unwrap().to_owned()
    };
    let officer = format!("Bearer {}", world.app.tokens.token(&world.officer));
    let elsewhere = format!("Bearer {}", world.app.peer.token_for("performance-service").unwrap());
    let peer = format!("Bearer {}", world.app.peer.token_for("referral-service").unwrap());
    for path in ["/internal/events?after=0".to_owned(), format!("/internal/people/{person}")] {
        for refused in [&officer, &elsewhere] {
            world.app.send(Method::GET, &path, &[("authorization", refused)], None).await.expect(401);
        }
        world.app.send(Method::GET, &path, &[], None).await.expect(401);
        world.app.send(Method::GET, &path, &[("authorization", &peer)], None).await.expect(200);
    }
    // A name that left for another service stands in the access log like any other look.
    let log = format!("/v1/people/{person}/access-log");
    for _ in 0..50 {
        let looks = world.app.get(&world.governance, &log).await.expect(200).body["items"].clone();
        let copied = |look: &Value| look["action"] == "person.copy" && look["who"] == "test-peer";
        if looks.as_array().unwrap().iter().any(copied) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the copy is not in the access log");
}

#[actix_web::test]
async fn a_role_that_may_not_is_told_so_only_about_what_it_sees() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    world.change(&world.school, &id, "decision", &World::to_hub()).await.expect(403);
    world.app.post(&world.analyst, "/v1/referrals", &World::form()).await.expect(403);
    world.app.get(&world.analyst, "/v1/referrals").await.expect(403);
    world.app.get(&world.analyst, &format!("/v1/referrals/{id}")).await.expect(404);
}
