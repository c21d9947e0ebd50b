//! What referral-service tells becomes cases, each effect once.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::database::texts;
use crate::desk::{Desk, Offer};

#[actix_web::test]
async fn an_offer_becomes_a_case_that_awaits_acceptance() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    assert_eq!(case["status"], "awaiting_acceptance");
    assert_eq!(case["locality"], "charnwood");
    assert_eq!(case["referral_id"], json!(offer.referral));
    assert!(shared::reference::parse('P', case["reference"].as_str().unwrap()).is_some());
    let read = desk.read(&case).await;
    assert_eq!(read.body["people"][0]["id"], json!(offer.people[0]));
    assert_eq!(desk.history(&case).await, [("awaiting_acceptance".to_owned(), Value::Null, Value::Null)]);
    assert_eq!(desk.published().await, ["prevention_case.offered.v1"]);
}

#[actix_web::test]
async fn allocations_to_other_services_are_ignored() {
    let desk = Desk::open().await;
    desk.offer_to("youth-work", Some("charnwood"));
    desk.owner.tell("referral.received.v1", Uuid::now_v7(), json!({ "anything": 1 }));
    desk.owner.tell("allocation.reopened.v7", Uuid::now_v7(), json!({ "service": "youth-justice-prevention" }));
    let ours = desk.offer_to("youth-justice-prevention", None);
    desk.case_of(&ours, |_| true).await;
    let mut all_seeing = desk.app.database.all_seeing().await;
    assert_eq!(texts(&mut all_seeing, "SELECT count(*)::text AS text FROM prevention_case").await, ["1"]);
    assert_eq!(texts(&mut all_seeing, "SELECT count(*)::text AS text FROM person_copy").await, ["1"]);
    assert_eq!(texts(&mut all_seeing, "SELECT error AS text FROM dead_letter").await, Vec::<String>::new());
}

#[actix_web::test]
async fn told_twice_and_replayed_in_a_new_epoch_each_effect_happens_once() {
    let desk = Desk::open().await;
    let (offer, _) = desk.case().await;
    desk.tell_offer(&offer, "youth-justice-prevention", Some("charnwood"));
    desk.tell(&offer, "accepted", json!({}));
    desk.tell(&offer, "accepted", json!({}));
    let case = desk.comes_to(&offer, "accepted").await;
    desk.owner.tell_everything_again();
    let last = desk.offer_to("youth-justice-prevention", None);
    desk.case_of(&last, |_| true).await;
    assert_eq!(desk.history(&case).await.len(), 2);
    assert_eq!(desk.read(&case).await.etag(), "\"2-full\"");
    let expected = ["prevention_case.offered.v1", "prevention_case.accepted.v1", "prevention_case.offered.v1"];
    assert_eq!(desk.published().await, expected);
}

#[actix_web::test]
async fn what_happens_to_the_allocation_elsewhere_keeps_the_case_true() {
    let desk = Desk::open().await;
    for (told, status, more) in [
        (vec!["withdrawn"], "withdrawn", json!({})),
        (vec!["declined"], "refused", json!({})),
        (vec!["accepted"], "accepted", json!({})),
        (vec!["accepted", "closed"], "closed", json!({ "outcome": "moved_away" })),
        (vec!["accepted", "withdrawn"], "withdrawn", json!({})),
    ] {
        let (offer, _) = desk.case().await;
        for what in &told {
            desk.tell(&offer, what, more.clone());
        }
        let case = desk.comes_to(&offer, status).await;
        let outcome = if status == "closed" { json!("moved_away") } else { Value::Null };
        assert_eq!(case["outcome"], outcome, "{told:?}");
        assert_eq!(desk.history(&case).await.len(), told.len() + 1, "{told:?}");
        let worklist = format!("/v1/prevention-cases?status={status}&limit=100");
        let list = desk.app.get(&desk.yusuf, &worklist).await.expect(200);
        assert!(list.body["items"].as_array().unwrap().iter().any(|item| item["id"] == case["id"]));
    }
}

#[actix_web::test]
async fn an_event_that_can_t_be_true_holds_back_its_own_referral_only() {
    let desk = Desk::open().await;
    let (offer, _) = desk.case().await;
    desk.tell(&offer, "declined", json!({}));
    desk.tell(&offer, "closed", json!({ "outcome": "needs_met" }));
    desk.tell(&offer, "withdrawn", json!({}));
    let never_offered = Offer { allocation: Uuid::now_v7(), referral: Uuid::now_v7(), people: Vec::new() };
    desk.tell(&never_offered, "accepted", json!({}));
    let (_, case) = desk.case().await;
    assert_eq!(case["status"], "awaiting_acceptance");
    desk.comes_to(&offer, "refused").await;
    let put_aside = texts(
        &mut desk.app.database.all_seeing().await,
        "SELECT (event ->> 'type') || ': ' || error AS text FROM dead_letter ORDER BY position",
    )
    .await;
    assert_eq!(
        put_aside,
        [
            "allocation.closed.v1: the case has ended otherwise at referral-service",
            "allocation.withdrawn.v1: waits behind an earlier event",
            "allocation.accepted.v1: the allocation was never offered here",
        ]
    );
}

#[actix_web::test]
async fn lists_are_newest_first_page_by_page() {
    let desk = Desk::open().await;
    for _ in 0..5 {
        desk.case().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut seen = Vec::new();
    let mut path = "/v1/prevention-cases?limit=2".to_owned();
    loop {
        let page = desk.app.get(&desk.yusuf, &path).await.expect(200);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["offered_at"].as_str().unwrap().to_owned()));
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/prevention-cases?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "{seen:?}");
}
