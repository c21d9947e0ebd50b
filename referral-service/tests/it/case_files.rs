//! Notes, and meetings of the team around the family.

use chrono::{TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};

use crate::families::{in_past, senior, today, youth_worker};
use crate::world::World;

fn visit(child: &Value) -> Value {
    json!({ "occurred_at": in_past(2), "kind": "home-visit", "words": "Juniper showed me her reading corner.", "child_seen": true,
        "seen_alone": false, "seen": [child] })
}

async fn member(world: &World, family: &str, n: usize) -> Value {
    world.app.get(&world.family_worker, family).await.expect(200).body["members"][n]["person_id"].clone()
}

#[actix_web::test]
async fn a_note_says_who_was_seen_and_is_corrected_by_another() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let child = member(&world, &family, 0).await;
    let notes = format!("{case}/notes");
    let first = world.app.post(worker, &notes, &visit(&child)).await.expect(201);
    assert_eq!((first.body["in_time"].as_bool(), &first.body["seen"]), (Some(true), &json!([child])));
    let mut correction = visit(&child);
    correction["words"] = json!("It was Daisy who showed me the reading corner.");
    correction["corrects"] = first.body["id"].clone();
    let second = world.app.post(worker, &notes, &correction).await.expect(201);
    let list = world.app.get(worker, &notes).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
    let read = world.app.get(worker, &format!("{notes}/{}", first.id())).await.expect(200);
    assert_eq!(read.body["corrected_by"], json!([second.body["id"]]));
    assert_eq!(read.body["words"], "Juniper showed me her reading corner.", "the first stays as it was");
    let told = world.told_of("case_note.recorded.v1").await;
    assert_eq!((told[0]["children_seen"].clone(), told[0]["lag_hours"].as_i64()), (json!([child]), Some(2)));
    assert!(told[0].get("words").is_none());
    assert_eq!(told[1]["correction"], true);
}

#[actix_web::test]
async fn notes_are_the_working_team_s() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let child = member(&world, &family, 0).await;
    let notes = format!("{case}/notes");
    world.app.post(&world.family_worker, &notes, &visit(&child)).await.expect(201);
    assert_eq!(world.app.get(&world.officer, &notes).await.expect(200).body["items"].as_array().unwrap().len(), 1);
    world.app.get(&world.charnwood, &notes).await.expect(403);
    for who in [&world.melton, &world.school, &world.governance, &world.analyst, &youth_worker()] {
        world.app.get(who, &notes).await.expect(404);
    }
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.melton, 404), (&world.school, 404)] {
        let refused = world.app.post(who, &notes, &visit(&child)).await;
        assert_eq!(refused.status, status, "{}", who.name);
    }
    let (key, note) = ("note-once", visit(&child));
    let first = world.app.post_with(&world.family_worker, &notes, key, None, &note).await;
    let again = world.app.post_with(&world.family_worker, &notes, key, None, &note).await;
    assert_eq!(first.status, 201);
    assert_eq!((again.status, again.body["id"].clone()), (201, first.body["id"].clone()));
}

#[actix_web::test]
async fn a_note_that_can_t_be_is_refused_all_at_once() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let (child, parent) = (member(&world, &family, 0).await, member(&world, &family, 1).await);
    let notes = format!("{case}/notes");
    let wrong = json!({ "occurred_at": (Utc::now() + TimeDelta::hours(1)), "kind": "séance", "words": "Said.", "child_seen": true,
        "seen": [parent, uuid::Uuid::now_v7()], "corrects": uuid::Uuid::now_v7() });
    let refused = world.app.post(worker, &notes, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/corrects", "/kind", "/occurred_at", "/seen", "/seen/1"]);
    let mut unseen = visit(&child);
    unseen["child_seen"] = json!(false);
    assert_eq!(world.app.post(worker, &notes, &unseen).await.expect(422).pointers(), ["/child_seen", "/seen_alone"]);
    let oversight =
        json!({ "occurred_at": in_past(1), "kind": "management-oversight", "words": "Plan reviewed with Felix." });
    assert_eq!(world.app.post(worker, &notes, &oversight).await.expect(422).pointers(), ["/kind"]);
    world.app.post(&senior(), &notes, &oversight).await.expect(201);
    let only = world.app.get(worker, &format!("{notes}?kind=management-oversight")).await.expect(200);
    assert_eq!(only.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.app.get(worker, &format!("{notes}?kind=home-visit")).await.expect(200).body["items"], json!([]));
    assert_eq!(world.app.get(worker, &format!("{notes}?sort=up")).await.expect(400).pointers(), ["sort"]);
    world.app.get(worker, &format!("{notes}/{}", uuid::Uuid::now_v7())).await.expect(404);
}

