//! The hubs of the districts: how they work, their meetings and their agenda.

use chrono::{Days, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};
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

#[actix_web::test]
async fn an_agenda_is_built_from_what_is_listed_urgent_first() {
    let world = World::new().await;
    let first = world.listed().await;
    let mut grave = World::form();
    grave["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "A child is in danger (invented)." });
    let urgent = world.app.post(&world.school, "/v1/referrals", &grave).await.expect(201).id();
    world.change(&world.officer, &urgent, "decision", &World::to_hub()).await.expect(200);
    let elsewhere = json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x", "locality": "melton" });
    let other = world.submitted().await.id();
    world.change(&world.officer, &other, "decision", &elsewhere).await.expect(200);
    let path = planned(&world).await;
    let build = format!("{path}/agenda/build");
    let built = world.app.post(&world.charnwood, &build, &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 2);
    assert_eq!(world.app.post(&world.charnwood, &build, &json!({})).await.expect(200).body["added"], 0);
    let items = agenda(&world, &path).await;
    let order: Vec<&str> = items.iter().map(|item| item["referral"]["id"].as_str().unwrap()).collect();
    assert_eq!(order, [urgent.as_str(), first.as_str()]);
    assert_eq!(items[0]["referral"]["urgent"], true);
    // Everything at hand: the children, what was told, what the front door said, what there was before.
    let known = &items[1]["known"];
    assert_eq!(known["children"][0]["given_name"], "Juniper");
    assert!(
        known["told"]["worries"].as_str().unwrap().contains("At risk of eviction")
            || known["told"]["worries"].is_string()
    );
    assert_eq!((&known["screened"]["level_of_need"], &known["screened"]["decided_by"]), (&json!(3), &json!("olive")));
    assert_eq!(known["previous"][0]["id"], urgent.as_str());
    // A page at a time, in its order.
    let page = world.app.get(&world.charnwood, &format!("{path}/agenda?limit=1")).await.expect(200);
    let next = format!("{path}/agenda?limit=1&cursor={}", page.body["next"].as_str().expect("a next page"));
    let page = world.app.get(&world.charnwood, &next).await.expect(200);
    assert_eq!((&page.body["items"][0]["place"], page.body.get("next")), (&json!(2), None));
    // What comes later is there when the meeting opens.
    let late = world.listed().await;
    step(&world, &path, "opening", &json!({})).await.expect(200);
    assert_eq!(agenda(&world, &path).await[2]["referral"]["id"], late.as_str());
    // Whom an agenda named stands in the access log.
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{first}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    for _ in 0..50 {
        let log =
            world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
        if log.body["items"].as_array().unwrap().iter().any(|look| look["action"] == "hub.read") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the look at the agenda is not in the access log");
}

#[actix_web::test]
async fn lines_are_added_and_removed_by_hand_with_a_reason() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = planned(&world).await;
    let add = json!({ "referral_id": id, "reason": "Can't wait for the list." });
    let unlisted = world.submitted().await.id();
    for (wrong, pointers) in [
        (json!({ "referral_id": unlisted, "reason": "Said." }), vec!["/referral_id"]),
        (json!({ "referral_id": Uuid::now_v7(), "reason": "x" }), vec!["/referral_id"]),
    ] {
        let refused = world.app.post(&world.charnwood, &format!("{path}/agenda"), &wrong).await.expect(422);
        assert_eq!(refused.pointers(), pointers);
    }
    let added = world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(201);
    assert_eq!(added.body["added_because"], "Can't wait for the list.");
    world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(409);
    let item = format!("{path}/agenda/{}", added.id());
    world.app.get(&world.melton, &item).await.expect(404);
    let reason = json!({ "reason": "The desk decides this one." });
    world.app.post(&world.charnwood, &format!("{item}/removal"), &reason).await.expect(428);
    world.app.post_on(&world.melton, &format!("{item}/removal"), &added.etag(), &reason).await.expect(404);
    let removed = world.app.post_on(&world.charnwood, &format!("{item}/removal"), &added.etag(), &reason).await;
    assert_eq!(removed.expect(200).body["status"], "removed");
    let again =
        world.app.post_on(&world.charnwood, &format!("{item}/removal"), "\"2-full\"", &reason).await.expect(409);
    assert!(again.body["detail"].as_str().unwrap().starts_with("harper settled this"), "{}", again.body);
    // What was removed stays off this agenda, and is on the next one.
    let built = world.app.post(&world.charnwood, &format!("{path}/agenda/build"), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 0);
    let next = planned(&world).await;
    let built = world.app.post(&world.charnwood, &format!("{next}/agenda/build"), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 1);
    world.app.post(&world.charnwood, &format!("{path}/agenda"), &add).await.expect(409);
}

#[actix_web::test]
async fn what_a_meeting_does_not_reach_is_listed_for_the_next() {
    let world = World::new().await;
    let (left, gone) = (world.listed().await, world.listed().await);
    let path = opened(&world).await;
    world.change(&world.school, &gone, "withdrawal", &json!({ "reason": "Helped elsewhere." })).await.expect(200);
    let (item, etag) = line(&world, &path, &gone).await;
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    let refused = world.app.post_on(&world.charnwood, &format!("{item}/decision"), &etag, &end).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is withdrawn");
    let closed = step(&world, &path, "closure", &json!({ "minutes": "We ran out of time." })).await.expect(200);
    assert_eq!((&closed.body["items"]["not_reached"], &closed.body["items"]["overtaken"]), (&json!(1), &json!(1)));
    let (item, etag) = line(&world, &path, &left).await;
    world.app.post_on(&world.charnwood, &format!("{item}/decision"), &etag, &end).await.expect(409);
    let next = opened(&world).await;
    let items = agenda(&world, &next).await;
    assert_eq!((items.len(), &items[0]["referral"]["id"]), (1, &json!(left)));
}

#[actix_web::test]
async fn two_meetings_that_build_at_once_share_the_list_and_lose_nothing() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.listed().await);
    }
    let (one, two) = (planned(&world).await, planned(&world).await);
    let (build_one, build_two) = (format!("{one}/agenda/build"), format!("{two}/agenda/build"));
    let nothing = json!({});
    let (first, second) = futures::join!(
        world.app.post(&world.charnwood, &build_one, &nothing),
        world.app.post(&world.charnwood, &build_two, &nothing)
    );
    let added = first.expect(200).body["added"].as_i64().unwrap() + second.expect(200).body["added"].as_i64().unwrap();
    assert_eq!(added, 5);
    let mut listed: Vec<String> = Vec::new();
    for path in [&one, &two] {
        listed
            .extend(agenda(&world, path).await.iter().map(|item| item["referral"]["id"].as_str().unwrap().to_owned()));
    }
    listed.sort();
    ids.sort();
    assert_eq!(listed, ids);
}

