//! Refusing and closing, and what may not follow what.

use serde_json::{Value, json};

use crate::desk::{Desk, path};
use crate::owner::at;

fn closure() -> Value {
    json!({ "outcome": "needs_met", "summary": "Back at school, and no further offences." })
}

#[actix_web::test]
async fn refusing_declines_the_allocation_with_the_reason() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let reason = json!({ "reason": "Already open to the court team." });
    let address = format!("{}/refusal", path(&case));
    let refused = desk.app.post_on(&desk.yusuf, &address, &desk.etag(&case).await, &reason).await.expect(200);
    assert_eq!(refused.body["status"], "refused");
    at(offer.allocation, |it| assert_eq!((it.status, &it.said), ("declined", &reason)));
    assert_eq!(desk.history(&case).await[1], ("refused".to_owned(), json!("yusuf.justice"), reason["reason"].clone()));
    assert_eq!(desk.published().await, ["prevention_case.offered.v1", "prevention_case.refused.v1"]);
}

#[actix_web::test]
async fn an_accepted_case_is_closed_with_its_outcome() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let accept = format!("{}/acceptance", path(&case));
    let accepted = desk.app.post_on(&desk.yusuf, &accept, &desk.etag(&case).await, &json!({})).await.expect(200);
    let close = format!("{}/closure", path(&case));
    let closed = desk.app.post_on(&desk.yusuf, &close, &accepted.etag(), &closure()).await.expect(200);
    assert_eq!((closed.body["status"].as_str(), closed.body["outcome"].as_str()), (Some("closed"), Some("needs_met")));
    at(offer.allocation, |it| assert_eq!((it.status, &it.said), ("closed", &closure())));
    let history = desk.history(&case).await;
    assert_eq!(history[2], ("closed".to_owned(), json!("yusuf.justice"), closure()["summary"].clone()));
    let told = crate::database::texts(
        &mut desk.app.database.all_seeing().await,
        "SELECT data::text AS text FROM event_log WHERE kind = 'prevention_case.closed.v1'",
    )
    .await;
    let told: Value = serde_json::from_str(&told[0]).unwrap();
    assert_eq!(told["outcome"], "needs_met");
    assert!(!told.to_string().contains("school"), "no free text in events");
}

#[actix_web::test]
async fn a_closure_that_lost_its_answer_keeps_its_summary_when_sent_again() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    let accept = format!("{}/acceptance", path(&case));
    let accepted = desk.app.post_on(&desk.yusuf, &accept, &desk.etag(&case).await, &json!({})).await.expect(200);
    at(offer.allocation, |it| it.lose_answers = 2);
    let close = format!("{}/closure", path(&case));
    let etag = accepted.etag();
    desk.app.post_with(&desk.yusuf, &close, "k", Some(&etag), &closure()).await.expect(503);
    desk.tell(&offer, "closed", json!({ "outcome": "needs_met" }));
    desk.comes_to(&offer, "closed").await;
    // Other words are another ask, and the case has changed since.
    let other = json!({ "outcome": "moved_away", "summary": "Moved." });
    desk.app.post_on(&desk.yusuf, &close, &etag, &other).await.expect(412);
    desk.app.post_with(&desk.yusuf, &close, "k", Some(&etag), &closure()).await.expect(200);
    let history = desk.history(&case).await;
    assert_eq!(history[2], ("closed".to_owned(), json!("yusuf.justice"), closure()["summary"].clone()));
}

#[actix_web::test]
async fn every_refused_transition_is_a_409_in_plain_words_and_asks_nobody() {
    let desk = Desk::open().await;
    let asks = [("acceptance", json!({})), ("refusal", json!({ "reason": "No capacity." })), ("closure", closure())];
    let already = "the case has been accepted already";
    let in_work = "the case has been accepted: close it with its outcome instead";
    let withdrawn = "the referral was withdrawn meanwhile, so there is nothing left to do on this case";
    for (told, status, expected) in [
        (vec![], "awaiting_acceptance", [None, None, Some("the case has not been accepted yet")]),
        (vec!["accepted"], "accepted", [Some(already), Some(in_work), None]),
        (vec!["declined"], "refused", [Some("the case was refused"); 3]),
        (vec!["withdrawn"], "withdrawn", [Some(withdrawn); 3]),
        (vec!["accepted", "closed"], "closed", [Some("the case is closed"); 3]),
    ] {
        let (offer, _) = desk.case().await;
        for what in told {
            desk.tell(&offer, what, json!({}));
        }
        let case = desk.comes_to(&offer, status).await;
        for ((address, body), expected) in asks.iter().zip(expected) {
            let Some(expected) = expected else { continue };
            let etag = desk.etag(&case).await;
            let address = format!("{}/{address}", path(&case));
            let refused = desk.app.post_on(&desk.yusuf, &address, &etag, body).await.expect(409);
            assert_eq!(refused.body["detail"], expected, "{address} of a case that is {status}");
            assert_eq!(desk.etag(&case).await, etag);
        }
        at(offer.allocation, |it| assert_eq!(it.asks, 0));
    }
}
