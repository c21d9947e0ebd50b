//! The hubs of the districts: how they work, their meetings and their agenda.

mod agendas;

use chrono::{Days, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::testing::Reply;
use uuid::Uuid;

use crate::world::World;

pub const CHARNWOOD: &str = "/v1/hubs/charnwood";

pub fn meeting() -> Value {
    json!({
        "held_on": Utc::now() + TimeDelta::hours(1), "chair": "Harper Hub (invented)",
        "members": [
            { "name": "Harper Hub (invented)", "agency": "district-charnwood" },
            { "name": "PC A Constable (invented)", "agency": "police" },
            { "name": "A Health Visitor (invented)", "agency": "health" }
        ]
    })
}

pub fn day(days: u64) -> String {
    (Utc::now().date_naive() + Days::new(days)).to_string()
}

/// Says how the hub of Charnwood works.
async fn works_by(world: &World, way: &str) {
    let path = format!("{CHARNWOOD}/practice");
    let etag = world.app.get(&world.manager, &path).await.expect(200).etag();
    let body = json!({ "way": way, "reason": "Agreed with the district." });
    world.app.post_on(&world.manager, &path, &etag, &body).await.expect(200);
}

/// A planned meeting's address.
pub async fn planned(world: &World) -> String {
    let id = world.app.post(&world.charnwood, &format!("{CHARNWOOD}/meetings"), &meeting()).await.expect(201).id();
    format!("{CHARNWOOD}/meetings/{id}")
}

/// A step of a meeting, on the version there is.
pub async fn step(world: &World, path: &str, step: &str, body: &Value) -> Reply {
    let etag = world.app.get(&world.charnwood, path).await.expect(200).etag();
    world.app.post_on(&world.charnwood, &format!("{path}/{step}"), &etag, body).await
}

/// An open meeting's address.
pub async fn opened(world: &World) -> String {
    let path = planned(world).await;
    step(world, &path, "opening", &json!({})).await.expect(200);
    path
}

pub async fn agenda(world: &World, path: &str) -> Vec<Value> {
    let page = world.app.get(&world.charnwood, &format!("{path}/agenda?limit=100")).await.expect(200);
    page.body["items"].as_array().unwrap().clone()
}

/// The line of an agenda that is about a referral: its address and version.
pub async fn line(world: &World, path: &str, referral: &str) -> (String, String) {
    let items = agenda(world, path).await;
    let item = items.iter().find(|item| item["referral"]["id"] == referral).expect("on the agenda");
    (format!("{path}/agenda/{}", item["id"].as_str().unwrap()), item["etag"].as_str().unwrap().to_owned())
}

pub async fn decide(world: &World, path: &str, referral: &str, body: &Value) -> Reply {
    let (item, etag) = line(world, path, referral).await;
    world.app.post_on(&world.charnwood, &format!("{item}/decision"), &etag, body).await
}

#[actix_web::test]
async fn how_a_hub_works_is_said_by_those_who_may_and_read_by_those_it_concerns() {
    let world = World::new().await;
    let path = format!("{CHARNWOOD}/practice");
    let said = world.app.get(&world.charnwood, &path).await.expect(200);
    assert_eq!((&said.body["way"], said.body.get("changed_by")), (&json!("both"), None));
    let meetings = json!({ "way": "meeting", "reason": "Agreed with the district." });
    world.app.post(&world.manager, &path, &meetings).await.expect(428);
    world.app.post_on(&world.manager, &path, "\"9-full\"", &meetings).await.expect(412);
    let wrong = json!({ "way": "oracle", "reason": "" });
    let refused = world.app.post_on(&world.manager, &path, &said.etag(), &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/reason", "/way"]);
    for who in [&world.charnwood, &world.officer] {
        world.app.post_on(who, &path, &said.etag(), &meetings).await.expect(403);
    }
    for who in [&world.school, &world.family_worker, &world.analyst] {
        world.app.get(who, &path).await.expect(403);
    }
    let changed = world.app.post_on(&world.manager, &path, &said.etag(), &meetings).await.expect(200);
    assert_eq!((&changed.body["way"], &changed.body["changed_by"]), (&json!("meeting"), &json!("morgan")));
    world.app.post_on(&world.manager, &path, &said.etag(), &meetings).await.expect(412);
    world.app.get(&world.manager, "/v1/hubs/atlantis/practice").await.expect(404);
    // Another district goes its own way.
    let melton = world.app.get(&world.melton, "/v1/hubs/melton/practice").await.expect(200);
    assert_eq!(melton.body["way"], "both");
}

#[actix_web::test]
async fn a_meeting_is_planned_changed_attended_and_closed_with_its_minutes() {
    let world = World::new().await;
    let list = format!("{CHARNWOOD}/meetings");
    let wrong = json!({ "held_on": "soon", "chair": "", "members": [] });
    let refused = world.app.post(&world.charnwood, &list, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/chair", "/held_on", "/members"]);
    let path = planned(&world).await;
    for who in [&world.melton, &world.officer, &world.school, &world.family_worker] {
        world.app.get(who, &path).await.expect(404);
        world.app.get(who, &list).await.expect(404);
        world.app.post(who, &list, &meeting()).await.expect(404);
        world.app.get(who, &format!("{path}/agenda")).await.expect(404);
    }
    let elsewhere = path.replace("charnwood", "melton");
    world.app.get(&world.charnwood, &elsewhere).await.expect(404);
    world.app.post(&world.charnwood, &format!("{path}/change"), &json!({})).await.expect(428);
    let blank = json!({ "members": [{ "name": " ", "agency": "police" }] });
    assert_eq!(step(&world, &path, "change", &blank).await.expect(422).pointers(), ["/members/0/name"]);
    let later = Utc::now() + TimeDelta::days(3);
    let body = json!({ "held_on": later, "members": [{ "name": "Harper Hub (invented)", "agency": "district-charnwood" },
        { "name": "A School Nurse (invented)", "agency": "health" }] });
    let changed = step(&world, &path, "change", &body).await.expect(200);
    assert_eq!(changed.body["members"][1]["name"], "A School Nurse (invented)");
    assert_eq!(changed.body["chair"], "Harper Hub (invented)");
    step(&world, &path, "closure", &json!({ "minutes": "x" })).await.expect(409);
    step(&world, &path, "opening", &json!({})).await.expect(200);
    step(&world, &path, "opening", &json!({})).await.expect(409);
    step(&world, &path, "change", &body).await.expect(409);
    let nurse = changed.body["members"][1]["id"].as_str().unwrap();
    let strangers = json!({ "members": [{ "id": Uuid::now_v7(), "attendance": "attended" }] });
    assert_eq!(step(&world, &path, "attendance", &strangers).await.expect(422).pointers(), ["/members/0/id"]);
    let came = json!({ "members": [{ "id": nurse, "attendance": "attended" }] });
    let attended = step(&world, &path, "attendance", &came).await.expect(200);
    assert_eq!(attended.body["members"][1]["attendance"], "attended");
    let closed = step(&world, &path, "closure", &json!({ "minutes": "Nothing was listed." })).await.expect(200);
    assert_eq!((&closed.body["status"], &closed.body["closed_by"]), (&json!("closed"), &json!("harper")));
    for (done, body) in [("attendance", &came), ("closure", &json!({ "minutes": "x" })), ("opening", &json!({}))] {
        step(&world, &path, done, body).await.expect(409);
    }
    let build = format!("{path}/agenda/build");
    world.app.post(&world.charnwood, &build, &json!({})).await.expect(409);
    let told = world.told("hub.meeting_held.v1").await;
    assert_eq!((&told[0]["members"], &told[0]["attended"]), (&json!(2), &json!(1)));
    assert_eq!(told[0]["agencies"], json!(["district-charnwood", "health"]));
    // The list leads with the latest.
    let sooner = planned(&world).await;
    let page = world.app.get(&world.charnwood, &format!("{list}?limit=1")).await.expect(200);
    assert!(path.ends_with(page.body["items"][0]["id"].as_str().unwrap()), "{}", page.body);
    let next = format!("{list}?cursor={}", page.body["next"].as_str().unwrap());
    let page = world.app.get(&world.charnwood, &next).await.expect(200);
    assert!(sooner.ends_with(page.body["items"][0]["id"].as_str().unwrap()), "{}", page.body);
}

#[actix_web::test]
async fn a_hub_of_a_desk_team_holds_no_meetings_and_one_of_meetings_decides_there() {
    let world = World::new().await;
    works_by(&world, "desk").await;
    world.app.post(&world.charnwood, &format!("{CHARNWOOD}/meetings"), &meeting()).await.expect(409);
    let id = world.listed().await;
    let decided = world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(decided.body["decisions"][1]["way"], "desk");
    works_by(&world, "meeting").await;
    let id = world.listed().await;
    let refused = world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(422);
    assert_eq!(refused.pointers(), ["/urgent"]);
    let mut urgent = World::to_family_support();
    urgent["urgent"] = json!(true);
    let refused = world.change(&world.charnwood, &id, "hub-decision", &urgent).await.expect(422);
    assert_eq!(refused.pointers(), ["/urgent_because"]);
    urgent["urgent_because"] = json!("They lose the flat on Friday.");
    let decided = world.change(&world.charnwood, &id, "hub-decision", &urgent).await.expect(200);
    assert_eq!(decided.body["decisions"][1]["way"], "urgent");
    assert_eq!(decided.body["decisions"][1]["urgent_because"], "They lose the flat on Friday.");
    let seen = world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    assert!(seen.body["decisions"][1].get("way").is_none(), "how and why is the working team's");
    let told = world.told("hub.item_decided.v1").await;
    assert_eq!((&told[0]["outside_meeting"], &told[1]["outside_meeting"]), (&json!(false), &json!(true)));
    // It stands among the hub's notes, and on the next agenda.
    let notes = world.app.get(&world.charnwood, &format!("{CHARNWOOD}/notes")).await.expect(200);
    assert_eq!(notes.body["items"][0]["about"], "decided_outside_meeting");
    world.app.get(&world.melton, &format!("{CHARNWOOD}/notes")).await.expect(404);
    let path = opened(&world).await;
    let items = agenda(&world, &path).await;
    assert_eq!((items.len(), &items[0]["kind"]), (1, &json!("note")));
    assert_eq!(items[0]["added_because"], "They lose the flat on Friday.");
    let note = items[0]["id"].as_str().unwrap();
    let body = json!({ "outcome": "no_further_action", "reason": "x" });
    let decision = format!("{path}/agenda/{note}/decision");
    world.app.post_on(&world.charnwood, &decision, "\"2-full\"", &body).await.expect(404);
    let step = format!("{CHARNWOOD}/notes/{note}/acknowledgement");
    world.app.post(&world.charnwood, &step, &json!({})).await.expect(428);
    world.app.post_on(&world.melton, &step, "\"2-full\"", &json!({})).await.expect(404);
    let etag = items[0]["etag"].as_str().unwrap();
    let noted = json!({ "words": "Noted." });
    let done = world.app.post_on(&world.charnwood, &step, etag, &noted).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["settled_because"]), (&json!("noted"), &json!("Noted.")));
    world.app.post_on(&world.charnwood, &step, etag, &noted).await.expect(412);
    let notes = world.app.get(&world.charnwood, &format!("{CHARNWOOD}/notes")).await.expect(200);
    assert_eq!(notes.body["items"], json!([]));
}
