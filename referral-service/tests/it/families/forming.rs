//! Forming a family, and who may.

use serde_json::json;

use super::youth_worker;
use crate::world::World;

#[actix_web::test]
async fn a_family_is_formed_of_the_people_the_referral_names() {
    let world = World::new().await;
    let (referral, allocation) = world.accepted().await;
    let formed =
        world.app.post(&world.family_worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    assert!(formed.body["reference"].as_str().unwrap().starts_with("F-"));
    assert_eq!((formed.body["name"].as_str(), formed.body["locality"].as_str()), (Some("Testcase"), Some("charnwood")));
    let roles: Vec<&str> =
        formed.body["members"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["child", "parent"]);
    assert_eq!(formed.body["state"], "known");
    assert_eq!(formed.body["view"], "full");
    let path = format!("/v1/families/{}", formed.id());
    let read = world.app.get(&world.family_worker, &path).await.expect(200);
    assert_eq!(read.body, formed.body);
    // Formed again from the same referral, it is the same family.
    let again = world.app.post(&world.family_worker, "/v1/families", &json!({ "allocation_id": allocation })).await;
    assert_eq!(again.expect(201).id(), formed.id());
    // The child's access log says so.
    let child = read.body["members"][0]["person_id"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let log = world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
    let looks: Vec<&str> =
        log.body["items"].as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    assert!(looks.contains(&"family.read") && looks.contains(&"family.form"), "{looks:?}");
    assert_eq!(world.status(&referral).await, "in_service");
}

#[actix_web::test]
async fn only_the_team_that_accepted_forms_the_family_and_only_then() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let body = json!({ "allocation_id": allocation });
    world.app.post(&world.family_worker, "/v1/families", &body).await.expect(409);
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    for (who, status) in [
        (&world.officer, 403),
        (&world.charnwood, 403),
        (&world.school, 403),
        (&world.analyst, 403),
        (&world.justice_worker, 422),
        (&youth_worker(), 422),
    ] {
        let refused = world.app.post(who, "/v1/families", &body).await;
        assert_eq!(refused.status, status, "{} {}", who.name, refused.body);
    }
    let both = json!({ "allocation_id": allocation, "people": [{ "person_id": allocation, "role": "child" }] });
    let none = json!({ "name": "Nobody" });
    for wrong in [both, none] {
        let refused = world.app.post(&world.family_worker, "/v1/families", &wrong).await.expect(422);
        assert_eq!(refused.pointers(), ["/allocation_id"]);
    }
    let nowhere = json!({ "allocation_id": allocation, "locality": "atlantis" });
    let refused = world.app.post(&world.family_worker, "/v1/families", &nowhere).await.expect(422);
    assert_eq!(refused.pointers(), ["/locality"]);
    let key = "form-once";
    let made = world.app.post_with(&world.family_worker, "/v1/families", key, None, &body).await.expect(201);
    let replayed = world.app.post_with(&world.family_worker, "/v1/families", key, None, &body).await.expect(201);
    assert_eq!(made.id(), replayed.id());
}

#[actix_web::test]
async fn a_second_service_on_the_same_referral_finds_the_family_that_is_there() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let mut all = world.app.database.all_seeing().await;
    let id = family.rsplit('/').next().unwrap();
    // A supporting service of the same referral, as the hub's decision makes it.
    use diesel_async::SimpleAsyncConnection;
    all.batch_execute(&format!(
        "INSERT INTO allocation (id, referral_id, service, status, offered_at, version, part)
             SELECT '01a20158-0000-7000-8000-000000000001', referral_id, 'youth-work', 'accepted', '2026-01-01', 1, 'supporting'
             FROM family_referral WHERE family_id = '{id}';
         INSERT INTO record_scope SELECT '01a20158-0000-7000-8000-000000000001', 'allocation', 'team:youth-work', 'full', 'accepted', '2026-01-01';
         INSERT INTO record_scope SELECT referral_id, 'referral', 'team:youth-work', 'full', 'in_service', '2026-01-01'
             FROM family_referral WHERE family_id = '{id}'"
    ))
    .await
    .unwrap();
    let other = youth_worker();
    world.app.get(&other, &family).await.expect(404);
    let body = json!({ "allocation_id": "01a20158-0000-7000-8000-000000000001" });
    let joined = world.app.post(&other, "/v1/families", &body).await.expect(201);
    assert_eq!(joined.id(), id);
    assert_eq!(joined.body["view"], "full");
    assert_eq!(joined.body["members"].as_array().unwrap().len(), 2);
}
