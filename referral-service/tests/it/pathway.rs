//! Joining and leaving the pathway from birth to two, and the checks that belong to a time on it.

use chrono::{Days, Months};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use crate::families::today;
use crate::groups::{carys, codes, colleague, day};
use crate::world::World;

/// A child of so many months whom the children's centre knows: its path.
async fn child(world: &World, months: u32) -> String {
    let birth = (today() - Months::new(months)).to_string();
    format!("/v1/people/{}", world.person(&carys(), "Rowan", Some(&birth)).await)
}

fn joining(days_ago: u64) -> Value {
    json!({ "service": "childrens-centre", "centre": "Invented Street", "joined_on": day(days_ago),
            "told_by": { "name": "Willow Invented", "is": "mother" } })
}

fn leaving(days_ago: u64, because: &str) -> Value {
    json!({ "left_on": day(days_ago), "because": because })
}

/// Lets a child join: the address of its membership.
async fn joined(world: &World, child: &str, days_ago: u64) -> String {
    let path = format!("{child}/pathway-memberships");
    format!("{path}/{}", world.app.post(&carys(), &path, &joining(days_ago)).await.expect(201).id())
}

#[actix_web::test]
async fn a_child_joins_leaves_and_joins_again() {
    let world = World::new().await;
    let child = child(&world, 12).await;
    let path = format!("{child}/pathway-memberships");
    let first = world.app.post_with(&carys(), &path, "once", None, &joining(100)).await.expect(201);
    assert_eq!((&first.body["centre"], &first.body["told_by"]["is"]), (&json!("Invented Street"), &json!("mother")));
    assert_eq!(first.body.get("left"), None);
    let again = world.app.post_with(&carys(), &path, "once", None, &joining(100)).await.expect(201);
    assert_eq!(again.body, first.body);
    let membership = format!("{path}/{}", first.id());
    assert_eq!(world.app.get(&colleague(), &membership).await.expect(200).body, first.body);
    let mut left = leaving(50, "moved-away");
    left["words"] = json!("To Leeds.");
    let leave = format!("{membership}/leaving");
    world.app.post(&carys(), &leave, &left).await.expect(428);
    world.app.post_on(&carys(), &leave, "\"9-pathway\"", &left).await.expect(412);
    let etag = world.app.get(&carys(), &membership).await.expect(200).etag();
    let done = world.app.post_with(&carys(), &leave, "twice", Some(&etag), &left).await.expect(200);
    assert_eq!((&done.body["left"]["on"], &done.body["left"]["words"]), (&json!(day(50)), &json!("To Leeds.")));
    let again = world.app.post_with(&carys(), &leave, "twice", Some(&etag), &left).await.expect(200);
    assert_eq!(again.body, done.body);
    let gone = world.step(&carys(), &membership, "leaving", &left).await.expect(409);
    assert_eq!(gone.body["detail"], "the child has left the pathway already");
    joined(&world, &child, 40).await;
    let list = world.app.get(&carys(), &path).await.expect(200).body;
    let days: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["joined_on"]).collect();
    assert_eq!(days, [&json!(day(40)), &json!(day(100))]);
    let told = world.told("pathway.joined.v1").await;
    assert_eq!(
        (told.len(), &told[0]["service"], &told[0]["joined_on"]),
        (2, &json!("childrens-centre"), &json!(day(100)))
    );
    let months = |field: &str| told[1][field].as_i64().unwrap();
    assert!((23..=24).contains(&(months("age_months") + months("months_to_go"))), "{}", told[1]);
    let ended = &world.told("pathway.left.v1").await[0];
    assert_eq!((&ended["because"], &ended["membership_id"]), (&json!("moved-away"), &json!(first.id())));
    for event in told.iter().chain([ended]) {
        for private in ["Willow", "Invented", "Leeds", "birth"] {
            assert!(!event.to_string().contains(private), "{event}");
        }
    }
}

