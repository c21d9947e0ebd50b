//! Asking to accept, and being refused.

use serde_json::{Value, json};

use crate::database::texts;
use crate::desk::{Desk, path, worker};
use crate::owner::at;

#[actix_web::test]
async fn accepting_asks_the_owner_and_records_who_did_it() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let accepted = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(200);
    assert_eq!(accepted.body["status"], "accepted");
    assert_eq!(accepted.etag(), "\"2-full\"");
    at(offer.allocation, |it| assert_eq!((it.status, it.effects), ("accepted", 1)));
    // Sent anew it is another request: on the version of before, and on the one of now.
    desk.app.post_on(&desk.yusuf, &address, "\"1-full\"", &json!({})).await.expect(412);
    desk.app.post_on(&desk.yusuf, &address, "\"2-full\"", &json!({})).await.expect(409);
    at(offer.allocation, |it| assert_eq!(it.asks, 1));
    // The owner's own event then says nothing new.
    desk.tell(&offer, "accepted", json!({}));
    desk.case().await;
    let history = desk.history(&case).await;
    assert_eq!(history[1], ("accepted".to_owned(), json!("yusuf.justice"), Value::Null));
    assert_eq!(desk.read(&case).await.etag(), "\"2-full\"");
    assert_eq!(desk.published().await.iter().filter(|kind| *kind == "prevention_case.accepted.v1").count(), 1);
}

#[actix_web::test]
async fn a_repeated_request_is_answered_from_what_was_kept_without_asking_again() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let etag = desk.etag(&case).await;
    for _ in 0..3 {
        let reply = desk.app.post_with(&desk.yusuf, &address, "one-key", Some(&etag), &json!({})).await.expect(200);
        assert_eq!((reply.body["status"].as_str(), reply.etag().as_str()), (Some("accepted"), "\"2-full\""));
    }
    at(offer.allocation, |it| assert_eq!((it.asks, it.effects), (1, 1)));
    let other_body = json!({ "reason": "x" });
    let reply = desk.app.post_with(&desk.yusuf, &address, "one-key", Some(&etag), &other_body).await.expect(422);
    assert_eq!(reply.body["type"], "/docs/problems#key-reused");
}

#[actix_web::test]
async fn a_referral_withdrawn_before_acceptance_is_known_by_its_event() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let read_before = desk.etag(&case).await;
    desk.tell(&offer, "withdrawn", json!({}));
    desk.comes_to(&offer, "withdrawn").await;
    desk.app.post_on(&desk.yusuf, &address, &read_before, &json!({})).await.expect(412);
    let refused = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(409);
    assert!(refused.body["detail"].as_str().unwrap().contains("withdrawn meanwhile"), "{}", refused.body);
    at(offer.allocation, |it| assert_eq!(it.asks, 0));
}

#[actix_web::test]
async fn a_referral_withdrawn_meanwhile_refuses_the_acceptance_and_is_recorded() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    at(offer.allocation, |it| it.meanwhile = Some("withdrawn"));
    let address = format!("{}/acceptance", path(&case));
    let refused = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(409);
    assert!(refused.body["detail"].as_str().unwrap().contains("withdrawn meanwhile"), "{}", refused.body);
    let read = desk.read(&case).await;
    assert_eq!((read.body["status"].as_str(), read.etag().as_str()), (Some("withdrawn"), "\"2-full\""));
    // The event comes later and says nothing new.
    desk.tell(&offer, "withdrawn", json!({}));
    desk.case().await;
    assert_eq!(desk.read(&case).await.etag(), "\"2-full\"");
    assert_eq!(desk.history(&case).await.len(), 2);
    let audited = texts(
        &mut desk.app.database.all_seeing().await,
        "SELECT action || ' ' || outcome || ' ' || status AS text FROM audit_entry WHERE action = 'prevention_case.accept'",
    )
    .await;
    assert_eq!(audited, ["prevention_case.accept refused 409"]);
}

