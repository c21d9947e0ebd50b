//! A group's sessions and registers, its places, and its end.

use chrono::Days;
use serde_json::json;

use crate::families::today;
use crate::groups::{a_group, carys, codes, colleague, day, register};
use crate::world::World;

#[actix_web::test]
async fn who_waits_is_given_a_place_when_there_is_one() {
    let world = World::new().await;
    let group = world.group(1).await;
    let (ash, bay) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    let path = format!("/v1/group-enrolments/{bay}");
    assert_eq!(world.app.get(&carys(), &path).await.expect(200).body["status"], "waiting");
    let full = world.step(&carys(), &path, "place", &json!({})).await.expect(409);
    assert_eq!(full.body["detail"], "the group is full");
    let first = format!("/v1/group-enrolments/{ash}");
    let taken = world.step(&carys(), &first, "place", &json!({})).await.expect(409);
    assert_eq!(taken.body["detail"], "they have a place already");
    let wrong = json!({ "because": "bored", "on": today() + Days::new(1), "words": "Said." });
    assert_eq!(world.step(&carys(), &first, "withdrawal", &wrong).await.expect(422).pointers(), ["/because", "/on"]);
    let early = json!({ "because": "ill", "on": day(71) });
    assert_eq!(world.step(&carys(), &first, "withdrawal", &early).await.expect(422).pointers(), ["/on"]);
    let body = json!({ "because": "moved-away", "words": "To Leeds." });
    world.app.post(&carys(), &format!("{first}/withdrawal"), &body).await.expect(428);
    world.app.post_on(&carys(), &format!("{first}/withdrawal"), "\"9-enrolment\"", &body).await.expect(412);
    let left = world.step(&carys(), &first, "withdrawal", &body).await.expect(200);
    assert_eq!((&left.body["status"], &left.body["ended_words"]), (&json!("withdrawn"), &json!("To Leeds.")));
    world.step(&carys(), &first, "withdrawal", &body).await.expect(409);
    world.step(&carys(), &first, "place", &json!({})).await.expect(409);
    let wrong = world.step(&carys(), &path, "place", &json!({ "from": day(90) })).await.expect(422);
    assert_eq!(wrong.pointers(), ["/from"]);
    let placed = world.step(&carys(), &path, "place", &json!({})).await.expect(200);
    assert_eq!((&placed.body["status"], &placed.body["placed_on"]), (&json!("enrolled"), &json!(today())));
    let seen = world.app.get(&carys(), &group).await.expect(200).body;
    assert_eq!((&seen["taken"], &seen["waiting"]), (&json!(1), &json!(0)));
    assert_eq!(world.told("group.withdrawn.v1").await[0]["because"], "moved-away");
    assert_eq!(world.told("group.placed.v1").await.len(), 1);
    // Who left may come again.
    world.enrolled(&group, "Ash").await;
}

