//! Changing a group once it is planned, moving its sessions, and what one person is and was enrolled in.

use chrono::Days;
use serde_json::{Value, json};
use shared::testing::Person;

use crate::families::today;
use crate::groups::{a_group, carys, codes, colleague, day, helper};
use crate::world::World;

/// A group of so many places whose last day is a month away: its address.
async fn running_on(world: &World, capacity: i64) -> String {
    let group = world.app.post(&carys(), "/v1/groups", &still_on(capacity)).await.expect(201).id();
    format!("/v1/groups/{group}")
}

fn still_on(capacity: i64) -> Value {
    let mut plan = a_group(capacity);
    plan["last_day"] = json!(today() + Days::new(30));
    plan
}

/// A session on a day to come: its address.
async fn to_come(world: &World, group: &str, days: u64) -> String {
    let body = json!({ "held_on": today() + Days::new(days) });
    format!("{group}/sessions/{}", world.app.post(&carys(), &format!("{group}/sessions"), &body).await.expect(201).id())
}

#[actix_web::test]
async fn a_plan_is_said_again_and_what_is_left_out_goes() {
    let world = World::new().await;
    let group = running_on(&world, 2).await;
    let ash = world.enrolled(&group, "Ash").await;
    let mut plan = still_on(5);
    plan["title"] = json!("Living with Teenagers, evenings (invented)");
    plan["venue"] = json!("Other Street (invented)");
    plan["note"] = json!("Ring first.");
    plan.as_object_mut().unwrap().remove("last_day");
    plan["first_day"] = json!(day(75));
    let path = format!("{group}/details");
    world.app.post(&carys(), &path, &plan).await.expect(428);
    world.app.post_on(&carys(), &path, "\"0-group\"", &plan).await.expect(412);
    let etag = world.app.get(&carys(), &group).await.expect(200).etag();
    let changed = world.app.post_with(&carys(), &path, "once", Some(&etag), &plan).await.expect(200);
    assert_eq!((&changed.body["title"], &changed.body["capacity"]), (&plan["title"], &json!(5)));
    assert_eq!((&changed.body["first_day"], changed.body.get("last_day")), (&json!(day(75)), None));
    let run = &changed.body["run"];
    assert_eq!((&run["venue"], &run["note"]), (&json!("Other Street (invented)"), &json!("Ring first.")));
    let again = world.app.post_with(&carys(), &path, "once", Some(&etag), &plan).await.expect(200);
    assert_eq!(again.body, changed.body);
    // A colleague who read it before is told that it is another now.
    world.app.post_on(&colleague(), &path, &etag, &plan).await.expect(412);
    // Who is enrolled is so in the group by its new name.
    let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{ash}")).await.expect(200).body;
    assert_eq!(seen["title"], plan["title"]);
    let told = &world.told("group.changed.v1").await[0];
    assert_eq!((&told["capacity"], &told["first_day"], &told["last_day"]), (&json!(5), &json!(day(75)), &Value::Null));
    assert!(!told.to_string().contains("Street"));
}

#[actix_web::test]
async fn a_group_does_not_shrink_under_its_enrolments() {
    let world = World::new().await;
    let group = running_on(&world, 3).await;
    world.enrolled(&group, "Ash").await;
    let bay = world.enrolled(&group, "Bay").await;
    let refused = world.step(&carys(), &group, "details", &still_on(1)).await.expect(422);
    assert_eq!(codes(&refused), [("/capacity".to_owned(), "under_enrolments".to_owned())]);
    assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("the 2 who have a place"));
    world.step(&carys(), &group, "details", &still_on(2)).await.expect(200);
    // Then it is full; and with a place more nobody has it by that alone.
    world.enrolled(&group, "Elm").await;
    let full = world.step(&carys(), &group, "details", &still_on(3)).await.expect(200).body;
    assert_eq!((&full["taken"], &full["waiting"]), (&json!(2), &json!(1)));
    let left = json!({ "because": "moved-away", "words": "To Leeds." });
    world.step(&carys(), &format!("/v1/group-enrolments/{bay}"), "withdrawal", &left).await.expect(200);
    world.step(&carys(), &group, "details", &still_on(1)).await.expect(200);
}