#[actix_web::test]
async fn an_acceptance_of_someone_else_is_learnt_and_told() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    at(offer.allocation, |it| it.meanwhile = Some("accepted"));
    let address = format!("{}/acceptance", path(&case));
    let refused = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(409);
    assert_eq!(refused.body["detail"], "the case has been accepted already");
    assert_eq!(desk.history(&case).await[1], ("accepted".to_owned(), Value::Null, Value::Null));
}

#[actix_web::test]
async fn a_lost_answer_is_settled_by_asking_once_more_with_the_same_key() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    at(offer.allocation, |it| it.lose_answers = 1);
    let address = format!("{}/acceptance", path(&case));
    let reply = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(200);
    assert_eq!(reply.body["status"], "accepted");
    at(offer.allocation, |it| assert_eq!((it.asks, it.effects), (2, 1)));
}

#[actix_web::test]
async fn answers_lost_for_good_are_settled_when_the_request_is_sent_again() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let etag = desk.etag(&case).await;
    at(offer.allocation, |it| it.lose_answers = 2);
    let lost = desk.app.post_with(&desk.yusuf, &address, "k", Some(&etag), &json!({})).await.expect(503);
    assert!(lost.header("retry-after").is_some());
    assert_eq!(desk.read(&case).await.body["status"], "awaiting_acceptance");
    let reply = desk.app.post_with(&desk.yusuf, &address, "k", Some(&etag), &json!({})).await.expect(200);
    assert_eq!(reply.body["status"], "accepted");
    at(offer.allocation, |it| assert_eq!(it.effects, 1));
}

#[actix_web::test]
async fn an_event_faster_than_the_second_sending_still_answers_the_one_who_asked() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let etag = desk.etag(&case).await;
    at(offer.allocation, |it| it.lose_answers = 2);
    desk.app.post_with(&desk.yusuf, &address, "k", Some(&etag), &json!({})).await.expect(503);
    desk.tell(&offer, "accepted", json!({}));
    desk.comes_to(&offer, "accepted").await;
    assert_eq!(desk.history(&case).await[1].1, Value::Null);
    // Someone else who read the case before is told that it has changed, and nothing is theirs.
    desk.app.post_on(&worker("another.worker"), &address, &etag, &json!({})).await.expect(412);
    let reply = desk.app.post_with(&desk.yusuf, &address, "k", Some(&etag), &json!({})).await.expect(200);
    assert_eq!((reply.body["status"].as_str(), reply.etag().as_str()), (Some("accepted"), "\"2-full\""));
    assert_eq!(desk.history(&case).await[1].1, "yusuf.justice");
    at(offer.allocation, |it| assert_eq!(it.effects, 1));
    assert_eq!(desk.published().await.len(), 2);
}

#[actix_web::test]
async fn while_the_owner_is_away_nothing_is_recorded() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    at(offer.allocation, |it| it.lose_asks = 2);
    let address = format!("{}/acceptance", path(&case));
    let etag = desk.etag(&case).await;
    desk.app.post_on(&desk.yusuf, &address, &etag, &json!({})).await.expect(503);
    assert_eq!(desk.etag(&case).await, etag);
    at(offer.allocation, |it| assert_eq!(it.effects, 0));
    desk.app.post_on(&desk.yusuf, &address, &etag, &json!({})).await.expect(200);
}

#[actix_web::test]
async fn an_allocation_the_owner_does_not_show_is_not_found() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    at(offer.allocation, |it| it.hidden = true);
    let address = format!("{}/acceptance", path(&case));
    desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &json!({})).await.expect(404);
    at(offer.allocation, |it| assert_eq!(it.asks, 0));
}

#[actix_web::test]
async fn many_at_once_have_one_effect() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let address = format!("{}/acceptance", path(&case));
    let etag = desk.etag(&case).await;
    let body = json!({});
    let asks = (0..12).map(|n| {
        let key = format!("key-{}", n % 4);
        let (desk, address, etag, body) = (&desk, &address, &etag, &body);
        async move { desk.app.post_with(&desk.yusuf, address, &key, Some(etag), body).await.status }
    });
    let statuses = futures::future::join_all(asks).await;
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200));
    at(offer.allocation, |it| assert_eq!(it.effects, 1));
    assert_eq!(desk.history(&case).await.len(), 2);
    assert_eq!(desk.published().await.len(), 2);
}