#[actix_web::test]
async fn a_session_is_within_the_group_s_days_and_once_a_day() {
    let world = World::new().await;
    let group = world.group(2).await;
    let path = format!("{group}/sessions");
    let early = json!({ "held_on": day(71), "topic": "Said." });
    assert_eq!(world.app.post(&carys(), &path, &early).await.expect(422).pointers(), ["/held_on"]);
    let late = json!({ "held_on": today() + Days::new(1) });
    assert_eq!(world.app.post(&carys(), &path, &late).await.expect(422).pointers(), ["/held_on"]);
    let session = world.session(&group, 3).await;
    let twice = world.app.post(&carys(), &path, &json!({ "held_on": day(3) })).await.expect(409);
    assert_eq!(twice.body["detail"], "the group meets on that day already");
    let wrong = world.step(&carys(), &session, "cancellation", &json!({ "because": "bored" })).await.expect(422);
    assert_eq!(wrong.pointers(), ["/because"]);
    let cancelled = world.step(&carys(), &session, "cancellation", &json!({ "because": "weather" })).await.expect(200);
    assert_eq!(cancelled.body["status"], "cancelled");
    world.step(&carys(), &session, "cancellation", &json!({ "because": "weather" })).await.expect(409);
    let ash = world.enrolled(&group, "Ash").await;
    let refused = world.register(&session, &[(&ash, "attended")]).await.expect(409);
    assert_eq!(refused.body["detail"], "the session was cancelled");
    // In its place another of the same day.
    let session = world.held(&group, 3, &[(&ash, "attended")]).await;
    let held = world.step(&carys(), &session, "cancellation", &json!({ "because": "weather" })).await.expect(409);
    assert_eq!(held.body["detail"], "the session was held: its register is taken");
    let unknown = format!("{group}/sessions/{}", uuid::Uuid::now_v7());
    world.app.get(&carys(), &unknown).await.expect(404);
    let other = world.group(2).await;
    let elsewhere = format!("{other}/sessions/{}", session.rsplit('/').next().unwrap());
    world.app.get(&carys(), &elsewhere).await.expect(404);
    let mut to_come = a_group(3);
    to_come["last_day"] = json!(today() + Days::new(30));
    let later = format!("/v1/groups/{}", world.app.post(&carys(), "/v1/groups", &to_come).await.expect(201).id());
    let bay = world.enrolled(&later, "Bay").await;
    let added = world
        .app
        .post(&carys(), &format!("{later}/sessions"), &json!({ "held_on": today() + Days::new(7) }))
        .await
        .expect(201);
    let session = format!("{later}/sessions/{}", added.id());
    let refused = world.register(&session, &[(&bay, "attended")]).await.expect(409);
    assert_eq!(refused.body["detail"], "the session is still to come");
}

#[actix_web::test]
async fn a_register_names_every_mistake_and_keeps_what_it_said_before() {
    let world = World::new().await;
    let group = world.group(1).await;
    let (ash, bay) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    let session = world.session(&group, 3).await;
    let line = |enrolment: &str, attendance: &str, because: Option<&str>, note: &str| json!({ "enrolment_id": enrolment, "attendance": attendance, "excluded_because": because, "note": note });
    let mut wrong = json!({ "attendances": [
        line(&ash, "excluded", Some("bored"), "Said."), line(&bay, "attended", None, "x"),
        line(&uuid::Uuid::now_v7().to_string(), "late", None, "x"), line(&ash, "attended", Some("behaviour"), "x"),
    ], "correction_reason": "Said." });
    // A line without its reason is without the field.
    for line in wrong["attendances"].as_array_mut().unwrap() {
        if line["excluded_because"].is_null() {
            line.as_object_mut().unwrap().remove("excluded_because");
        }
    }
    let refused = world.step(&carys(), &session, "attendance", &wrong).await.expect(422);
    assert_eq!(
        refused.pointers(),
        [
            "/attendances/0/excluded_because",
            "/attendances/1/enrolment_id",
            "/attendances/2/enrolment_id",
            "/attendances/3/enrolment_id",
            "/attendances/3/excluded_because"
        ]
    );
    let bare = json!({ "attendances": [{ "enrolment_id": ash, "attendance": "excluded" }] });
    let refused = world.step(&carys(), &session, "attendance", &bare).await.expect(422);
    assert_eq!(codes(&refused), [("/attendances/0/excluded_because".to_owned(), "required".to_owned())]);
    world.step(&carys(), &session, "attendance", &json!({ "attendances": [] })).await.expect(422);
    let path = format!("{session}/attendance");
    let came = register(&[(&ash, "absent")]);
    world.app.post(&carys(), &path, &came).await.expect(428);
    let stale = world.app.get(&carys(), &session).await.expect(200).etag();
    world.app.post_on(&carys(), &path, &stale, &came).await.expect(200);
    // Somebody else took it in the meantime.
    world.app.post_on(&colleague(), &path, &stale, &register(&[(&ash, "attended")])).await.expect(412);
    let mut other = register(&[(&ash, "late")]);
    let refused = world.step(&colleague(), &session, "attendance", &other).await.expect(422);
    assert_eq!(refused.pointers(), ["/correction_reason"]);
    other["correction_reason"] = json!("She came at half past; I had closed the list.");
    world.step(&colleague(), &session, "attendance", &other).await.expect(200);
    // The same again changes nothing and needs no reason.
    world.step(&carys(), &session, "attendance", &register(&[(&ash, "late")])).await.expect(200);
    let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{ash}")).await.expect(200).body;
    let lines = seen["sessions"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["attendance"], &lines[1]["attendance"]), (&json!("absent"), &json!("late")));
    assert!(lines[0]["replaced_at"].is_string() && lines[1].get("replaced_at").is_none());
    assert_eq!((&lines[1]["recorded_by_name"], &lines[0]["recorded_by_name"]), (&json!("cora"), &json!("carys")));
    assert_eq!(seen["attendance"], json!({ "attended": 1, "expected": 1 }));
    let told = world.told("group.attendance_recorded.v1").await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[1]["attendances"][0], json!({ "enrolment_id": ash, "attendance": "late", "correction": true }));
}