#[actix_web::test]
async fn the_work_goes_on_with_somebody_who_has_left_the_family() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let child = member(&world, &family, 0).await;
    world.app.advance(TimeDelta::days(20));
    let leaving = json!({ "to_date": today() + TimeDelta::days(10), "ended_because": "looked-after" });
    let end = format!("members/{}/end", child.as_str().unwrap());
    world.step(worker, &family, &end, &leaving).await.expect(200);
    let mut visit = visit(&child);
    visit["occurred_at"] = json!(Utc::now() + TimeDelta::days(15));
    let seen = world.app.post(worker, &format!("{case}/notes"), &visit).await.expect(201);
    assert_eq!(seen.body["seen"], json!([child]));
    let action = json!({ "what": "A room in another town.", "owner": { "agency": "district-charnwood" },
        "due_on": today() + TimeDelta::days(30), "concerns": { "person_id": child } });
    let asked = world.app.post(worker, &format!("{case}/actions"), &action).await.expect(201);
    assert!(asked.body["concerns"]["name"].as_str().unwrap().starts_with("Juniper"), "{}", asked.body);
    let mut stranger = action.clone();
    stranger["concerns"] = json!({ "person_id": uuid::Uuid::now_v7() });
    let refused = world.app.post(worker, &format!("{case}/actions"), &stranger).await.expect(422);
    assert_eq!(refused.pointers(), ["/concerns/person_id"]);
}

#[actix_web::test]
async fn after_a_case_is_closed_what_was_done_before_can_still_be_written_up() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let child = member(&world, &family, 0).await;
    let notes = format!("{case}/notes");
    world.closed(&case, true).await;
    world.app.advance(TimeDelta::days(20));
    let late = world.app.post(&world.family_worker, &notes, &visit(&child)).await.expect(201);
    assert_eq!(late.body["in_time"], false);
    let mut after = visit(&child);
    after["occurred_at"] = json!(Utc::now() + TimeDelta::days(1));
    assert_eq!(world.app.post(&world.family_worker, &notes, &after).await.expect(422).pointers(), ["/occurred_at"]);
}

