//! Who belongs to a family, since when, and in which household.

use chrono::Days;
use serde_json::{Value, json};

use super::{days_ago, member, today, youth_worker};
use crate::world::World;

#[actix_web::test]
async fn dates_that_contradict_are_refused_all_at_once() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let baby = world.person(worker, "Nettle", Some(&days_ago(100))).await;
    let add = async |body: Value| world.step(worker, &family, "members", &body).await;
    let wrong = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(200), "to_date": days_ago(300),
        "unborn": true, "in_household": false, "main_household": true, "ended_because": "vanished" }));
    let pointers = wrong.await.expect(422).pointers();
    assert_eq!(pointers, ["/ended_because", "/main_household", "/to_date", "/unborn"]);
    let early = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(200) })).await.expect(422);
    assert_eq!(early.pointers(), ["/from_date"]);
    let tomorrow = (today() + Days::new(1)).to_string();
    let future = add(json!({ "person_id": baby, "role": "child", "from_date": tomorrow })).await.expect(422);
    assert_eq!(future.pointers(), ["/from_date"]);
    let stranger = add(json!({ "person_id": uuid::Uuid::now_v7(), "role": "child" })).await.expect(422);
    assert_eq!(stranger.pointers(), ["/person_id"]);
    let code =
        add(json!({ "person_id": baby, "role": "child", "to_date": days_ago(1), "from_date": days_ago(9) })).await;
    assert_eq!(code.expect(422).pointers(), ["/ended_because"]);
    add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(90) })).await.expect(200);
    let twice = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(10) })).await.expect(422);
    assert_eq!(twice.pointers(), ["/person_id"]);
    let shape = add(json!({ "person_id": baby, "role": "pet", "shoe": 1 })).await.expect(422);
    assert_eq!(shape.pointers(), ["/role", "/shoe"]);
}

#[actix_web::test]
async fn who_leaves_stays_in_the_past_and_may_come_back() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let partner = world.person(worker, "Heath", Some("1990-05-05")).await;
    let joining = json!({ "person_id": partner, "role": "partner", "from_date": days_ago(50) });
    world.step(worker, &family, "members", &joining).await.expect(200);
    let end = format!("members/{partner}/end");
    let early = json!({ "to_date": days_ago(60), "ended_because": "separated" });
    assert_eq!(world.step(worker, &family, &end, &early).await.expect(422).pointers(), ["/to_date"]);
    let why = json!({ "to_date": days_ago(10), "ended_because": "tired" });
    assert_eq!(world.step(worker, &family, &end, &why).await.expect(422).pointers(), ["/ended_because"]);
    let leaving = json!({ "to_date": days_ago(10), "ended_because": "separated" });
    let left = world.step(worker, &family, &end, &leaving).await.expect(200);
    assert_eq!(left.body["members"].as_array().unwrap().len(), 2);
    world.step(worker, &family, &end, &leaving).await.expect(409);
    world.step(worker, &family, &format!("members/{}/end", uuid::Uuid::now_v7()), &leaving).await.expect(404);
    let then = world.app.get(worker, &format!("{family}?as_of={}", days_ago(20))).await.expect(200);
    assert_eq!(then.body["members"].as_array().unwrap().len(), 1, "the others joined today: {}", then.body);
    let past = world.app.get(worker, &format!("{family}?past=true")).await.expect(200);
    assert_eq!(member(&past, &partner)["ended_because"], "separated");
    let back = json!({ "person_id": partner, "role": "partner", "from_date": days_ago(10) });
    world.step(worker, &family, "members", &back).await.expect(200);
    assert_eq!(world.app.get(worker, &format!("{family}?as_of=soon")).await.expect(400).pointers(), ["as_of"]);
}

