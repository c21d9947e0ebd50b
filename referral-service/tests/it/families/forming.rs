//! Forming a family, and who may.

use serde_json::{Value, json};

use super::{today, youth_worker};
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

/// The allocation of a referral told with this form, which intensive family support accepted.
async fn accepted_of(world: &World, form: &Value) -> String {
    let id = world.app.post(&world.school, "/v1/referrals", form).await.expect(201).id();
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    allocation
}

/// A child who lives with her mother, and with her father.
fn two_homes() -> Value {
    let mut form = World::form();
    let child =
        json!({ "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03" });
    let mut with_father = child.clone();
    with_father["household"] = json!(1);
    form["people"] = json!([
        child,
        { "relation": "parent", "given_name": "Willow", "family_name": "Testcase" },
        { "relation": "parent", "given_name": "Alder", "family_name": "Testcase", "household": 1 },
        with_father,
    ]);
    form["households"] = json!([{ "address": "1 Example Street, Testford", "postcode": "ZZ99 1AA" },
        { "address": "2 Sample Road, Testford" }]);
    form["relationships"] = json!([
        { "person": 1, "kinship": "parent_of", "of": 0 },
        { "person": 2, "kinship": "step_parent_of", "of": 3 },
        { "person": 2, "kinship": "former_partner_of", "of": 1 },
    ]);
    form
}

#[actix_web::test]
async fn what_the_referral_tells_of_homes_and_relationships_is_the_family_s_and_nobody_types_it_again() {
    let world = World::new().await;
    let allocation = accepted_of(&world, &two_homes()).await;
    let body = json!({ "allocation_id": allocation });
    let formed = world.app.post(&world.family_worker, "/v1/families", &body).await.expect(201);
    let members: Vec<(&str, bool, bool)> = formed.body["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let said = |what: &str| one[what].as_bool().unwrap();
            (one["given_name"].as_str().unwrap(), said("in_household"), said("main_household"))
        })
        .collect();
    assert_eq!(members, [("Juniper", true, true), ("Willow", true, true), ("Alder", false, false)]);
    let addresses: Vec<(&str, &Value, bool, &Value)> = formed.body["addresses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["address"].as_str().unwrap(), &one["postcode"], one["main"].as_bool().unwrap(), &one["from_date"])
        })
        .collect();
    let today = json!(today());
    let first = ("1 Example Street, Testford", &json!("ZZ99 1AA"), true, &today);
    assert_eq!(addresses, [first, ("2 Sample Road, Testford", &Value::Null, false, &today)]);
    let person = |given: &str| {
        formed.body["members"].as_array().unwrap().iter().find(|one| one["given_name"] == given).unwrap()["person_id"]
            .clone()
    };
    let mut ties: Vec<(&str, &Value, &Value)> = formed.body["relationships"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), &one["person_id"], &one["other_id"]))
        .collect();
    ties.sort_by_key(|one| one.0);
    let (child, mother, father) = (person("Juniper"), person("Willow"), person("Alder"));
    assert_eq!(
        ties,
        [("former_partner_of", &father, &mother), ("parent_of", &mother, &child), ("step_parent_of", &father, &child)]
    );
    // Formed again, nothing is there twice; and what was taken over is refused as any other if it is typed again.
    let again = world.app.post(&world.family_worker, "/v1/families", &body).await.expect(201);
    assert_eq!(
        (&again.body["addresses"], &again.body["relationships"]),
        (&formed.body["addresses"], &formed.body["relationships"])
    );
    let family = format!("/v1/families/{}", formed.id());
    let same = json!({ "person_id": mother, "kind": "former_partner_of", "other_id": father });
    assert_eq!(
        world.step(&world.family_worker, &family, "relationships", &same).await.expect(422).pointers(),
        ["/kind"]
    );
}

#[actix_web::test]
async fn what_the_body_says_goes_before_what_the_referral_tells() {
    let world = World::new().await;
    let mut form = World::form();
    form["people"][0]["address"] = json!("1 Example Street, Testford");
    form["people"][1]["address"] = json!("1 EXAMPLE STREET, Testford");
    let allocation = accepted_of(&world, &form).await;
    let body = json!({ "allocation_id": allocation, "name": "Testcase (Willow)", "locality": "melton" });
    let formed = world.app.post(&world.family_worker, "/v1/families", &body).await.expect(201);
    assert_eq!(
        (formed.body["name"].as_str(), formed.body["locality"].as_str()),
        (Some("Testcase (Willow)"), Some("melton"))
    );
    assert_eq!(formed.body["addresses"].as_array().unwrap().len(), 1, "one place, however it is written");
    assert!(formed.body["members"].as_array().unwrap().iter().all(|one| one["in_household"] == true));
}

#[actix_web::test]
async fn of_a_referral_that_is_hidden_nothing_comes_along() {
    let world = World::new().await;
    let allocation = accepted_of(&world, &two_homes()).await;
    let path = format!("/v1/allocations/{allocation}");
    let referral = world.app.get(&world.family_worker, &path).await.expect(200).body["referral_id"].clone();
    let whole =
        world.app.get(&world.officer, &format!("/v1/referrals/{}", referral.as_str().unwrap())).await.expect(200);
    let father = whole.body["people"][2]["person_id"].as_str().unwrap().to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.family_worker.id, "reason": "Their own brother." });
    world.app.post(&world.governance, &format!("/v1/people/{father}/restrictions"), &exclude).await.expect(201);
    world.app.advance(chrono::TimeDelta::seconds(1));
    let body = json!({ "allocation_id": allocation });
    let refused = world.app.post(&world.family_worker, "/v1/families", &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/allocation_id"]);
    let formed = world.app.post(&super::senior(), "/v1/families", &body).await.expect(201);
    assert_eq!(formed.body["addresses"].as_array().unwrap().len(), 2);
    world.app.get(&world.family_worker, &format!("/v1/families/{}", formed.id())).await.expect(404);
}