#[actix_web::test]
async fn nobody_changes_or_deletes_a_note_and_only_who_sees_the_case_adds_one() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let child = member(&world, &family, 0).await;
    world.app.post(&world.family_worker, &format!("{case}/notes"), &visit(&child)).await.expect(201);
    let id = case.rsplit('/').next().unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    let context = |scopes: &str| {
        format!(
            "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = '{scopes}'; \
             SET LOCAL app.now = '2026-11-22T00:00:00Z'",
            world.family_worker.id
        )
    };
    let add = format!(
        "INSERT INTO case_note (id, case_id, occurred_at, kind, words, recorded_at, recorded_by, recorded_by_name)
         VALUES (gen_random_uuid(), '{id}', '2026-01-01', 'other', 'x', '2026-01-01', gen_random_uuid(), 'x')"
    );
    for statement in [
        "UPDATE case_note SET words = 'x'",
        "DELETE FROM case_note",
        "DELETE FROM case_note_seen",
        "UPDATE plan_action SET what = 'x'",
    ] {
        web.batch_execute(&context("team:intensive-family-support")).await.unwrap();
        assert!(web.batch_execute(statement).await.is_err(), "{statement}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
    for (scopes, may) in [("team:intensive-family-support", true), ("hub:charnwood", false), ("team:youth-work", false)]
    {
        web.batch_execute(&context(scopes)).await.unwrap();
        assert_eq!(web.batch_execute(&add).await.is_ok(), may, "{scopes}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
    for statement in [
        format!("SELECT * FROM family_scopes('{id}')"),
        format!("SELECT case_follow('{id}', 'team:youth-work')"),
        format!("SELECT case_unfollow('{id}', 'team:intensive-family-support')"),
        format!("SELECT family_join('{id}', 'team:youth-work')"),
    ] {
        web.batch_execute(&context("team:youth-work")).await.unwrap();
        assert!(web.batch_execute(&statement).await.is_err(), "{statement}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}

fn table(parent: &Value) -> Value {
    json!({ "starts_at": in_past(3), "place": "Greenfield Academy", "chair": "Jean Example (invented)", "invited": [
        { "person_id": parent },
        { "agency": "greenfield-academy", "name": "Ms A Teacher (invented)", "role": "special needs co-ordinator" },
        { "agency": "health", "name": "Nurse Example (invented)" }] })
}

#[actix_web::test]
async fn the_team_around_the_family_meets_decides_and_asks_for_actions() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let parent = member(&world, &family, 1).await;
    let path = format!("{case}/team-around");
    let planned = world.app.post(worker, &path, &table(&parent)).await.expect(201);
    assert_eq!(
        (planned.body["status"].as_str(), planned.body["people"].as_array().unwrap().len()),
        (Some("planned"), 3)
    );
    let meeting = format!("{path}/{}", planned.id());
    let places: Vec<Value> = planned.body["people"].as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
    let record = json!({ "attended": [places[0], places[1]], "also_attended": [{ "agency": "police", "name": "PC Example (invented)" }],
        "discussed": "Attendance is up.", "decisions": ["A place at breakfast club."], "next_on": today() + chrono::Days::new(30) });
    let held = world.step(worker, &meeting, "record", &record).await.expect(200);
    assert_eq!(held.body["status"], "held");
    let came: Vec<Option<bool>> =
        held.body["people"].as_array().unwrap().iter().map(|p| p["attended"].as_bool()).collect();
    assert_eq!(came, [Some(true), Some(true), Some(false), Some(true)]);
    world.step(worker, &meeting, "record", &record).await.expect(409);
    world.step(worker, &meeting, "cancellation", &json!({ "reason": "x" })).await.expect(409);
    let action = json!({ "what": "A place at breakfast club.", "owner": { "agency": "greenfield-academy" },
        "due_on": today() + chrono::Days::new(5), "meeting_id": planned.body["id"] });
    world.app.post(worker, &format!("{case}/actions"), &action).await.expect(201);
    let read = world.app.get(worker, &meeting).await.expect(200);
    assert_eq!(read.body["actions"][0]["status"], "proposed");
    assert_eq!(
        world.app.get(&world.school, "/v1/actions").await.expect(200).body["items"].as_array().unwrap().len(),
        1
    );
    let told = &world.told_of("team_around.held.v1").await[0];
    assert_eq!(
        (told["agencies"].clone(), told["attended"].as_i64()),
        (json!(["greenfield-academy", "police"]), Some(3))
    );
    let list = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    world.app.get(&world.charnwood, &path).await.expect(403);
    world.app.get(&world.school, &path).await.expect(404);
}

#[actix_web::test]
async fn a_meeting_that_can_t_be_is_refused_all_at_once() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let parent = member(&world, &family, 1).await;
    let path = format!("{case}/team-around");
    let wrong = json!({ "starts_at": in_past(3), "chair": "Said.", "invited": [{}, { "agency": "health" }, { "person_id": uuid::Uuid::now_v7() }] });
    let refused = world.app.post(worker, &path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/invited/0", "/invited/1/name", "/invited/2/person_id"]);
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.melton, 404), (&world.school, 404)] {
        let refused = world.app.post(who, &path, &table(&parent)).await;
        assert_eq!(refused.status, status, "{}", who.name);
    }
    let mut soon = table(&parent);
    soon["starts_at"] = json!(Utc::now() + TimeDelta::days(2));
    let meeting = format!("{path}/{}", world.app.post(worker, &path, &soon).await.expect(201).id());
    let early = json!({ "attended": [uuid::Uuid::now_v7()], "discussed": "x", "decisions": [" "], "next_on": today() });
    let refused = world.step(worker, &meeting, "record", &early).await.expect(422);
    assert_eq!(refused.pointers(), ["/attended/0", "/decisions/0", "/held_at", "/next_on"]);
    let path_of = format!("{meeting}/cancellation");
    let why = json!({ "reason": "Snow." });
    world.app.post(worker, &path_of, &why).await.expect(428);
    world.app.post_on(worker, &path_of, "\"9-full\"", &why).await.expect(412);
    world.app.post_on(&world.officer, &path_of, "\"1-full\"", &why).await.expect(403);
    let cancelled = world.step(worker, &meeting, "cancellation", &why).await.expect(200);
    assert_eq!(
        (cancelled.body["status"].as_str(), cancelled.body["cancelled_because"].as_str()),
        (Some("cancelled"), Some("Snow."))
    );
    world.app.get(worker, &format!("{path}/{}", uuid::Uuid::now_v7())).await.expect(404);
}