#[actix_web::test]
async fn a_change_names_every_mistake() {
    let world = World::new().await;
    let group = running_on(&world, 3).await;
    let ash = world.enrolled(&group, "Ash").await;
    world.held(&group, 60, &[(&ash, "attended")]).await;
    to_come(&world, &group, 7).await;
    let mut wrong = still_on(3);
    for (field, value) in [
        ("programme", json!("kickboxing")),
        ("service", json!("youth-work")),
        ("first_day", json!(day(59))),
        ("last_day", json!(today() + Days::new(6))),
    ] {
        wrong[field] = value;
    }
    wrong.as_object_mut().unwrap().remove("locality");
    wrong["facilitators"] =
        json!([{ "user_id": helper().id, "name": "Hal" }, { "user_id": helper().id, "name": "Hal" }]);
    let refused = world.step(&carys(), &group, "details", &wrong).await.expect(422);
    assert_eq!(
        refused.pointers(),
        ["/facilitators/1/user_id", "/first_day", "/last_day", "/locality", "/programme", "/service"]
    );
    // Its days end before they begin, and before somebody's place begins.
    let mut ends = still_on(3);
    ends["first_day"] = json!(day(60));
    ends["last_day"] = json!(day(61));
    let refused = world.step(&carys(), &group, "details", &ends).await.expect(422);
    assert!(codes(&refused).contains(&("/last_day".to_owned(), "out_of_order".to_owned())));
    let place =
        json!({ "person": { "given_name": "Bay", "family_name": "Grouptest" }, "from": today() + Days::new(20) });
    world.app.post(&carys(), &format!("{group}/enrolments"), &place).await.expect(201);
    let mut early = still_on(3);
    early["last_day"] = json!(today() + Days::new(19));
    let refused = world.step(&carys(), &group, "details", &early).await.expect(422);
    assert_eq!(codes(&refused), [("/last_day".to_owned(), "before_a_place".to_owned())]);
    let mut none = still_on(0);
    none["colour"] = json!("blue");
    assert_eq!(world.step(&carys(), &group, "details", &none).await.expect(422).pointers(), ["/capacity", "/colour"]);
}

#[actix_web::test]
async fn who_does_not_run_it_changes_nothing_and_nor_does_anyone_once_it_has_ended() {
    let world = World::new().await;
    let group = running_on(&world, 3).await;
    let session = to_come(&world, &group, 7).await;
    world.step(&carys(), &group, "teams", &json!({ "service": "intensive-family-support" })).await.expect(200);
    let etag = world.app.get(&carys(), &group).await.expect(200).etag();
    let moved = json!({ "held_on": today() + Days::new(8), "because": "weather" });
    for who in [&world.family_worker, &world.officer, &world.charnwood] {
        world.app.post_on(who, &format!("{group}/details"), &etag, &still_on(3)).await.expect(403);
        world.app.post_on(who, &format!("{session}/move"), &etag, &moved).await.expect(403);
    }
    for who in [&world.melton, &world.school, &world.analyst] {
        world.app.post_on(who, &format!("{group}/details"), &etag, &still_on(3)).await.expect(404);
        world.app.post_on(who, &format!("{session}/move"), &etag, &moved).await.expect(404);
    }
    world.step(&carys(), &group, "cancellation", &json!({ "because": "too-few" })).await.expect(200);
    let ended = world.step(&carys(), &group, "details", &still_on(3)).await.expect(409);
    assert_eq!(ended.body["detail"], "the group was cancelled");
    let ended = world.step(&carys(), &session, "move", &moved).await.expect(409);
    assert_eq!(ended.body["detail"], "the group was cancelled");
}