#[actix_web::test]
async fn joining_names_every_mistake() {
    let world = World::new().await;
    let baby = child(&world, 12).await;
    let path = format!("{baby}/pathway-memberships");
    let mut wrong = joining(0);
    wrong["service"] = json!("youth-work");
    wrong["joined_on"] = json!(today() + Days::new(1));
    let refused = world.app.post(&carys(), &path, &wrong).await.expect(422);
    assert_eq!(
        codes(&refused),
        [("/service".to_owned(), "not_yours".to_owned()), ("/joined_on".to_owned(), "in_the_future".to_owned())]
    );
    let blank = json!({ "service": "childrens-centre", "joined_on": day(0), "told_by": { "name": " ", "is": "" } });
    let refused = world.app.post(&carys(), &path, &blank).await.expect(422);
    assert_eq!(refused.pointers(), ["/told_by/is", "/told_by/name"]);
    let unborn = world.app.post(&carys(), &path, &joining(400)).await.expect(422);
    assert_eq!(codes(&unborn), [("/joined_on".to_owned(), "out_of_order".to_owned())]);
    // The pathway's last day, and the day after it.
    joined(&world, &child(&world, 24).await, 0).await;
    let born = (today() - Months::new(24) - Days::new(1)).to_string();
    let elder = format!("/v1/people/{}/pathway-memberships", world.person(&carys(), "Elder", Some(&born)).await);
    let refused = world.app.post(&carys(), &elder, &joining(0)).await.expect(422);
    assert_eq!(codes(&refused), [("/joined_on".to_owned(), "too_old".to_owned())]);
    let ageless = format!("/v1/people/{}/pathway-memberships", world.person(&carys(), "Ageless", None).await);
    let refused = world.app.post(&carys(), &ageless, &joining(0)).await.expect(422);
    assert_eq!(codes(&refused), [("/joined_on".to_owned(), "no_birth_date".to_owned())]);
    world.app.get(&carys(), &format!("{path}?colour=blue")).await.expect(400);
}

#[actix_web::test]
async fn a_child_is_on_the_pathway_once() {
    let world = World::new().await;
    let child = child(&world, 12).await;
    let path = format!("{child}/pathway-memberships");
    let first = joined(&world, &child, 100).await;
    let twice = world.app.post(&carys(), &path, &joining(10)).await.expect(409);
    assert_eq!(twice.body["detail"], "the child is on the pathway already");
    world.step(&carys(), &first, "leaving", &leaving(50, "declined")).await.expect(200);
    let early = world.app.post(&carys(), &path, &joining(51)).await.expect(422);
    assert_eq!(codes(&early), [("/joined_on".to_owned(), "out_of_order".to_owned())]);
    joined(&world, &child, 50).await;
    // A team that sees the child and not its membership is told that there is one, and not where.
    let other = Person::new("sam", "county-council", Role::ServiceWorker).team("youth-work");
    let person = child.rsplit('/').next().unwrap();
    let mut all = world.app.database.all_seeing().await;
    diesel_async::SimpleAsyncConnection::batch_execute(
        &mut all,
        &format!("INSERT INTO record_scope VALUES ('{person}', 'person', 'team:youth-work', 'full', 'known', now())"),
    )
    .await
    .unwrap();
    assert_eq!(world.app.get(&other, &path).await.expect(200).body["items"], json!([]));
    let mut elsewhere = joining(5);
    elsewhere["service"] = json!("youth-work");
    let refused = world.app.post(&other, &path, &elsewhere).await.expect(409);
    assert_eq!(refused.body["detail"], "the child is on the pathway already");
    world.app.get(&other, &first).await.expect(404);
}