#[actix_web::test]
async fn a_group_finishes_with_its_registers_whole() {
    let world = World::new().await;
    let group = world.group(5).await;
    let never = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(409);
    assert_eq!(never.body["detail"], "no session of the group has been held: cancel the group instead");
    let (ash, bay) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    let session = world.held(&group, 3, &[(&ash, "attended")]).await;
    let odd = json!({ "finished_on": today() + Days::new(1), "words": "Said." });
    assert_eq!(world.step(&carys(), &group, "finish", &odd).await.expect(422).pointers(), ["/finished_on"]);
    let early = json!({ "finished_on": day(4) });
    assert_eq!(world.step(&carys(), &group, "finish", &early).await.expect(422).pointers(), ["/finished_on"]);
    let lacking = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(409);
    assert!(lacking.body["detail"].as_str().unwrap().contains("lack 1 lines"));
    world.register(&session, &[(&bay, "excluded")]).await.expect(200);
    let done = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(200);
    // Bay was expected at nothing, and completed nothing.
    assert_eq!(
        (&done.body["run"]["enrolments"]["completed"], &done.body["run"]["enrolments"]["not_completed"]),
        (&json!(1), &json!(1))
    );
    let refused = world.register(&session, &[(&ash, "absent")]).await;
    assert!(refused.status == 409 || refused.status == 422);
}

#[actix_web::test]
async fn a_group_that_is_called_off_ends_everyone_s_enrolment() {
    let world = World::new().await;
    let group = world.group(1).await;
    let (ash, bay) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    let wrong = json!({ "because": "bored", "words": "Said." });
    assert_eq!(world.step(&carys(), &group, "cancellation", &wrong).await.expect(422).pointers(), ["/because"]);
    let done = world.step(&carys(), &group, "cancellation", &json!({ "because": "too-few" })).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["run"]["ended_because"]), (&json!("cancelled"), &json!("too-few")));
    for id in [&ash, &bay] {
        let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{id}")).await.expect(200).body;
        assert_eq!(seen["status"], "cancelled");
    }
    let late = world.app.post(&carys(), &format!("{group}/sessions"), &json!({ "held_on": day(1) })).await.expect(409);
    assert_eq!(late.body["detail"], "the group was cancelled");
    assert_eq!(world.told("group.cancelled.v1").await[0]["because"], "too-few");
}

#[actix_web::test]
async fn somebody_hidden_from_whoever_ends_the_group_is_settled_with_the_rest() {
    let world = World::new().await;
    let group = world.group(5).await;
    let (ash, bay) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{ash}")).await.expect(200).body;
    let person = seen["person_id"].as_str().unwrap();
    world.held(&group, 3, &[(&ash, "attended"), (&bay, "attended")]).await;
    let exclusion = json!({ "effect": "exclude", "user_id": colleague().id, "reason": "A relative (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{person}/restrictions"), &exclusion).await.expect(201);
    world.app.get(&colleague(), &format!("/v1/group-enrolments/{ash}")).await.expect(404);
    let list = world.app.get(&colleague(), &format!("{group}/enrolments")).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    world.step(&colleague(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(200);
    let after = world.app.get(&carys(), &format!("/v1/group-enrolments/{ash}")).await.expect(200).body;
    assert_eq!(after["status"], "completed");
    assert_eq!(world.told("group.finished.v1").await[0]["enrolments"].as_array().unwrap().len(), 2);
}