#[actix_web::test]
async fn what_restricts_a_child_restricts_the_agenda_and_not_what_is_on_it() {
    let world = World::new().await;
    let id = world.listed().await;
    let hal = Person::new("hal", "police", Role::HubMember).hub("charnwood");
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.charnwood.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    // Her aunt opens the meeting, sees nothing of it, and the others do.
    let path = opened(&world).await;
    assert_eq!(agenda(&world, &path).await, Vec::<Value>::new());
    let seen = world.app.get(&hal, &format!("{path}/agenda")).await.expect(200);
    assert_eq!(seen.body["items"][0]["referral"]["id"], id.as_str());
    assert_eq!(world.app.get(&world.charnwood, &path).await.expect(200).body["items"]["listed"], 1);
    step(&world, &path, "closure", &json!({ "minutes": "x" })).await.expect(200);
    let next = opened(&world).await;
    let seen = world.app.get(&hal, &format!("{next}/agenda")).await.expect(200);
    assert_eq!(seen.body["items"][0]["referral"]["id"], id.as_str(), "not lost with the meeting that closed");
}

#[actix_web::test]
async fn every_agency_s_answer_is_at_hand_on_the_agenda() {
    let world = World::new().await;
    for (agency, kind) in [("police", "police"), ("greenfield-academy", "school")] {
        let source = json!({ "agency": agency, "kind": kind });
        world.app.post(&world.manager, "/v1/information-sources", &source).await.expect(201);
    }
    let referral = world.listed().await;
    let read = world.app.get(&world.officer, &format!("/v1/referrals/{referral}")).await.expect(200);
    let child = read.body["people"][0]["person_id"].clone();
    let ask = async |agency: &str, scope: &str| {
        let form = json!({ "agency": agency, "scopes": [scope], "years_back": 1, "purpose": "hub-decision",
                           "lawful_basis": "public-task", "people": [child] });
        let path = format!("/v1/referrals/{referral}/information-requests");
        world.app.post(&world.officer, &path, &form).await.expect(201).id()
    };
    let to_police = ask("police", "police-domestic-abuse").await;
    ask("greenfield-academy", "school-attendance").await;
    let taken_back = ask("police", "police-incidents").await;
    world
        .step(
            &world.officer,
            &format!("/v1/information-requests/{taken_back}"),
            "cancellation",
            &json!({ "reason": "x" }),
        )
        .await
        .expect(200);
    let answer = json!({ "found": "yes", "items": [{ "scope": "police-domestic-abuse", "about": [1], "from": Utc::now().date_naive() - TimeDelta::days(9),
        "words": "Called to a quarrel.", "dash_grade": "high" }] });
    let police = Person::new("vera", "police", Role::Referrer);
    world.app.post(&police, &format!("/v1/information-requests/{to_police}/answer"), &answer).await.expect(200);
    let path = opened(&world).await;
    world.app.post(&world.charnwood, &format!("{path}/agenda/build"), &json!({})).await.expect(200);
    let items = agenda(&world, &path).await;
    let asked = items[0]["known"]["information"].as_array().unwrap();
    assert_eq!(asked.len(), 2, "what was taken back is not there: {asked:?}");
    assert_eq!((&asked[0]["agency"], &asked[0]["lawful_basis"]), (&json!("police"), &json!("public-task")));
    assert_eq!((&asked[0]["answer"]["found"], &asked[0]["about"][0]["given_name"]), (&json!("yes"), &json!("Juniper")));
    let item = &asked[0]["answer"]["items"][0];
    assert_eq!((&item["words"], &item["dash_grade"]), (&json!("Called to a quarrel."), &json!("high")));
    assert_eq!((&asked[1]["status"], asked[1].get("answer")), (&json!("asked"), None));
    let (line, _) = line(&world, &path, &referral).await;
    let one = world.app.get(&world.charnwood, &line).await.expect(200);
    assert_eq!(one.body["known"]["information"], items[0]["known"]["information"]);
    // Who has no part in the hub sees none of it.
    world.app.get(&world.melton, &line).await.expect(404);
    world.app.get(&world.school, &line).await.expect(404);
}
