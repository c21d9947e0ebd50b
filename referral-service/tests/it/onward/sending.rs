//! Passing a family on: what is shared, what is refused, who may.

use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use super::{change, form, happened, link, open, sent, start, text};
use crate::directory::{added, administrator, advice, charity, with};
use crate::world::World;

#[actix_web::test]
async fn a_service_that_is_no_user_reads_what_was_shared_and_nothing_else() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let made = sent(&world, &referral, &service).await;
    assert_eq!(made.etag(), "\"1-full\"");
    assert_eq!((&made.body["status"], &made.body["answer_clock"]), (&json!("sent"), &json!("due")));
    assert_eq!(made.body["warnings"], json!([]));
    let disclosure = &made.body["disclosures"][0];
    assert_eq!(disclosure["to"], "Debt advice, Juniper Street Advice (invented)");
    assert_eq!(disclosure["fields"], json!(["names", "relations", "concerns", "message", "family_contact", "purpose"]));
    assert_eq!(
        disclosure["basis"],
        json!({ "basis": "consent", "consent": { "given_by": "mother", "on": "2026-01-20" } })
    );
    assert_eq!(disclosure["people"].as_array().unwrap().len(), 2);
    let id = made.id();
    let (_, letter) = text(&world, &world.charnwood, &id).await;
    assert!(
        letter.starts_with(
            "To: Juniper Street Advice (invented) <debt@charity.example>\nSubject: Can you help a family?"
        )
    );
    assert!(letter.contains("on this basis: Consent to share."));
    for secret in ["Juniper Testcase", "Willow", "rent arrears", "01632 960123"] {
        assert!(!letter.contains(secret), "the letter says nothing of the family: {secret}");
    }
    let link = link(&world, &id).await;
    let opened = open(&world, &link).await.expect(200);
    assert_eq!(opened.body["status"], "viewed");
    assert_eq!(opened.body["answers"], json!(["accepted", "declined"]));
    assert_eq!(
        opened.body["content"],
        json!({
            "reply_to": "Harper Hub (invented), 01632 960500", "purpose": "Help with rent arrears.",
            "message": "Ring in the morning.", "family_contact": "01632 960123",
            "people": [{ "name": "Juniper Testcase", "relation": "child" }, { "name": "Willow Testcase", "relation": "parent" }],
            "concerns": ["mental-and-physical-health", "financial-stability"]
        }),
        "no birth date, no school, no worries: they were not to be shared"
    );
    assert_eq!(opened.header("x-robots-tag"), Some("noindex, nofollow"));
    let seen = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!((&seen.body["status"], happened(&seen.body)), (&json!("viewed"), vec!["sent", "viewed"]));
    assert!(seen.body["viewed_at"].is_string());
}

#[actix_web::test]
async fn what_can_t_be_asked_or_shared_is_refused_field_by_field() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let charity = charity(&world, "Else").await;
    let closed = added(&world, &with(advice(&charity, "Closed"), json!({ "status": "closed" }))).await.id();
    let ours = added(&world, &with(advice(&charity, "Ours"), json!({ "service": "youth-work" }))).await.id();
    let full = added(
        &world,
        &with(
            advice(&charity, "Full in Melton"),
            json!({ "capacity": { "places": 0 },
        "eligibility": { "districts": ["melton"], "minimum_age": 60, "levels": [1] } }),
        ),
    )
    .await
    .id();
    let post = async |fields: Value| {
        let body = with(form(&referral, &service), fields);
        world.app.post(&world.charnwood, "/v1/onward-referrals", &body).await
    };
    for (fields, pointers) in [
        (json!({ "service_id": closed }), vec!["/service_id"]),
        (json!({ "service_id": ours }), vec!["/service_id"]),
        (json!({ "service_id": "0198c0de-0000-7000-8000-000000000001" }), vec!["/service_id"]),
        (json!({ "share": [], "message": null }), vec!["/share"]),
        (json!({ "share": ["shoe_sizes"] }), vec!["/share/0"]),
        (json!({ "people": ["0198c0de-0000-7000-8000-000000000001"] }), vec!["/people/0"]),
        (json!({ "basis": { "basis": "consent" } }), vec!["/basis/consent"]),
        (json!({ "basis": { "basis": "because" } }), vec!["/basis/basis"]),
        (
            json!({ "basis": { "basis": "public-task", "consent": { "given_by": "x", "on": "2026-01-01" } } }),
            vec!["/basis/consent"],
        ),
        (
            json!({ "basis": { "basis": "consent", "consent": { "given_by": "x", "on": "2999-01-01" } } }),
            vec!["/basis/consent/on"],
        ),
        (json!({ "purpose": " ", "reply_to": "" }), vec!["/purpose", "/reply_to"]),
    ] {
        assert_eq!(post(fields.clone()).await.expect(422).pointers(), pointers, "{fields}");
    }
    let several =
        post(json!({ "service_id": closed, "share": [], "message": null, "basis": { "basis": "because" } })).await;
    assert_eq!(several.expect(422).pointers(), ["/basis/basis", "/service_id", "/share"], "all at once");
    let warned = post(json!({ "service_id": full, "basis": { "basis": "public-task", "note": "No other service." } }))
        .await
        .expect(201);
    assert_eq!(warned.body["warnings"], json!(["full", "other_district", "other_age", "other_level"]));
    world
        .app
        .post(&world.charnwood, "/v1/onward-referrals", &form("0198c0de-0000-7000-8000-000000000001", &service))
        .await
        .expect(404);
}

