//! The link that an onward referral goes by: what it shows, how it ends, who can't guess it.

use chrono::TimeDelta;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use reqwest::Method;
use serde_json::json;

use crate::directory::with;
use crate::onward::{answer, change, form, happened, link, open, page, sent, start, text};
use crate::world::World;

#[actix_web::test]
async fn wrong_ended_and_withdrawn_links_are_answered_alike() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let first = link(&world, &id).await;
    let wrong = open(&world, "/onward/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(404).body;
    let etag = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.etag();
    let path = format!("/v1/onward-referrals/{id}/links");
    let renewed = world.app.post_on(&world.charnwood, &path, &etag, &json!({})).await.expect(200);
    assert_eq!(happened(&renewed.body), ["sent", "sent_again"]);
    assert_eq!(open(&world, &first).await.expect(404).body, wrong, "the link before does not open any more");
    answer(&world, &first, &json!({ "answer": "accepted" })).await.expect(404);
    let second = link(&world, &id).await;
    assert_ne!(first, second);
    open(&world, &second).await.expect(200);
    world.app.advance(TimeDelta::days(29));
    assert_eq!(open(&world, &second).await.expect(404).body, wrong, "it has ended");
    answer(&world, &second, &json!({ "answer": "accepted" })).await.expect(404);
    let mut worker = world.app.background.connection().await.unwrap();
    let now = world.app.background.now();
    assert_eq!(referral_service::onward::expiry::expire(&mut worker, now).await.unwrap(), 1);
    assert_eq!(referral_service::onward::expiry::expire(&mut worker, now).await.unwrap(), 0);
    let ended = world.app.get(&world.charnwood, "/v1/onward-referrals?status=expired").await.expect(200);
    assert_eq!(ended.body["items"][0]["id"], json!(id));
    assert_eq!(text(&world, &world.charnwood, &id).await.0, 409);
    // It is made anew, and then taken back: nothing is shared from that moment on.
    change(&world, &world.charnwood, &id, "links", &json!({})).await.expect(200);
    let third = link(&world, &id).await;
    open(&world, &third).await.expect(200);
    let why = json!({ "reason": "The mother withdrew her consent." });
    let withdrawn = change(&world, &world.charnwood, &id, "withdrawal", &why).await.expect(200);
    assert_eq!(withdrawn.body["status"], "withdrawn");
    assert_eq!(open(&world, &third).await.expect(404).body, wrong);
    let (status, letter) = text(&world, &world.charnwood, &id).await;
    assert_eq!(status, 200);
    assert!(letter.contains("Please delete any copy") && !letter.contains("/onward/"), "{letter}");
    change(&world, &world.charnwood, &id, "links", &json!({})).await.expect(409);
    change(&world, &world.charnwood, &id, "withdrawal", &why).await.expect(409);
}

#[actix_web::test]
async fn the_page_behind_a_link_is_plain_and_safe() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let spiked = with(form(&referral, &service), json!({ "message": "<script>alert(1)</script> & more" }));
    let id = world.app.post(&world.charnwood, "/v1/onward-referrals", &spiked).await.expect(201).id();
    let link = link(&world, &id).await;
    let (status, policy, html) = page(&world, Method::GET, &link, "").await;
    assert_eq!(status, 200);
    assert!(policy.contains("form-action 'self'") && policy.contains("default-src 'none'"), "{policy}");
    assert!(html.contains("Juniper Testcase, child") && html.contains(&format!("action=\"{link}\"")), "{html}");
    assert!(!html.contains("<script>") && html.contains("&#60;script&#62;"), "{html}");
    let (status, _, html) = page(&world, Method::POST, &link, "answer=declined&note=").await;
    assert_eq!(status, 200);
    assert!(html.contains("We have your answer.") && !html.contains("<form"), "{html}");
    assert_eq!(page(&world, Method::POST, &link, "answer=declined&note=").await.0, 200, "sent again");
    assert_eq!(page(&world, Method::POST, &link, "answer=accepted").await.0, 409);
    for (form, status) in [
        ("", 422),
        ("answer=maybe", 422),
        ("answer=declined&extra=1", 422),
        ("answer=declined&answer=accepted", 422),
        ("answer=%ff", 422),
    ] {
        assert_eq!(page(&world, Method::POST, &link, form).await.0, status, "{form}");
    }
    let long = format!("answer=declined&note={}", "x".repeat(40_000));
    assert_eq!(page(&world, Method::POST, &link, &long).await.0, 413);
    assert_eq!(
        answer(&world, &link, &json!({ "answer": "declined", "note": "x".repeat(4001) })).await.expect(422).pointers(),
        ["/note"]
    );
    world.app.send(Method::DELETE, &link, &[], None).await.expect(405);
}

