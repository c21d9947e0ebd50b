//! What is due: whose it is, in which order, and from whom it is hidden.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use serde_json::{Value, json};
use shared::deadline;
use shared::testing::Person;
use uuid::Uuid;

use crate::world::World;

async fn work(world: &World, who: &Person, query: &str) -> Value {
    world.app.get(who, &format!("/v1/work{query}")).await.expect(200).body
}

/// The records of the clocks that this test started, or of the front door's; slices start others.
async fn records(world: &World, who: &Person, query: &str) -> Vec<String> {
    let list = work(world, who, query).await;
    let ours = |item: &&Value| {
        let code = item["what"]["code"].as_str().unwrap();
        code.starts_with("test_") || code == "front_door_decision"
    };
    let items = list["items"].as_array().unwrap().iter().filter(ours);
    items.map(|item| item["record_id"].as_str().unwrap().to_owned()).collect()
}

/// A clock of a record, as a slice would start it.
async fn start(all: &mut AsyncPgConnection, record: &str, code: &str, started: DateTime<Utc>, due: DateTime<Utc>) {
    deadline::start(all, record.parse().unwrap(), code, started, due).await.unwrap();
}

#[actix_web::test]
async fn a_decision_that_waits_is_the_front_door_s_work_until_it_is_made() {
    let world = World::new().await;
    let made = world.submitted().await;
    let id = made.id();
    let list = work(&world, &world.officer, "").await;
    let item = &list["items"][0];
    assert_eq!(item["what"], json!({ "code": "front_door_decision", "label": "Decision at the front door" }));
    assert_eq!(item["standing"], "due");
    assert_eq!(item["about"], format!("/v1/referrals/{id}"));
    assert_eq!(
        (&item["kind"], &item["locality"], &item["mine"]),
        (&json!("referral"), &json!("charnwood"), &json!(false))
    );
    assert_eq!(item["reference"], made.body["reference"]);
    assert_eq!(item["due_at"], made.body["decision_due_at"]);
    assert_eq!(list["counts"], json!({ "overdue": 0, "at_risk": 0, "due": 1 }));
    assert_eq!(list.get("next"), None);
    // It is not the work of whoever referred, though they see where the referral stands.
    for other in [&world.school, &world.charnwood, &world.family_worker, &world.justice_worker] {
        let list = work(&world, other, "").await;
        assert_eq!(list["items"], json!([]), "{}", other.name);
        assert_eq!(list["counts"], json!({ "overdue": 0, "at_risk": 0, "due": 0 }));
    }
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    for who in [&world.officer, &world.charnwood] {
        assert_eq!(work(&world, who, "").await["items"], json!([]));
    }
}

#[actix_web::test]
async fn a_clock_is_due_then_at_risk_then_overdue() {
    let world = World::new().await;
    let made = world.submitted().await;
    let due: DateTime<Utc> = serde_json::from_value(made.body["decision_due_at"].clone()).unwrap();
    let now = Utc::now();
    let quarter = (due - now) / 4;
    let minute = TimeDelta::minutes(1);
    for (standing, ahead) in [
        ("due", TimeDelta::zero()),
        ("due", due - now - quarter - minute),
        ("at_risk", due - now - quarter + minute),
        ("at_risk", due - now - minute),
        ("overdue", due - now + minute),
    ] {
        world.app.advance(ahead);
        for asked in ["due", "at_risk", "overdue"] {
            let list = work(&world, &world.manager, &format!("?standing={asked}")).await;
            assert_eq!(list["items"].as_array().unwrap().len(), usize::from(asked == standing), "{asked} {standing}");
            assert_eq!(list["counts"][asked], json!(u8::from(asked == standing)));
        }
        assert_eq!(work(&world, &world.manager, "").await["items"][0]["standing"], standing);
    }
}

#[actix_web::test]
async fn work_is_for_me_my_team_and_my_district() {
    let world = World::new().await;
    let (referral, allocation) = world.offered().await;
    let mut all = world.app.database.all_seeing().await;
    let now = Utc::now();
    let day = TimeDelta::days(1);
    start(&mut all, &allocation, "test_answer", now, now + day * 3).await;
    start(&mut all, &referral, "test_review", now, now + day * 2).await;
    // A code nobody has described yet is everyone's who has the record whole, under a readable name.
    for who in [&world.officer, &world.charnwood, &world.family_worker] {
        assert_eq!(records(&world, who, "").await, [referral.clone(), allocation.clone()], "{}", who.name);
    }
    let list = work(&world, &world.family_worker, "?for=team").await;
    assert_eq!(list["items"][1]["what"]["label"], "Test answer");
    assert_eq!(list["items"][1]["about"], format!("/v1/allocations/{allocation}"));
    assert!(list["items"][1]["reference"].as_str().unwrap().starts_with("R-"));
    assert!(records(&world, &world.family_worker, "?for=district").await.is_empty());
    assert_eq!(records(&world, &world.charnwood, "?for=district").await.len(), 2);
    assert!(records(&world, &world.charnwood, "?for=team").await.is_empty());
    assert!(records(&world, &world.melton, "").await.is_empty());
    // Somebody's own.
    let record: Uuid = allocation.parse().unwrap();
    deadline::assign(&mut all, record, "test_answer", Some(world.family_worker.id)).await.unwrap();
    let mine = work(&world, &world.family_worker, "?for=me").await;
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    assert_eq!((&mine["items"][0]["mine"], &mine["items"][0]["owner"]), (&json!(true), &json!(world.family_worker.id)));
    assert_eq!(mine["counts"]["due"], 1);
    let team = work(&world, &world.officer, "?for=team").await;
    assert_eq!(team["items"][1]["mine"], false);
    assert!(records(&world, &world.officer, "?for=me").await.is_empty());
    // Once, though it is mine and my team's.
    assert_eq!(records(&world, &world.family_worker, "").await.len(), 2);
    deadline::assign(&mut all, record, "test_answer", None).await.unwrap();
    assert!(records(&world, &world.family_worker, "?for=me").await.is_empty());
    deadline::meet(&mut all, record, "test_answer", now).await.unwrap();
    assert_eq!(records(&world, &world.family_worker, "").await, [referral]);
}

