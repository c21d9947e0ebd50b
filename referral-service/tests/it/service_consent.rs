//! Whether the family agrees to a service, as it says after the referral.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::world::World;

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn said(given: &str, on: NaiveDate) -> Value {
    json!({ "given": given, "by": "mother", "on": on, "how": "by telephone", "words": "She will be rung on Mondays." })
}

/// A referral of a family that nobody asked, with intensive family support: its address.
async fn not_asked(world: &World) -> String {
    let mut form = World::form();
    form["consent"] = json!({ "given": "not_asked" });
    let id = world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id();
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    format!("/v1/referrals/{id}")
}

#[actix_web::test]
async fn a_family_that_nobody_asked_agrees_and_takes_it_back() {
    let world = World::new().await;
    let referral = not_asked(&world).await;
    let path = format!("{referral}/consent");
    let before = world.app.get(&world.officer, &referral).await.expect(200);
    assert!(before.body.get("consents").is_none());
    let agreed = world.app.post(&world.charnwood, &path, &said("yes", today())).await.expect(201);
    assert_eq!(agreed.body["consents"][0]["given"], "yes");
    assert_eq!(agreed.body["consents"][0]["recorded_by"], json!(world.charnwood.name));
    // What the referral told stays, and so does the basis on which it was shared.
    for same in ["consent", "lawful_basis"] {
        assert_eq!(agreed.body["contact"][same], before.body["contact"][same], "{same}");
    }
    let alerts = world.app.get(&world.family_worker, "/v1/alerts").await.expect(200);
    assert!(alerts.body["items"].as_array().unwrap().iter().all(|one| one["kind"] != "consent_withdrawn"));
    world.app.post(&world.family_worker, &path, &said("withdrawn", today())).await.expect(201);
    let whole = world.app.get(&world.officer, &referral).await.expect(200);
    let history: Vec<&str> =
        whole.body["consents"].as_array().unwrap().iter().map(|one| one["given"].as_str().unwrap()).collect();
    assert_eq!(history, ["yes", "withdrawn"]);
    let alerts = world.app.get(&world.family_worker, "/v1/alerts").await.expect(200);
    assert!(alerts.body["items"].as_array().unwrap().iter().any(|one| one["kind"] == "consent_withdrawn"));
    let id = referral.rsplit('/').next().unwrap();
    let told = world.events(id, "referral.consent_recorded.v1").await;
    let moves: Vec<(&Value, &Value)> = told.iter().map(|one| (&one["before"], &one["given"])).collect();
    assert_eq!(moves, [(&json!("not_asked"), &json!("yes")), (&json!("yes"), &json!("withdrawn"))]);
    assert!(told[0].get("words").is_none() && told[0].get("by").is_none());
    let lines = world.app.get(&world.officer, &format!("{referral}/history")).await.expect(200);
    let lines = lines.body.as_array().unwrap().iter().filter(|line| line["what"] == "consent_recorded").count();
    assert_eq!(lines, 2);
}

#[actix_web::test]
async fn a_day_that_can_t_be_and_unknown_words_are_refused() {
    let world = World::new().await;
    let path = format!("{}/consent", not_asked(&world).await);
    let worker = &world.family_worker;
    for (wrong, pointers) in [
        (said("yes", today() + Days::new(2)), vec!["/on"]),
        (said("yes", today() - Days::new(2)), vec!["/on"]),
        (said("withdrawn", today()), vec!["/given"]),
        (said("not_asked", today()), vec!["/given"]),
        (json!({ "given": "perhaps", "by": " ", "on": today(), "shoe": 1 }), vec!["/by", "/given", "/shoe"]),
        (json!({}), vec!["/by", "/given", "/on"]),
    ] {
        assert_eq!(world.app.post(worker, &path, &wrong).await.expect(422).pointers(), pointers);
    }
}

#[actix_web::test]
async fn who_works_on_the_referral_records_it_and_nobody_else() {
    let world = World::new().await;
    let referral = not_asked(&world).await;
    let path = format!("{referral}/consent");
    let body = said("no", today());
    for (who, status) in [
        (&world.school, 403),
        (&world.other_school, 404),
        (&world.melton, 404),
        (&world.justice_worker, 404),
        (&world.analyst, 404),
    ] {
        assert_eq!(world.app.post(who, &path, &body).await.status, status, "{}", who.name);
    }
    let key = "consent-once";
    world.app.post_with(&world.manager, &path, key, None, &body).await.expect(201);
    let again = world.app.post_with(&world.manager, &path, key, None, &body).await.expect(201);
    assert_eq!(again.body["consents"].as_array().unwrap().len(), 1);
    let followed = world.app.get(&world.school, &referral).await.expect(200);
    assert!(followed.body.get("consents").is_none(), "the referrer sees where it stands");
}