#[actix_web::test]
async fn every_look_by_a_link_stands_in_the_access_log_and_restrictions_hold() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let made = sent(&world, &referral, &service).await;
    let id = made.id();
    let link = link(&world, &id).await;
    open(&world, &link).await.expect(200);
    let child = made.body["disclosures"][0]["people"][0].as_str().unwrap().to_owned();
    let told = world.app.get(&world.governance, &format!("/v1/people/{child}/disclosures")).await.expect(200).body;
    let told = &told["items"][0];
    assert_eq!(told["to_agency"], "Debt advice, Juniper Street Advice (invented)");
    assert_eq!((&told["purpose"], &told["lawful_basis"]), (&json!("onward-referral"), &json!("consent")));
    assert_eq!(told["about"], format!("/v1/onward-referrals/{id}"));
    let mut found = false;
    for _ in 0..50 {
        let page =
            world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
        found = page.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line["action"] == "onward.by_link" && line["who"] == "onward-link");
        if found {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(found, "the look does not stand in the access log");
    let exclude = json!({ "effect": "exclude", "user_id": world.charnwood.id, "reason": "Own family (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &exclude).await;
    world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(404);
    assert_eq!(world.app.get(&world.charnwood, "/v1/onward-referrals").await.expect(200).body["items"], json!([]));
    world.app.get(&world.officer, &format!("/v1/onward-referrals/{id}")).await.expect(200);
}

#[actix_web::test]
async fn a_restriction_of_a_person_closes_the_link_that_shows_them() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let made = sent(&world, &referral, &service).await;
    let link = link(&world, &made.id()).await;
    open(&world, &link).await.expect(200);
    let child = made.body["disclosures"][0]["people"][0].as_str().unwrap();
    let restrict = json!({ "effect": "restrict", "user_id": world.family_worker.id, "reason": "Has fled; nobody is to know where (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &restrict).await.expect(201);
    open(&world, &link).await.expect(404);
    answer(&world, &link, &json!({ "answer": "accepted" })).await.expect(404);
}

#[actix_web::test]
async fn whoever_can_t_help_and_whoever_is_no_longer_asked_reads_no_more_of_the_family() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let declined = link(&world, &sent(&world, &referral, &service).await.id()).await;
    answer(&world, &declined, &json!({ "answer": "declined" })).await.expect(200);
    let seen = open(&world, &declined).await.expect(200);
    assert_eq!((&seen.body["status"], seen.body["content"].get("people")), (&json!("declined"), None));
    assert!(!seen.body.to_string().contains("Juniper Testcase"), "{}", seen.body);
    let made = sent(&world, &referral, &service).await;
    let open_still = link(&world, &made.id()).await;
    world
        .change(&world.school, &referral, "withdrawal", &json!({ "reason": "The family asked us to." }))
        .await
        .expect(200);
    open(&world, &open_still).await.expect(404);
    let ended = world.app.get(&world.officer, &format!("/v1/onward-referrals/{}", made.id())).await.expect(200);
    assert_eq!(ended.body["status"], "withdrawn");
}

#[actix_web::test]
async fn a_link_cannot_be_written_by_without_end_nor_hold_up_those_at_work() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let link = link(&world, &id).await;
    answer(&world, &link, &json!({ "answer": "accepted" })).await.expect(200);
    answer(&world, &link, &json!({ "answer": "engaged" })).await.expect(200);
    let etag = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(200).etag();
    let word = json!({ "answer": "engaged", "note": "One word more." });
    let mut taken = 0;
    while answer(&world, &link, &word).await.status == 200 {
        taken += 1;
        assert!(taken < 40, "there is no end to it");
    }
    assert_eq!(taken, 18, "twenty lines with the two answers");
    answer(&world, &link, &word).await.expect(409);
    let withdrawal = json!({ "reason": "Too many words." });
    let path = format!("/v1/onward-referrals/{id}/withdrawal");
    let withdrawn = world.app.post_on(&world.charnwood, &path, &etag, &withdrawal).await;
    assert!([200, 409].contains(&withdrawn.status), "the version is as it was: {}", withdrawn.status);
}

#[actix_web::test]
async fn a_link_is_stored_as_a_hash_can_t_be_guessed_and_its_page_is_kept_by_nobody() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let link = link(&world, &id).await;
    let secret = link.trim_start_matches("/onward/").to_owned();
    assert_eq!(secret.len(), 43, "256 bits");
    let mut all = world.app.database.all_seeing().await;
    for table in [
        "onward_link",
        "onward_referral",
        "onward_history",
        "onward_share",
        "onward_disclosure",
        "event_log",
        "audit_entry",
    ] {
        let held: i64 =
            sql::<BigInt>(&format!("SELECT count(*) FROM {table} t WHERE to_jsonb(t)::text LIKE '%{secret}%'"))
                .get_result(&mut all)
                .await
                .unwrap();
        assert_eq!(held, 0, "{table} holds what opens the link");
    }
    let opened = open(&world, &link).await.expect(200);
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    assert_eq!(opened.header("referrer-policy"), Some("no-referrer"));
    // Nothing tells a link that was from one that never was: not the words, not the headers.
    let etag = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.etag();
    let path = format!("/v1/onward-referrals/{id}/withdrawal");
    world.app.post_on(&world.charnwood, &path, &etag, &json!({ "reason": "x" })).await.expect(200);
    let was = open(&world, &link).await.expect(404);
    let mut other = secret.clone();
    other.replace_range(0..1, if secret.starts_with('A') { "B" } else { "A" });
    for never in [other.as_str(), "x", &"A".repeat(43), &"A".repeat(4000)] {
        let reply = open(&world, &format!("/onward/{never}")).await.expect(404);
        assert_eq!(reply.body, was.body);
        assert_eq!(reply.header("content-type"), was.header("content-type"));
        let reply = answer(&world, &format!("/onward/{never}"), &json!({ "answer": "nonsense" })).await.expect(404);
        assert_eq!(reply.body, was.body, "a wrong link is no place to learn what an answer looks like");
    }
}