#[actix_web::test]
async fn leaving_names_every_mistake() {
    let world = World::new().await;
    let child = child(&world, 12).await;
    let membership = joined(&world, &child, 20).await;
    let refused = world.step(&carys(), &membership, "leaving", &leaving(21, "bored")).await.expect(422);
    assert_eq!(refused.pointers(), ["/because", "/left_on"]);
    let wrong = json!({ "left_on": today() + Days::new(1), "because": "other" });
    let refused = world.step(&carys(), &membership, "leaving", &wrong).await.expect(422);
    assert_eq!(
        codes(&refused),
        [("/left_on".to_owned(), "in_the_future".to_owned()), ("/words".to_owned(), "required".to_owned())]
    );
    let mut other = leaving(20, "other");
    other["words"] = json!("Her grandmother looks after her now.");
    world.step(&carys(), &membership, "leaving", &other).await.expect(200);
    for because in ["aged-out", "moved-away", "declined", "stepped-up"] {
        let again = joined(&world, &child, 0).await;
        world.step(&carys(), &again, "leaving", &leaving(0, because)).await.expect(200);
    }
}

#[actix_web::test]
async fn a_service_that_sees_the_child_keeps_it_and_nobody_else() {
    let world = World::new().await;
    let child = child(&world, 12).await;
    let path = format!("{child}/pathway-memberships");
    let membership = joined(&world, &child, 20).await;
    let etag = world.app.get(&carys(), &membership).await.expect(200).etag();
    let leave = format!("{membership}/leaving");
    for who in [&world.family_worker, &world.charnwood, &world.school, &world.analyst] {
        world.app.get(who, &path).await.expect(404);
        world.app.get(who, &membership).await.expect(404);
        world.app.post(who, &path, &joining(1)).await.expect(404);
        world.app.post_on(who, &leave, &etag, &leaving(1, "declined")).await.expect(404);
    }
    for who in [&world.officer, &world.manager] {
        world.app.get(who, &path).await.expect(403);
        world.app.get(who, &membership).await.expect(403);
        world.app.post(who, &path, &joining(1)).await.expect(403);
        world.app.post_on(who, &leave, &etag, &leaving(1, "declined")).await.expect(403);
    }
    world.app.get(&carys(), &format!("{path}/{}", uuid::Uuid::now_v7())).await.expect(404);
    // Who is excluded from the child is so from its time on the pathway.
    let person = child.rsplit('/').next().unwrap();
    let exclusion = json!({ "effect": "exclude", "user_id": colleague().id, "reason": "A relative (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{person}/restrictions"), &exclusion).await.expect(201);
    world.app.get(&colleague(), &membership).await.expect(404);
    world.app.get(&carys(), &membership).await.expect(200);
}

#[actix_web::test]
async fn a_check_belongs_to_the_time_on_the_pathway_that_holds_its_day() {
    let world = World::new().await;
    let child = child(&world, 20).await;
    let checks = format!("{child}/development-checks");
    let check = |days_ago: u64| {
        json!({ "service": "childrens-centre", "checked_on": day(days_ago),
                "judgements": [{ "area": "physical", "judgement": "meeting" }] })
    };
    // One before the child joined is taken as well, and belongs to none.
    world.app.post(&carys(), &checks, &check(200)).await.expect(201);
    world.app.post(&carys(), &checks, &check(90)).await.expect(201);
    let first = joined(&world, &child, 100).await;
    let id = |membership: &str| json!(membership.rsplit('/').next().unwrap());
    world.step(&carys(), &first, "leaving", &leaving(50, "declined")).await.expect(200);
    let second = joined(&world, &child, 30).await;
    let made = world.app.post(&carys(), &checks, &check(10)).await.expect(201);
    assert_eq!(made.body["membership_id"], id(&second));
    world.app.post(&carys(), &checks, &check(40)).await.expect(201);
    let seen = world.app.get(&carys(), &checks).await.expect(200).body;
    let belongs: Vec<&Value> = seen["checks"].as_array().unwrap().iter().map(|check| &check["membership_id"]).collect();
    assert_eq!(belongs, [&Value::Null, &id(&first), &Value::Null, &id(&second)]);
}