#[actix_web::test]
async fn a_child_has_two_households_and_one_of_them_is_the_main_one() {
    let world = World::new().await;
    let (mother, allocation) = world.family().await;
    let worker = &world.family_worker;
    let child =
        world.app.get(worker, &mother).await.expect(200).body["members"][0]["person_id"].as_str().unwrap().to_owned();
    let father = world.person(worker, "Ash", Some("1988-01-01")).await;
    let people = json!([{ "person_id": child, "role": "child" }, { "person_id": father, "role": "parent" }]);
    let refused = world.app.post(worker, "/v1/families", &json!({ "people": people })).await.expect(409);
    let reference = world.app.get(worker, &mother).await.expect(200).body["reference"].as_str().unwrap().to_owned();
    assert!(refused.body["detail"].as_str().unwrap().contains(&reference));
    let second =
        json!({ "people": people, "second_household": true, "locality": "melton", "name": "Testcase (father)" });
    let second = world.app.post(worker, "/v1/families", &second).await.expect(201);
    assert_eq!(member(&second, &child)["main_household"], false);
    assert_eq!(member(&second, &father)["main_household"], true);
    let second = format!("/v1/families/{}", second.id());
    let step = format!("members/{child}/main-household");
    let moved = world.step(worker, &second, &step, &json!({ "from_date": today() })).await.expect(200);
    assert_eq!(member(&moved, &child)["main_household"], true);
    let first = world.app.get(worker, &mother).await.expect(200);
    assert_eq!(member(&first, &child)["main_household"], false);
    let gone = json!({ "from_date": (today() + Days::new(2)) });
    assert_eq!(world.step(worker, &second, &step, &gone).await.expect(422).pointers(), ["/from_date"]);
    // To claim a third main household is a contradiction where one sees the other, …
    let aunt = world.person(worker, "Fern", None).await;
    let third = json!({ "people": [{ "person_id": aunt, "role": "other_adult" }] });
    let third = format!("/v1/families/{}", world.app.post(worker, "/v1/families", &third).await.expect(201).id());
    let claim = json!({ "person_id": child, "role": "child", "main_household": true });
    assert_eq!(world.step(worker, &third, "members", &claim).await.expect(422).pointers(), ["/main_household"]);
    let second_home = world.step(worker, &third, "members", &json!({ "person_id": child, "role": "child" })).await;
    assert_eq!(member(&second_home.expect(200), &child)["main_household"], false);
    // … and where one doesn't, it is taken, and the front door is asked to settle it.
    let other = youth_worker();
    let known = json!({ "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03" });
    world.app.post(&other, "/v1/people", &known).await.expect(201);
    assert!(world.app.get(&other, &format!("/v1/people/{child}")).await.status == 404, "they don't see each other's");
    let seen = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(seen.body["items"], json!([]));
    let _ = allocation;
}

#[actix_web::test]
async fn a_second_main_household_nobody_could_know_of_becomes_an_alert() {
    let world = World::new().await;
    let (mother, _) = world.family().await;
    let child = world.app.get(&world.family_worker, &mother).await.expect(200).body["members"][0]["person_id"].clone();
    // The same child, referred again, is allocated to youth work.
    let id = world.listed().await;
    let to_youth = json!({ "outcome": "allocate", "service": "youth-work", "reason": "x" });
    world.change(&world.charnwood, &id, "hub-decision", &to_youth).await.expect(200);
    let other = youth_worker();
    let allocation = world.newest_allocation(&other).await;
    world.answer(&other, &allocation, "acceptance", &json!({})).await.expect(200);
    let formed = world.app.post(&other, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    assert_eq!(formed.body["members"][0]["person_id"], child);
    assert_eq!(formed.body["members"][0]["main_household"], true, "what it can't see it isn't told");
    world.app.get(&other, &mother).await.expect(404);
    let alerts = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "two_main_households");
}

#[actix_web::test]
async fn relationships_that_can_t_be_are_refused() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let members = world.app.get(worker, &family).await.expect(200).body["members"].clone();
    let (child, parent) = (members[0]["person_id"].clone(), members[1]["person_id"].clone());
    let add = async |body: Value| world.step(worker, &family, "relationships", &body).await;
    let tied = add(json!({ "person_id": parent, "kind": "parent_of", "other_id": child })).await.expect(200);
    assert_eq!(tied.body["relationships"][0]["kind"], "parent_of");
    for wrong in [
        json!({ "person_id": parent, "kind": "parent_of", "other_id": child }),
        json!({ "person_id": child, "kind": "parent_of", "other_id": parent }),
    ] {
        assert_eq!(add(wrong).await.expect(422).pointers(), ["/kind"]);
    }
    let own = add(json!({ "person_id": child, "kind": "sibling_of", "other_id": child })).await.expect(422);
    assert_eq!(own.pointers(), ["/other_id"]);
    let early = json!({ "person_id": parent, "kind": "carer_of", "other_id": child, "from_date": "2010-01-01" });
    assert_eq!(add(early).await.expect(422).pointers(), ["/from_date"]);
    let unknown = add(json!({ "person_id": parent, "kind": "carer_of", "other_id": uuid::Uuid::now_v7() })).await;
    assert_eq!(unknown.expect(422).pointers(), ["/other_id"]);
    let tie = tied.body["relationships"][0]["id"].as_str().unwrap();
    let end = format!("relationships/{tie}/end");
    let ended = world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(200);
    assert!(ended.body.get("relationships").is_none());
    world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(409);
    let past = world.app.get(worker, &format!("{family}?past=true")).await.expect(200);
    assert_eq!(past.body["relationships"][0]["to_date"], json!(today()));
}

