//! How small children develop: checks by age and area, corrected and never changed, and the way between them.

use chrono::{Days, Months};
use diesel_async::SimpleAsyncConnection;
use referral_service::development::store::CHECKS;
use serde_json::{Value, json};

use crate::families::today;
use crate::groups::carys;
use crate::missing::plan;
use crate::world::World;

/// A child of so many months whom the children's centre knows: its path.
async fn child(world: &World, months: u32) -> String {
    let birth = (today() - Months::new(months)).to_string();
    format!("/v1/people/{}/development-checks", world.person(&carys(), "Rowan", Some(&birth)).await)
}

fn check(days_ago: u64, judgements: &[(&str, &str)]) -> Value {
    let areas: Vec<Value> =
        judgements.iter().map(|(area, judgement)| json!({ "area": area, "judgement": judgement })).collect();
    json!({ "service": "childrens-centre", "checked_on": today() - Days::new(days_ago), "judgements": areas, "words": "Points and babbles." })
}

const ALL: [(&str, &str); 3] =
    [("communication-and-language", "below"), ("physical", "exceeding"), ("personal-social-and-emotional", "meeting")];

#[actix_web::test]
async fn a_child_is_followed_from_check_to_check_in_each_area() {
    let world = World::new().await;
    let path = child(&world, 20).await;
    let first = world.app.post_with(&carys(), &path, "once", None, &check(300, &ALL)).await.expect(201);
    assert_eq!(first.body["judgements"].as_array().unwrap().len(), 3);
    assert!((9..=10).contains(&first.body["age_months"].as_i64().unwrap()));
    let again = world.app.post_with(&carys(), &path, "once", None, &check(300, &ALL)).await.expect(201);
    assert_eq!(again.body, first.body);
    let second =
        world.app.post(&carys(), &path, &check(30, &[("communication-and-language", "below")])).await.expect(201);
    // She had misread her sheet: it is corrected, and both are kept.
    let mut right = check(30, &[("communication-and-language", "meeting")]);
    right["corrects"] = json!(second.id());
    let corrected = world.app.post(&carys(), &path, &right).await.expect(201);
    assert_eq!(corrected.body["corrects"], second.id());
    assert_eq!(world.app.post(&carys(), &path, &right).await.expect(422).pointers(), ["/corrects"]);
    let seen = world.app.get(&carys(), &path).await.expect(200).body;
    assert_eq!(seen["checks"].as_array().unwrap().len(), 3);
    assert_eq!(seen["checks"].as_array().unwrap().iter().filter(|one| one["corrected"] == true).count(), 1);
    let language =
        seen["trajectory"].as_array().unwrap().iter().find(|one| one["area"] == "communication-and-language").unwrap();
    let points: Vec<&Value> = language["points"].as_array().unwrap().iter().map(|point| &point["judgement"]).collect();
    assert_eq!(points, [&json!("below"), &json!("meeting")]);
    assert_eq!(world.app.get(&carys(), &format!("{path}/{}", second.id())).await.expect(200).body["corrected"], true);
    world.app.get(&carys(), &format!("{path}/{}", uuid::Uuid::now_v7())).await.expect(404);
    let told = world.told("development.checked.v1").await;
    assert_eq!(told.len(), 3);
    assert_eq!(
        (&told[2]["corrects"], &told[2]["judgements"][0]["judgement"]),
        (&json!(second.id()), &json!("meeting"))
    );
    assert!(!told[0].to_string().contains("babbles"));
}