#[actix_web::test]
async fn work_follows_who_has_the_record() {
    let world = World::new().await;
    let id = world.listed().await;
    let mut all = world.app.database.all_seeing().await;
    let now = Utc::now();
    start(&mut all, &id, "test_review", now, now + TimeDelta::days(2)).await;
    deadline::assign(&mut all, id.parse().unwrap(), "test_review", Some(world.family_worker.id)).await.unwrap();
    // Not even of what one is said to answer for does one hear before one sees it.
    assert!(records(&world, &world.family_worker, "").await.is_empty());
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(records(&world, &world.family_worker, "?for=team").await, std::slice::from_ref(&id));
    assert_eq!(records(&world, &world.family_worker, "?for=me").await, std::slice::from_ref(&id));
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "decline", &json!({ "reason": "Full." })).await.expect(200);
    for query in ["", "?for=me", "?for=team"] {
        assert!(records(&world, &world.family_worker, query).await.is_empty());
    }
    // Whoever followed only its status, and is given it whole, has its work from then on.
    assert!(records(&world, &world.school, "").await.is_empty());
    all.batch_execute(&format!("UPDATE record_scope SET view = 'full' WHERE record_id = '{id}'")).await.unwrap();
    assert_eq!(records(&world, &world.school, "?for=team").await, [id]);
}

#[actix_web::test]
async fn what_restricts_a_person_takes_the_work_about_them_away() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let mut all = world.app.database.all_seeing().await;
    let record: Uuid = id.parse().unwrap();
    deadline::assign(&mut all, record, "front_door_decision", Some(world.officer.id)).await.unwrap();
    let seen = world.app.get(&world.manager, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = seen.body["people"][0]["person_id"].as_str().unwrap();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    for query in ["", "?for=me", "?for=team"] {
        let list = work(&world, &world.officer, query).await;
        assert_eq!(list["items"], json!([]));
        assert_eq!(list["counts"], json!({ "overdue": 0, "at_risk": 0, "due": 0 }), "no count tells of it");
    }
    assert_eq!(records(&world, &world.manager, "").await, [id]);
}

#[actix_web::test]
async fn pages_follow_one_another_without_gap_or_repetition() {
    let world = World::new().await;
    let (first, second) = (world.submitted().await.id(), world.submitted().await.id());
    let mut all = world.app.database.all_seeing().await;
    let now = Utc::now();
    // All due at one instant: the order is still one.
    for id in [&first, &second] {
        for code in ["a", "b", "c-d", "e.f"] {
            start(&mut all, id, code, now - TimeDelta::days(4), now - TimeDelta::days(1)).await;
        }
    }
    let whole = work(&world, &world.officer, "").await["items"].as_array().unwrap().clone();
    assert_eq!(whole.len(), 10);
    assert_eq!(whole[0]["standing"], "overdue");
    let mut paged = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = work(&world, &world.officer, &query).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        assert_eq!(page.get("counts").is_some(), query == "?limit=3", "counted once");
        match page["next"].as_str() {
            Some(next) => query = format!("?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, whole);
}

#[actix_web::test]
async fn a_question_that_makes_no_sense_is_told_what_is_wrong_with_it() {
    let world = World::new().await;
    let bad = world.app.get(&world.officer, "/v1/work?for=us&standing=met&limit=0&cursor=x&sort=up").await.expect(400);
    assert_eq!(bad.pointers(), ["cursor", "for", "limit", "sort", "standing"]);
    world.app.get(&world.analyst, "/v1/work").await.expect(403);
    world.app.send(reqwest::Method::GET, "/v1/work", &[], None).await.expect(401);
}

#[actix_web::test]
async fn raw_sql_as_the_web_role_can_neither_see_nor_make_the_work_of_others() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    let hidden = "DO $$ BEGIN IF EXISTS (SELECT 1 FROM work_item) THEN RAISE EXCEPTION 'seen'; END IF; END $$";
    web.batch_execute(hidden).await.expect("nothing without a context");
    let context = format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.scopes = 'agency:greenfield-academy hub:charnwood'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.school.id
    );
    for statement in [
        format!(
            "INSERT INTO work_item SELECT '{id}', 'x', 'agency:greenfield-academy', 'referral', app_now(), app_now(), app_now()"
        ),
        "DELETE FROM work_item".to_owned(),
        "SELECT * FROM work_wanted".to_owned(),
        "SELECT work_renew(NULL)".to_owned(),
        format!("SELECT work_make(ARRAY['{id}'::uuid])"),
        "INSERT INTO clock VALUES ('x', 'x', NULL)".to_owned(),
    ] {
        web.batch_execute(&context).await.unwrap();
        web.batch_execute(hidden).await.expect("not the front door's");
        assert!(web.batch_execute(&statement).await.is_err(), "{statement}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}