#[actix_web::test]
async fn only_whoever_sees_the_referral_whole_passes_it_on_or_learns_of_it() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let body = form(&referral, &service);
    world.app.post(&world.school, "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&world.analyst, "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&administrator(), "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&world.melton, "/v1/onward-referrals", &body).await.expect(404);
    world.app.post(&world.family_worker, "/v1/onward-referrals", &body).await.expect(404);
    // A hub member whose own agency referred sees the status, and passes nothing on.
    let insider = Person::new("insider", "greenfield-academy", Role::HubMember).hub("melton");
    world.app.post(&insider, "/v1/onward-referrals", &body).await.expect(403);
    let key = uuid::Uuid::now_v7().to_string();
    let made = world.app.post_with(&world.charnwood, "/v1/onward-referrals", &key, None, &body).await.expect(201);
    let again = world.app.post_with(&world.charnwood, "/v1/onward-referrals", &key, None, &body).await.expect(201);
    assert_eq!((made.id(), &made.body), (again.id(), &again.body), "sent again it is one");
    let (id, path) = (made.id(), format!("/v1/onward-referrals/{}", made.id()));
    for who in [&world.melton, &world.family_worker, &world.school, &insider] {
        let hidden = world.app.get(who, &path).await;
        assert_eq!(hidden.status, 404, "{}", who.name);
        assert_eq!(text(&world, who, &id).await.0, 404);
        world
            .app
            .post_on(who, &format!("{path}/withdrawal"), "\"1-full\"", &json!({ "reason": "x" }))
            .await
            .expect(404);
    }
    for list in ["/v1/onward-referrals".to_owned(), format!("/v1/onward-referrals?referral_id={referral}")] {
        for who in [&world.charnwood, &world.officer] {
            assert_eq!(world.app.get(who, &list).await.expect(200).body["items"][0]["id"], json!(id), "{list}");
        }
        for who in [&world.melton, &world.family_worker] {
            assert_eq!(world.app.get(who, &list).await.expect(200).body["items"], json!([]), "{list}");
        }
        world.app.get(&world.school, &list).await.expect(403);
    }
    for (query, name) in [("status=lost", "status"), ("referral_id=x", "referral_id"), ("colour=blue", "colour")] {
        assert_eq!(
            world.app.get(&world.officer, &format!("/v1/onward-referrals?{query}")).await.expect(400).pointers(),
            [name]
        );
    }
    // A service that is given the family later follows it, and acts on it.
    world.change(&world.charnwood, &referral, "hub-decision", &World::to_family_support()).await.expect(200);
    let seen = world.app.get(&world.family_worker, &path).await.expect(200);
    world.app.post(&world.family_worker, &format!("{path}/answer"), &json!({ "answer": "declined" })).await.expect(428);
    world
        .app
        .post_on(&world.family_worker, &format!("{path}/answer"), "\"9-full\"", &json!({ "answer": "declined" }))
        .await
        .expect(412);
    world
        .app
        .post_on(&world.family_worker, &format!("{path}/answer"), &seen.etag(), &json!({ "answer": "perhaps" }))
        .await
        .expect(422);
    let declined =
        change(&world, &world.family_worker, &id, "answer", &json!({ "answer": "declined", "note": "Rang: no room." }))
            .await
            .expect(200);
    assert_eq!((&declined.body["status"], &declined.body["answered_by"]), (&json!("declined"), &json!("worker")));
    change(
        &world,
        &world.family_worker,
        &id,
        "outcome",
        &json!({ "outcome": "engaged", "on": declined.body["sent_at"].as_str().unwrap()[..10].to_owned() }),
    )
    .await
    .expect(409);
}
