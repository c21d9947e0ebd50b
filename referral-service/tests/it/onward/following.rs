//! What follows: the answer, the chasing, the follow-ups.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{answer, change, happened, link, sent, start, text};
use crate::directory::with;
use crate::world::World;

#[actix_web::test]
async fn the_service_answers_by_its_link_and_the_same_answer_again_changes_nothing() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let link = link(&world, &id).await;
    let yes = json!({ "answer": "accepted", "note": "First appointment on Monday." });
    answer(&world, &link, &json!({ "answer": "engaged" })).await.expect(409);
    let accepted = answer(&world, &link, &yes).await.expect(200);
    assert_eq!(
        (&accepted.body["status"], &accepted.body["answers"]),
        (&json!("accepted"), &json!(["engaged", "sustained", "did_not_engage"]))
    );
    answer(&world, &link, &yes).await.expect(200);
    answer(&world, &link, &json!({ "answer": "declined" })).await.expect(409);
    let seen = world.app.get(&world.officer, &format!("/v1/onward-referrals/{id}")).await.expect(200).body;
    assert_eq!(happened(&seen), ["sent", "accepted"], "said twice it is written once");
    assert_eq!(
        seen["history"][1],
        json!({ "at": seen["history"][1]["at"], "who": "the service", "what": "accepted", "note": "First appointment on Monday." })
    );
    assert_eq!((&seen["answered_by"], &seen["answer_clock"]), (&json!("link"), &json!("met")));
    // The link goes on opening, so that the service can say what came of it.
    world.app.advance(TimeDelta::days(60));
    let outcome =
        answer(&world, &link, &json!({ "answer": "engaged", "note": "Has been four times." })).await.expect(200);
    assert_eq!(outcome.body["outcome"], "engaged");
    let seen = world.app.get(&world.officer, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["outcome"], "engaged");
    let later = json!({ "outcome": "sustained", "on": "2020-01-01" });
    assert_eq!(change(&world, &world.officer, &id, "outcome", &later).await.expect(422).pointers(), ["/on"]);
    let on = seen.body["sent_at"].as_str().unwrap()[..10].to_owned();
    change(&world, &world.officer, &id, "outcome", &json!({ "outcome": "sustained", "on": on })).await.expect(200);
    let (status, _) = text(&world, &world.charnwood, &id).await;
    assert_eq!(status, 409, "nothing is left to be asked");
}

#[actix_web::test]
async fn what_is_not_answered_is_chased_and_given_up() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    world.app.advance(TimeDelta::days(20));
    let seen = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["answer_clock"], "overdue");
    let (_, letter) = text(&world, &world.charnwood, &id).await;
    assert!(letter.contains("have not had your answer"), "{letter}");
    let mut worker = world.app.background.connection().await.unwrap();
    referral_service::alert::chaser::chase(&mut worker, world.app.background.now()).await.unwrap();
    let alerts = world.app.get(&world.charnwood, "/v1/alerts?state=reminder").await.expect(200);
    let about: Vec<&str> =
        alerts.body["items"].as_array().unwrap().iter().map(|one| one["about"].as_str().unwrap()).collect();
    assert_eq!(about, [format!("/v1/onward-referrals/{id}")]);
    assert_eq!(alerts.body["items"][0]["kind"], "onward_answer");
    let given_up = change(&world, &world.charnwood, &id, "answer", &json!({ "answer": "no_answer" })).await.expect(200);
    assert_eq!((&given_up.body["status"], &given_up.body["answer_clock"]), (&json!("no_answer"), &json!("met_late")));
    // It answers after all.
    let link = link(&world, &id).await;
    answer(&world, &link, &json!({ "answer": "accepted" })).await.expect(200);
}