#[actix_web::test]
async fn a_check_names_every_mistake() {
    let world = World::new().await;
    let path = child(&world, 20).await;
    let mut wrong = check(0, &[("knitting", "meeting"), ("physical", "meeting"), ("physical", "below")]);
    wrong["service"] = json!("youth-work");
    wrong["words"] = json!("Said.");
    wrong["corrects"] = json!(uuid::Uuid::now_v7());
    let refused = world.app.post(&carys(), &path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/corrects", "/judgements/0/area", "/judgements/2/area", "/service"]);
    let mut to_come = check(0, &ALL);
    to_come["checked_on"] = json!(today() + Days::new(1));
    assert_eq!(world.app.post(&carys(), &path, &to_come).await.expect(422).pointers(), ["/checked_on"]);
    assert_eq!(world.app.post(&carys(), &path, &check(0, &[])).await.expect(422).pointers(), ["/judgements"]);
    let odd = check(0, &[("physical", "brilliant")]);
    assert_eq!(world.app.post(&carys(), &path, &odd).await.expect(422).pointers(), ["/judgements/0/judgement"]);
    // Before the child was born, and on the pathway's last day and the day after it.
    let unborn = world.app.post(&carys(), &path, &check(700, &ALL)).await.expect(422);
    assert_eq!(unborn.body["errors"][0]["code"], "out_of_order");
    let two = child(&world, 24).await;
    world.app.post(&carys(), &two, &check(0, &ALL)).await.expect(201);
    let older = format!(
        "/v1/people/{}/development-checks",
        world.person(&carys(), "Elder", Some(&(today() - Months::new(24) - Days::new(1)).to_string())).await
    );
    let refused = world.app.post(&carys(), &older, &check(0, &ALL)).await.expect(422);
    assert_eq!(
        (refused.pointers(), &refused.body["errors"][0]["code"]),
        (vec!["/checked_on".to_owned()], &json!("too_old"))
    );
    let ageless = format!("/v1/people/{}/development-checks", world.person(&carys(), "Ageless", None).await);
    let refused = world.app.post(&carys(), &ageless, &check(0, &ALL)).await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "no_birth_date");
    world.app.post(&carys(), &path, &check(5, &ALL)).await.expect(201);
    let twice = world.app.post(&carys(), &path, &check(5, &ALL)).await.expect(409);
    assert_eq!(twice.body["detail"], "the child was checked on that day already: correct that check");
}

#[actix_web::test]
async fn a_service_that_sees_the_child_records_and_others_do_not_read_it() {
    let world = World::new().await;
    let path = child(&world, 20).await;
    let made = world.app.post(&carys(), &path, &check(5, &ALL)).await.expect(201);
    for who in [&world.family_worker, &world.charnwood, &world.school, &world.analyst] {
        world.app.get(who, &path).await.expect(404);
        world.app.post(who, &path, &check(4, &ALL)).await.expect(404);
    }
    for who in [&world.officer, &world.manager] {
        world.app.get(who, &path).await.expect(403);
        world.app.get(who, &format!("{path}/{}", made.id())).await.expect(403);
        world.app.post(who, &path, &check(4, &ALL)).await.expect(403);
    }
    // Who comes to know the child later sees that there is one, and none of what another team found.
    let person = path.split('/').nth(3).unwrap();
    let body = json!({ "people": [{ "person_id": person, "role": "child" }], "locality": "charnwood" });
    let family = world.app.post(&carys(), "/v1/families", &body).await.expect(201).id();
    let mut form = check(2, &ALL);
    form["words"] = json!("At home.");
    let with_family = world.app.post(&carys(), &path, &form).await.expect(201);
    assert_eq!(world.told("development.checked.v1").await[1]["family_id"], json!(family));
    assert_eq!(world.told("development.checked.v1").await[1]["locality"], "charnwood");
    world.app.get(&carys(), &format!("{path}/{}", with_family.id())).await.expect(200);
}

#[actix_web::test]
async fn a_child_s_checks_are_read_by_their_index() {
    let world = World::new().await;
    let path = child(&world, 20).await;
    world.app.post(&carys(), &path, &check(5, &ALL)).await.expect(201);
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 20000) n;
         INSERT INTO person SELECT id, 'A', 'B', '2025-01-01', 'a' || n, 'b' || n, 1 FROM many;
         INSERT INTO development_check SELECT id, id, NULL, 'x', NULL, '2025-06-01', 5, NULL, NULL, '2025-06-01', id, 'x' FROM many;
         INSERT INTO development_judgement SELECT id, 'physical', 'meeting' FROM many;
         INSERT INTO record_scope SELECT id, 'development_check', 'team:x', 'full', 'completed', '2025-06-01' FROM many;
         ANALYZE",
    )
    .await
    .unwrap();
    let person = format!("'{}'::uuid", path.split('/').nth(3).unwrap());
    let plan = plan(&world, &carys(), CHECKS, &[person.as_str()]).await;
    assert!(plan.contains("development_check_person"), "{plan}");
    assert!(!plan.contains("Seq Scan on development"), "{plan}");
}
