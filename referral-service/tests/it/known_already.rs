//! What is known already when a worry is told, and what contradicts itself.

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

use crate::contacts::{seen, send, told, with};
use crate::world::World;

#[actix_web::test]
async fn a_repeat_is_found_for_the_front_door_and_told_to_nobody_who_referred() {
    let world = World::new().await;
    let first = world.submitted().await.id();
    let (second, _) = world.offered().await;
    let other = send(&world, &world.other_school, &World::form()).await.expect(201);
    let id = other.id();
    let view = seen(&world, &id).await;
    let previous = view["previous"].as_array().unwrap();
    assert_eq!(previous.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!((&previous[0]["status"], &previous[0]["open"]), (&json!("offered"), &json!(true)));
    assert_eq!(previous[0]["allocations"][0]["service"], "intensive-family-support");
    assert!(previous[0]["person_ids"].as_array().unwrap().contains(&view["people"][0]["person_id"]));
    let flags: Vec<Value> = told(&world, "referral.received.v1")
        .await
        .iter()
        .map(|facts| facts["repeat_within_12_months"].clone())
        .collect();
    assert_eq!(flags, [json!(false), json!(true), json!(true)]);
    // Neither what it was answered at once nor what it reads later tells a referrer of the others.
    let later = world.app.get(&world.other_school, &format!("/v1/referrals/{id}")).await.expect(200);
    for body in [&other.body, &later.body] {
        assert!(body.get("previous").is_none() && !body.to_string().contains("repeat"), "{body}");
    }
    let feedback = world.app.get(&world.other_school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    assert!(!feedback.body.to_string().contains("repeat"));
    // A worker sees those of the others that the team has, and no more.
    let (third, _) = world.offered().await;
    let worker = world.app.get(&world.family_worker, &format!("/v1/referrals/{third}")).await.expect(200);
    let ids: Vec<&str> =
        worker.body["previous"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [second.as_str()]);
    // Who reads of the others stands in the people's access logs by them too; a look at one is a look at all.
    let person = view["people"][0]["person_id"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let log = world.app.get(&world.governance, &format!("/v1/people/{person}/access-log")).await.expect(200);
    assert!(
        log.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|look| look["who"] == "olive" && look["record_id"] == id.as_str())
    );
}

#[actix_web::test]
async fn what_ended_more_than_a_year_ago_is_no_repeat_and_what_is_open_still_shows() {
    let world = World::new().await;
    let closed = world.submitted().await.id();
    let over = json!({ "level_of_need": 1, "outcome": "information_and_advice", "reason": "Advice given." });
    world.change(&world.officer, &closed, "decision", &over).await.expect(200);
    let open = world.submitted().await.id();
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "UPDATE referral SET received_at = received_at - interval '13 months';
         UPDATE person_link SET linked_at = linked_at - interval '13 months'",
    )
    .await
    .unwrap();
    let id = world.submitted().await.id();
    let previous = seen(&world, &id).await["previous"].clone();
    assert_eq!(previous.as_array().unwrap().len(), 1, "{previous}");
    assert_eq!(previous[0]["id"], open.as_str());
    assert_eq!(told(&world, "referral.received.v1").await[2]["repeat_within_12_months"], false);
}

#[actix_web::test]
async fn a_top_up_names_the_referral_it_comes_back_from() {
    let world = World::new().await;
    let before = world.submitted().await.body["reference"].as_str().unwrap().to_owned();
    let form =
        with(&[("kind", json!("top_up")), ("earlier_reference", json!(before)), ("channel", json!("in_person"))]);
    let id = send(&world, &world.family_worker, &form).await.expect(201).id();
    let contact = seen(&world, &id).await["contact"].clone();
    assert_eq!((&contact["kind"], &contact["earlier_reference"]), (&json!("top_up"), &json!(before)));
}

#[actix_web::test]
async fn who_works_with_the_family_already_shows_to_whoever_screens() {
    let world = World::new().await;
    let (case, _) = world.case().await;
    let id = send(&world, &world.other_school, &World::form()).await.expect(201).id();
    let view = seen(&world, &id).await;
    let open = &view["open_cases"][0];
    assert_eq!(format!("/v1/cases/{}", open["id"].as_str().unwrap()), case);
    assert_eq!((&open["team"], open.get("regardless_reason")), (&json!("intensive-family-support"), None));
    assert!(open["person_ids"].as_array().unwrap().contains(&view["people"][0]["person_id"]));
    // Its own case is its allocation, which shows there; a case that has ended is nobody's work.
    let own = view["previous"][0]["id"].as_str().unwrap().to_owned();
    assert!(seen(&world, &own).await.get("open_cases").is_none());
    assert!(
        world
            .app
            .get(&world.other_school, &format!("/v1/referrals/{id}"))
            .await
            .expect(200)
            .body
            .get("open_cases")
            .is_none()
    );
    world.closed(&case, true).await;
    assert!(seen(&world, &id).await.get("open_cases").is_none());
}

#[actix_web::test]
async fn contradictions_are_warned_of_and_nothing_is_turned_away_for_them() {
    let world = World::new().await;
    let mut form = with(&[
        ("consent", json!({ "given": "no", "by": "mother", "reason": "A child is at risk." })),
        ("lawful_basis", json!({ "basis": "consent" })),
        ("households", json!([{ "address": "1 Example Street" }, { "address": "1 EXAMPLE STREET" }])),
    ]);
    let again = form["people"][0].clone();
    form["people"].as_array_mut().unwrap().push(again);
    form["people"][0]["birth_date"] = json!("2006-02-03");
    form["people"][1]["address"] = json!("9 Elsewhere Road");
    form["people"][2]["birth_date"] = json!("2006-02-03");
    let key = "warned";
    for _ in 0..2 {
        let taken = world.app.post_with(&world.school, "/v1/referrals", key, None, &form).await.expect(201);
        let said: Vec<(&str, &str)> = taken.body["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap()))
            .collect();
        assert_eq!(
            said,
            [
                ("/lawful_basis/basis", "contradicts"),
                ("/people/0/birth_date", "over_18"),
                ("/people/1/address", "two_homes"),
                ("/people/2/birth_date", "over_18"),
                ("/people/2", "repeated"),
                ("/households/1", "repeated"),
            ]
        );
        assert!(taken.body.get("previous").is_none(), "the school sees nothing of what others told");
    }
    let read = world.app.get(&world.officer, "/v1/referrals").await.expect(200);
    assert_eq!(read.body["items"].as_array().unwrap().len(), 1);
    let read = seen(&world, read.body["items"][0]["id"].as_str().unwrap()).await;
    assert!(read.get("warnings").is_none(), "only in the answer to a submission");
}

#[actix_web::test]
async fn who_takes_a_call_is_shown_what_there_was_before_in_the_answer() {
    let world = World::new().await;
    let (_, family) = world.case().await;
    let call = with(&[
        ("kind", json!("public")),
        ("channel", json!("telephone")),
        ("referrer", json!({ "name": "Mrs Neighbour (invented)", "role": "neighbour" })),
        ("caller", json!({ "name": "Mrs Neighbour (invented)", "relationship": "lives next door" })),
    ]);
    let taken = world.app.post_with(&world.officer, "/v1/referrals", "call", None, &call).await.expect(201);
    assert_eq!(taken.body["previous"].as_array().unwrap().len(), 1, "{}", taken.body);
    assert_eq!(taken.body["open_cases"].as_array().unwrap().len(), 1, "{family}");
    let again = world.app.post_with(&world.officer, "/v1/referrals", "call", None, &call).await.expect(201);
    assert_eq!(again.body, taken.body);
}