#[actix_web::test]
async fn the_family_is_asked_3_6_9_and_12_months_after_the_service_took_it_on() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let path = format!("/v1/onward-referrals/{id}");
    assert_eq!(world.app.get(&world.charnwood, &path).await.expect(200).body["follow_ups"], json!([]));
    let heard = |fields: Value| {
        with(
            json!({ "asked_on": "2000-01-01", "reached": true, "engaged": true, "sustained": false, "destination": "employment" }),
            fields,
        )
    };
    change(&world, &world.charnwood, &id, "follow-ups/3/answer", &heard(json!({}))).await.expect(404);
    answer(&world, &link(&world, &id).await, &json!({ "answer": "accepted" })).await.expect(200);
    let accepted = world.app.get(&world.charnwood, &path).await.expect(200);
    let follow_ups = accepted.body["follow_ups"].as_array().unwrap().clone();
    let months: Vec<i64> = follow_ups.iter().map(|one| one["months"].as_i64().unwrap()).collect();
    assert_eq!(months, [3, 6, 9, 12]);
    assert!(follow_ups.iter().all(|one| one["status"] == "due" && one["clock"] == "due"));
    let told = world.told("follow_up.scheduled.v1").await;
    assert_eq!(told.len(), 4);
    assert_eq!(
        (&told[0]["after"], &told[0]["months"], &told[0]["locality"]),
        (&json!("onward_referral"), &json!(3), &json!("charnwood"))
    );
    world.app.advance(TimeDelta::days(95));
    let today = world.app.background.now().date_naive();
    for (fields, pointers) in [
        (json!({}), vec!["/asked_on"]),
        (json!({ "asked_on": "2999-01-01" }), vec!["/asked_on"]),
        (
            json!({ "asked_on": today, "engaged": null, "sustained": null, "destination": null }),
            vec!["/destination", "/engaged", "/sustained"],
        ),
        (json!({ "asked_on": today, "destination": "the-moon" }), vec!["/destination"]),
        (json!({ "asked_on": today, "reached": false }), vec!["/destination", "/engaged", "/sustained"]),
    ] {
        let refused = change(&world, &world.charnwood, &id, "follow-ups/3/answer", &heard(fields.clone())).await;
        assert_eq!(refused.expect(422).pointers(), pointers, "{fields}");
    }
    let good = heard(json!({ "asked_on": today, "words": "She has a plan for the rent." }));
    world.app.post(&world.charnwood, &format!("{path}/follow-ups/3/answer"), &good).await.expect(428);
    for who in [&world.melton, &world.school] {
        world.app.post_on(who, &format!("{path}/follow-ups/3/answer"), "\"1-full\"", &good).await.expect(404);
    }
    let answered = change(&world, &world.charnwood, &id, "follow-ups/3/answer", &good).await.expect(200);
    let first = &answered.body["follow_ups"][0];
    assert_eq!(
        (&first["status"], &first["clock"], &first["sustained"]),
        (&json!("answered"), &json!("met_late"), &json!(false))
    );
    change(&world, &world.charnwood, &id, "follow-ups/3/answer", &good).await.expect(409);
    change(&world, &world.charnwood, &id, "follow-ups/4/answer", &good).await.expect(404);
    let told = world.told("follow_up.answered.v1").await;
    assert_eq!((&told[0]["engaged"], &told[0]["destination"]), (&json!(true), &json!("employment")));
    // What a family says at three months tells nothing of six.
    let early = change(&world, &world.charnwood, &id, "follow-ups/6/answer", &good).await.expect(422);
    assert_eq!(
        (early.pointers(), &early.body["errors"][0]["code"]),
        (vec!["/asked_on".to_owned()], &json!("too_early"))
    );
    // What is taken back is not followed up any more.
    change(&world, &world.charnwood, &id, "withdrawal", &json!({ "reason": "x" })).await.expect(200);
    let seen = world.app.get(&world.charnwood, &path).await.expect(200).body;
    let states: Vec<&str> =
        seen["follow_ups"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["answered", "cancelled", "cancelled", "cancelled"]);
    assert_eq!(world.told("follow_up.cancelled.v1").await.len(), 3);
    world.app.advance(TimeDelta::days(180));
    let good = heard(json!({ "asked_on": world.app.background.now().date_naive() }));
    change(&world, &world.charnwood, &id, "follow-ups/6/answer", &good).await.expect(409);
}