#[actix_web::test]
async fn a_facilitator_who_comes_sees_who_is_enrolled_and_one_who_goes_no_more() {
    let world = World::new().await;
    let group = running_on(&world, 3).await;
    let ash = format!("/v1/group-enrolments/{}", world.enrolled(&group, "Ash").await);
    let person = world.app.get(&helper(), &ash).await.expect(200).body["person_id"].as_str().unwrap().to_owned();
    let person = format!("/v1/people/{person}");
    world.app.get(&helper(), &person).await.expect(200);
    let newcomer = &world.family_worker;
    for path in [&group, &ash, &person] {
        world.app.get(newcomer, path).await.expect(404);
    }
    // Somebody hidden from whoever changes it is handed over with the rest.
    let exclusion = json!({ "effect": "exclude", "user_id": helper().id, "reason": "A relative (invented)." });
    let bay = format!("/v1/group-enrolments/{}", world.enrolled(&group, "Bay").await);
    let hidden = world.app.get(&carys(), &bay).await.expect(200).body["person_id"].as_str().unwrap().to_owned();
    world.app.post(&world.governance, &format!("/v1/people/{hidden}/restrictions"), &exclusion).await.expect(201);
    world.app.get(&helper(), &bay).await.expect(404);
    let mut plan = still_on(3);
    plan["facilitators"] = json!([{ "user_id": newcomer.id, "name": "Felix (invented)" }]);
    // The helper gives it on, and is answered with what they gave.
    let given = world.step(&helper(), &group, "details", &plan).await.expect(200);
    assert_eq!(given.body["run"]["facilitators"][0]["name"], "Felix (invented)");
    for path in [&group, &ash, &bay, &person] {
        world.app.get(newcomer, path).await.expect(200);
        world.app.get(&helper(), path).await.expect(404);
        world.app.get(&carys(), path).await.expect(200);
    }
    assert_eq!(world.app.get(newcomer, "/v1/groups").await.expect(200).body["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_session_is_moved_with_its_reason_until_its_register_is_taken() {
    let world = World::new().await;
    let group = running_on(&world, 3).await;
    let ash = world.enrolled(&group, "Ash").await;
    let held = world.held(&group, 3, &[(&ash, "attended")]).await;
    let (session, other) = (to_come(&world, &group, 7).await, to_come(&world, &group, 14).await);
    let to = |days: u64| json!({ "held_on": today() + Days::new(days), "because": "facilitator-away" });
    let path = format!("{session}/move");
    world.app.post(&carys(), &path, &to(8)).await.expect(428);
    world.app.post_on(&carys(), &path, "\"9-session\"", &to(8)).await.expect(412);
    let wrong = json!({ "held_on": today() + Days::new(31), "because": "bored" });
    let refused = world.step(&carys(), &session, "move", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/because", "/held_on"]);
    let early = json!({ "held_on": day(71), "because": "weather" });
    assert_eq!(world.step(&carys(), &session, "move", &early).await.expect(422).pointers(), ["/held_on"]);
    let same = world.step(&carys(), &session, "move", &to(7)).await.expect(422);
    assert_eq!(codes(&same), [("/held_on".to_owned(), "unchanged".to_owned())]);
    let taken = world.step(&carys(), &session, "move", &to(14)).await.expect(409);
    assert_eq!(taken.body["detail"], "the group meets on that day already");
    let etag = world.app.get(&carys(), &session).await.expect(200).etag();
    let moved = world.app.post_with(&carys(), &path, "once", Some(&etag), &to(8)).await.expect(200);
    assert_eq!(
        (&moved.body["held_on"], &moved.body["moved_from"], &moved.body["moved_because"]),
        (&json!(today() + Days::new(8)), &json!(today() + Days::new(7)), &json!("facilitator-away"))
    );
    let again = world.app.post_with(&carys(), &path, "once", Some(&etag), &to(8)).await.expect(200);
    assert_eq!(again.body, moved.body);
    let seen = world.app.get(&world.officer, &group).await.expect(200).body;
    let lines = seen["sessions"].as_array().unwrap();
    assert_eq!(lines.iter().filter(|line| line["moved_because"] == "facilitator-away").count(), 1);
    let told = &world.told("group.session_moved.v1").await[0];
    assert_eq!(
        (&told["moved_from"], &told["held_on"]),
        (&json!(today() + Days::new(7)), &json!(today() + Days::new(8)))
    );
    // One that was held stays, and one that was cancelled too.
    let refused = world.step(&carys(), &held, "move", &to(9)).await.expect(409);
    assert_eq!(refused.body["detail"], "the session was held: its register is taken");
    assert_eq!(world.app.get(&carys(), &other).await.expect(200).body["register"].as_array().unwrap().len(), 1);
    world.step(&carys(), &other, "cancellation", &json!({ "because": "weather" })).await.expect(200);
    world.step(&carys(), &other, "move", &to(9)).await.expect(409);
    assert_eq!(world.app.get(&carys(), &other).await.expect(200).body["register"], json!([]));
}

#[actix_web::test]
async fn a_cancelled_session_is_asked_of_nobody_and_counts_for_nobody() {
    let world = World::new().await;
    let group = world.group(3).await;
    let ash = world.enrolled(&group, "Ash").await;
    world.held(&group, 10, &[(&ash, "attended")]).await;
    let off = world.session(&group, 5).await;
    let lacking = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(409);
    assert!(lacking.body["detail"].as_str().unwrap().contains("lack 1 lines"));
    world.step(&carys(), &off, "cancellation", &json!({ "because": "weather" })).await.expect(200);
    let done = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(200);
    assert_eq!(done.body["run"]["attendance"], json!({ "attended": 1, "expected": 1 }));
    assert_eq!(done.body["run"]["enrolments"]["completed"], 1);
}

#[actix_web::test]
async fn a_person_s_enrolments_are_listed_to_whoever_sees_them() {
    let world = World::new().await;
    let (first, second) = (world.group(3).await, world.group(3).await);
    let ash = world.enrolled(&first, "Ash").await;
    let person =
        world.app.get(&carys(), &format!("/v1/group-enrolments/{ash}")).await.expect(200).body["person_id"].clone();
    let path = format!("/v1/people/{}/group-enrolments", person.as_str().unwrap());
    world.held(&first, 10, &[(&ash, "late")]).await;
    world.step(&carys(), &first, "finish", &json!({ "finished_on": day(0) })).await.expect(200);
    let body = json!({ "person": { "person_id": person }, "from": day(70) });
    let now = world.app.post(&carys(), &format!("{second}/enrolments"), &body).await.expect(201).id();
    world.enrolled(&second, "Bay").await;
    let list = world.app.get(&carys(), &path).await.expect(200).body;
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"], &items[1]["id"]), (2, &json!(now), &json!(ash)));
    assert_eq!((&items[0]["status"], &items[1]["status"]), (&json!("enrolled"), &json!("completed")));
    assert_eq!(items[1]["attendance"], json!({ "attended": 1, "expected": 1 }));
    // A page at a time.
    let page = world.app.get(&carys(), &format!("{path}?limit=1")).await.expect(200).body;
    let next = format!("{path}?limit=1&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(world.app.get(&carys(), &next).await.expect(200).body["items"][0]["id"], json!(ash));
    for wrong in ["limit=0", "cursor=x", "colour=blue"] {
        world.app.get(&carys(), &format!("{path}?{wrong}")).await.expect(400);
    }
    let count =
        async |who: &Person| world.app.get(who, &path).await.expect(200).body["items"].as_array().unwrap().len();
    assert_eq!((count(&world.officer).await, count(&helper()).await), (2, 2));
    for who in [&world.charnwood, &world.family_worker, &world.school, &world.governance] {
        world.app.get(who, &path).await.expect(404);
    }
    let nobody = format!("/v1/people/{}/group-enrolments", uuid::Uuid::now_v7());
    world.app.get(&carys(), &nobody).await.expect(404);
}

#[actix_web::test]
async fn who_sees_the_person_and_not_the_enrolment_is_not_told_of_it() {
    let world = World::new().await;
    let (_, family) = world.case().await;
    let worker = &world.family_worker;
    let members = world.app.get(worker, &family).await.expect(200).body;
    let child =
        members["members"].as_array().unwrap().iter().find(|one| one["role"] == "child").unwrap()["person_id"].clone();
    let path = format!("/v1/people/{}/group-enrolments", child.as_str().unwrap());
    // The team enrols the child in its own group, then in one of another team's that is open to it.
    let mut own = a_group(3);
    own["service"] = json!("intensive-family-support");
    own["facilitators"] = json!([{ "user_id": worker.id, "name": "Felix (invented)" }]);
    let own = format!("/v1/groups/{}", world.app.post(worker, "/v1/groups", &own).await.expect(201).id());
    let body = json!({ "person": { "person_id": child } });
    let mine = world.app.post(worker, &format!("{own}/enrolments"), &body).await.expect(201).id();
    let theirs = world.group(3).await;
    world.step(&carys(), &theirs, "teams", &json!({ "service": "intensive-family-support" })).await.expect(200);
    let there = world.app.post(worker, &format!("{theirs}/enrolments"), &body).await.expect(201).id();
    let seen = |body: &Value| -> Vec<String> {
        body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(seen(&world.app.get(worker, &path).await.expect(200).body), [there.clone(), mine]);
    // The children's centres see the child since, and of its enrolments the one in their group.
    assert_eq!(seen(&world.app.get(&carys(), &path).await.expect(200).body), [there]);
    // The district's hub sees the child and no enrolment at all.
    world.app.get(&world.charnwood, &path).await.expect(403);
}