#[actix_web::test]
async fn a_child_moves_into_a_placement_and_comes_back() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let brother = world.person(worker, "Reed", Some("2015-05-05")).await;
    let joining = json!({ "person_id": brother, "role": "child", "from_date": days_ago(100) });
    world.step(worker, &family, "members", &joining).await.expect(200);
    let step = format!("members/{brother}/change");
    let change = async |body: Value| world.step(worker, &family, &step, &body).await;
    let away = change(json!({ "from_date": days_ago(50), "in_household": false })).await.expect(200);
    assert_eq!(member(&away, &brother)["in_household"], false);
    assert_eq!(member(&away, &brother)["main_household"], false);
    let told = world.events(family.rsplit('/').next().unwrap(), "family.membership_changed.v1").await;
    assert_eq!((&told[0]["in_household"], &told[0]["before"]["main_household"]), (&json!(false), &json!(true)));
    let back = change(json!({ "from_date": days_ago(10), "in_household": true })).await.expect(200);
    assert_eq!(member(&back, &brother)["main_household"], true);
    // Every day is as it was.
    for (day, lives) in [(60, true), (30, false), (5, true)] {
        let then = world.app.get(worker, &format!("{family}?as_of={}", days_ago(day))).await.expect(200);
        assert_eq!(member(&then, &brother)["in_household"], lives, "{day} days ago");
    }
    let past = world.app.get(worker, &format!("{family}?past=true")).await.expect(200);
    let of_brother: Vec<&Value> =
        past.body["members"].as_array().unwrap().iter().filter(|one| one["person_id"] == json!(brother)).collect();
    assert_eq!(of_brother.len(), 3);
    assert_eq!(of_brother[0]["ended_because"], "household-changed");
    // Said of the same day again, it is put right and not done twice.
    let sorry = change(json!({ "from_date": days_ago(10), "main_household": false })).await.expect(200);
    assert_eq!(
        (&member(&sorry, &brother)["in_household"], &member(&sorry, &brother)["main_household"]),
        (&json!(true), &json!(false))
    );
    let tomorrow = (today() + Days::new(1)).to_string();
    for (wrong, pointers) in [
        (json!({ "from_date": tomorrow, "in_household": false }), vec!["/from_date"]),
        (json!({ "from_date": days_ago(20), "in_household": false }), vec!["/from_date"]),
        (json!({ "from_date": today() }), vec!["/in_household"]),
        (json!({ "from_date": today(), "in_household": true }), vec!["/in_household"]),
        (json!({ "from_date": today(), "in_household": false, "main_household": true }), vec!["/main_household"]),
        (json!({ "from_date": today(), "in_household": "no" }), vec!["/in_household"]),
        (json!({ "in_household": false, "why": "x" }), vec!["/from_date", "/why"]),
    ] {
        assert_eq!(change(wrong).await.expect(422).pointers(), pointers);
    }
    let out = json!({ "from_date": today(), "in_household": false });
    let path = format!("{family}/{step}");
    world.app.post(worker, &path, &out).await.expect(428);
    let etag = world.app.get(worker, &family).await.expect(200).etag();
    world.app.post_on(&world.officer, &path, &etag, &out).await.expect(403);
    world.app.post_on(&world.melton, &path, &etag, &out).await.expect(404);
    world.app.post_on(worker, &path, &etag, &out).await.expect(200);
    world.app.post_on(worker, &path, &etag, &out).await.expect(412);
    world.step(worker, &family, &format!("members/{}/change", uuid::Uuid::now_v7()), &out).await.expect(404);
    let end = json!({ "to_date": today(), "ended_because": "looked-after" });
    world.step(worker, &family, &format!("members/{brother}/end"), &end).await.expect(200);
    change(out).await.expect(409);
}

#[actix_web::test]
async fn who_mainly_lives_in_another_family_one_sees_does_not_come_back_as_of_here() {
    let world = World::new().await;
    let (mother, _) = world.family().await;
    let worker = &world.family_worker;
    let child =
        world.app.get(worker, &mother).await.expect(200).body["members"][0]["person_id"].as_str().unwrap().to_owned();
    let away = json!({ "person_id": child, "role": "child", "in_household": false });
    let aunt = world.person(worker, "Fern", None).await;
    let second = json!({ "people": [{ "person_id": aunt, "role": "other_adult" }] });
    let second = format!("/v1/families/{}", world.app.post(worker, "/v1/families", &second).await.expect(201).id());
    world.step(worker, &second, "members", &away).await.expect(200);
    let step = format!("members/{child}/change");
    let claim = json!({ "from_date": today(), "in_household": true, "main_household": true });
    assert_eq!(world.step(worker, &second, &step, &claim).await.expect(422).pointers(), ["/main_household"]);
    let stays = json!({ "from_date": today(), "in_household": true });
    let stays = world.step(worker, &second, &step, &stays).await.expect(200);
    assert_eq!(
        (&member(&stays, &child)["in_household"], &member(&stays, &child)["main_household"]),
        (&json!(true), &json!(false))
    );
}
