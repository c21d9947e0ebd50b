//! What is heard while a child is missing.

use serde_json::{Value, json};

use super::{ago, back, kit, police, report, reported, step};
use crate::world::World;

fn seen(hours_ago: i64) -> Value {
    json!({ "seen_at": ago(hours_ago), "place": "The bus station (invented)", "told_by": "A bus driver (invented)" })
}

#[actix_web::test]
async fn what_is_heard_is_added_and_a_risk_that_rises_alerts_again() {
    let world = World::new().await;
    let id = reported(&world, "Hazel", 5).await;
    let path = format!("/v1/missing-episodes/{id}");
    let updates = format!("{path}/updates");
    let alerts = async || {
        let page = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
        page.body["items"].as_array().unwrap().len()
    };
    assert_eq!(alerts().await, 1);
    let told = world.app.post(&world.charnwood, &updates, &json!({ "sighting": seen(2) })).await.expect(201);
    assert_eq!(told.body["updates"][0]["seen_place"], "The bus station (invented)");
    assert_eq!(alerts().await, 1, "a sighting alone alerts nobody");
    // The police add to what they reported, and read nothing of what others added.
    let high = json!({ "risk_level": "high", "note": "Her telephone is off." });
    let force = police();
    let by_police = world.app.post_with(&force, &updates, "once", None, &high).await.expect(201);
    assert_eq!((&by_police.body["view"], by_police.body.get("updates")), (&json!("status"), None));
    world.app.post_with(&force, &updates, "once", None, &high).await.expect(201);
    assert_eq!(alerts().await, 2);
    world.app.post(&world.officer, &updates, &json!({ "risk_level": "high" })).await.expect(201);
    assert_eq!(alerts().await, 2, "it was high already");
    let full = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(full.body["updates"].as_array().unwrap().len(), 3);
    assert_eq!(
        (&full.body["updates"][1]["risk_level"], &full.body["updates"][1]["agency"]),
        (&json!("high"), &json!("police"))
    );
    assert_eq!(full.body["account"]["risk_level"], "medium", "the report stays as it was told");
    let list = world.app.get(&world.officer, "/v1/missing-episodes").await.expect(200);
    assert_eq!(list.body["items"][0]["child"]["risk_level"], "high");
    let event = &world.events(&id, "missing.updated.v1").await[1];
    assert_eq!((&event["risk_level"], &event["seen_at"]), (&json!("high"), &Value::Null));
    // All of them end with the return, and nothing is added any more.
    step(&world, &police(), &id, "return", &back(1)).await.expect(200);
    assert_eq!(alerts().await, 0);
    let late = world.app.post(&world.officer, &updates, &json!({ "risk_level": "low" })).await.expect(409);
    assert_eq!(late.body["detail"], "the child's return is recorded already");
}

#[actix_web::test]
async fn a_district_that_becomes_known_gives_the_episode_to_its_hub() {
    let world = World::new().await;
    let mut form = report("Hazel", 5);
    form["locality"] = Value::Null;
    let id = world.app.post(&police(), "/v1/missing-episodes", &form).await.expect(201).id();
    let path = format!("/v1/missing-episodes/{id}");
    let updates = format!("{path}/updates");
    world.app.get(&world.charnwood, &path).await.expect(404);
    let told = world.app.post(&police(), &updates, &json!({ "locality": "charnwood" })).await.expect(201);
    assert_eq!(told.body["locality"], "charnwood");
    let hub = world.app.get(&world.charnwood, &path).await.expect(200);
    assert_eq!((&hub.body["view"], &hub.body["updates"][0]["locality"]), (&json!("full"), &json!("charnwood")));
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["about"], path.as_str());
    let officer = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(officer.body["items"].as_array().unwrap().len(), 1, "First Response knew");
    let again = world.app.post(&world.officer, &updates, &json!({ "locality": "melton" })).await.expect(422);
    assert_eq!(
        (again.pointers(), &again.body["errors"][0]["code"]),
        (vec!["/locality".to_owned()], &json!("known_already"))
    );
}

#[actix_web::test]
async fn what_is_added_names_every_mistake_and_is_refused_to_who_may_not() {
    let world = World::new().await;
    let id = reported(&world, "Hazel", 5).await;
    let updates = format!("/v1/missing-episodes/{id}/updates");
    let nothing = world.app.post(&world.officer, &updates, &json!({ "note": "x" })).await.expect(422);
    assert_eq!(nothing.pointers(), ["/risk_level"]);
    let wrong = json!({ "risk_level": "some", "sighting": seen(9), "locality": "atlantis" });
    let refused = world.app.post(&world.officer, &updates, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/locality", "/locality", "/risk_level", "/sighting/seen_at"]);
    let blank = json!({ "sighting": { "seen_at": ago(1), "place": " ", "told_by": "" } });
    let refused = world.app.post(&world.officer, &updates, &blank).await.expect(422);
    assert_eq!(refused.pointers(), ["/sighting/place", "/sighting/told_by"]);
    let low = json!({ "risk_level": "low" });
    for hidden in [&kit(), &world.melton, &world.school, &world.analyst] {
        world.app.post(hidden, &updates, &low).await.expect(404);
    }
}
