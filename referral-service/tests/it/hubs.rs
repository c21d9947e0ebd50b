//! The hubs of the districts: how they work, their meetings and agenda, and what they decide.

use chrono::{Days, TimeDelta, Utc};
use referral_service::alert::chaser::chase;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};
use uuid::Uuid;

use crate::world::World;

const CHARNWOOD: &str = "/v1/hubs/charnwood";

fn meeting() -> Value {
    json!({
        "held_on": Utc::now() + TimeDelta::hours(1), "chair": "Harper Hub (invented)",
        "members": [
            { "name": "Harper Hub (invented)", "agency": "district-charnwood" },
            { "name": "PC A Constable (invented)", "agency": "police" },
            { "name": "A Health Visitor (invented)", "agency": "health" }
        ]
    })
}

fn day(days: u64) -> String {
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
async fn planned(world: &World) -> String {
    let id = world.app.post(&world.charnwood, &format!("{CHARNWOOD}/meetings"), &meeting()).await.expect(201).id();
    format!("{CHARNWOOD}/meetings/{id}")
}

/// A step of a meeting, on the version there is.
async fn step(world: &World, path: &str, step: &str, body: &Value) -> Reply {
    let etag = world.app.get(&world.charnwood, path).await.expect(200).etag();
    world.app.post_on(&world.charnwood, &format!("{path}/{step}"), &etag, body).await
}

/// An open meeting's address.
async fn opened(world: &World) -> String {
    let path = planned(world).await;
    step(world, &path, "opening", &json!({})).await.expect(200);
    path
}

async fn agenda(world: &World, path: &str) -> Vec<Value> {
    let page = world.app.get(&world.charnwood, &format!("{path}/agenda?limit=100")).await.expect(200);
    page.body["items"].as_array().unwrap().clone()
}

/// The line of an agenda that is about a referral: its address and version.
async fn line(world: &World, path: &str, referral: &str) -> (String, String) {
    let items = agenda(world, path).await;
    let item = items.iter().find(|item| item["referral"]["id"] == referral).expect("on the agenda");
    (format!("{path}/agenda/{}", item["id"].as_str().unwrap()), item["etag"].as_str().unwrap().to_owned())
}

async fn decide(world: &World, path: &str, referral: &str, body: &Value) -> Reply {
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
async fn one_decision_asks_several_services_and_keeps_the_dissent() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let body = json!({
        "outcome": "allocate", "reason": "Debt, and a boy with nowhere to go.",
        "allocations": [
            { "service": "intensive-family-support", "part": "lead", "case_type": "intensive-family-support" },
            { "service": "youth-work", "part": "supporting", "note": "Somewhere safe on Thursdays." }
        ],
        "dissent": [{ "who": "PC A Constable (invented)", "agency": "police", "words": "The risk is higher." }],
        "feedback": "Two services are asked to help."
    });
    let decided = decide(&world, &path, &id, &body).await.expect(200);
    assert_eq!((&decided.body["status"], &decided.body["outcome"]), (&json!("decided"), &json!("allocate")));
    let seen = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["status"], "offered");
    let decision = &seen.body["decisions"][1];
    assert_eq!((&decision["way"], &decision["dissent"][0]["agency"]), (&json!("meeting"), &json!("police")));
    assert_eq!(decision["reason"], "Debt, and a boy with nowhere to go.");
    let parts: Vec<(&Value, &Value)> =
        seen.body["allocations"].as_array().unwrap().iter().map(|a| (&a["service"], &a["part"])).collect();
    assert!(parts.contains(&(&json!("youth-work"), &json!("supporting"))), "{parts:?}");
    let school = world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    assert!(school.body["decisions"][1].get("dissent").is_none());
    let feedback = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    assert_eq!(feedback.body.as_array().unwrap().last().unwrap()["message"], "Two services are asked to help.");
    let told = world.told("hub.item_decided.v1").await;
    assert_eq!(told[0]["services"], json!(["intensive-family-support", "youth-work"]));
    assert_eq!((&told[0]["service"], &told[0]["way"]), (&json!("intensive-family-support"), &json!("meeting")));
    assert_eq!(world.told("referral.hub_decided.v1").await[0]["service"], "intensive-family-support");
    // Each sees that the other helps, and not the other's allocation.
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let (lead, support) = (world.newest_allocation(&world.family_worker).await, world.newest_allocation(&kit).await);
    let mine = world.app.get(&kit, &format!("/v1/allocations/{support}")).await.expect(200);
    assert_eq!(
        mine.body["alongside"][0],
        json!({ "service": "intensive-family-support", "part": "lead", "status": "offered" })
    );
    assert_eq!(mine.body["asked_for"], "Somewhere safe on Thursdays.");
    world.app.get(&kit, &format!("/v1/allocations/{lead}")).await.expect(404);
    // The one that supports begins; the referral waits for the one that leads.
    world.answer(&kit, &support, "acceptance", &json!({})).await.expect(200);
    assert_eq!(world.status(&id).await, "offered");
    world.change(&world.school, &id, "withdrawal", &json!({ "reason": "x" })).await.expect(409);
    world.answer(&world.family_worker, &lead, "acceptance", &json!({})).await.expect(200);
    assert_eq!(world.status(&id).await, "in_service");
    // The one that led ends its work; the family is not let go while the other helps.
    let done = json!({ "outcome": "needs_partly_met", "summary": "The debts are settled." });
    world.answer(&world.family_worker, &lead, "closure", &done).await.expect(200);
    assert_eq!(world.status(&id).await, "in_service");
    world.answer(&kit, &support, "closure", &done).await.expect(200);
    assert_eq!(world.status(&id).await, "closed");
    assert_eq!(world.told("referral.closed.v1").await.len(), 1);
}

#[actix_web::test]
async fn what_a_supporting_service_declines_is_never_unseen() {
    let world = World::new().await;
    let id = world.listed().await;
    let body = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "intensive-family-support", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(200);
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let support = world.newest_allocation(&kit).await;
    world.answer(&kit, &support, "decline", &json!({ "reason": "No room on Thursdays." })).await.expect(200);
    assert_eq!(world.status(&id).await, "offered", "the one that leads is still asked");
    world.app.get(&kit, &format!("/v1/referrals/{id}")).await.expect(404);
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "supporting_service_declined");
    let notes = world.app.get(&world.charnwood, &format!("{CHARNWOOD}/notes")).await.expect(200);
    assert_eq!(notes.body["items"][0]["allocation_id"], support.as_str());
    assert_eq!(notes.body["items"][0]["added_because"], "No room on Thursdays.");
    // A note that a meeting does not come to waits for the next one.
    let path = opened(&world).await;
    assert_eq!(agenda(&world, &path).await.len(), 1);
    step(&world, &path, "closure", &json!({ "minutes": "Too short." })).await.expect(200);
    let next = opened(&world).await;
    assert_eq!(agenda(&world, &next).await[0]["about"], "supporting_service_declined");
    // The one that leads declines too: the hub's again, whoever supports.
    let lead = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &lead, "decline", &json!({ "reason": "Full." })).await.expect(200);
    assert_eq!(world.status(&id).await, "listed_for_hub");
}

#[actix_web::test]
async fn a_service_that_supports_may_lead_and_nobody_is_let_go_while_it_helps() {
    let world = World::new().await;
    let id = world.listed().await;
    let both = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "intensive-family-support", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    world.change(&world.charnwood, &id, "hub-decision", &both).await.expect(200);
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let support = world.newest_allocation(&kit).await;
    world.answer(&kit, &support, "acceptance", &json!({})).await.expect(200);
    let lead = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &lead, "decline", &json!({ "reason": "Full." })).await.expect(200);
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    let refused = world.change(&world.charnwood, &id, "hub-decision", &end).await.expect(409);
    assert!(refused.body["detail"].as_str().unwrap().starts_with("youth-work still supports"), "{}", refused.body);
    let twice = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "childrens-centre", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    let refused = world.change(&world.charnwood, &id, "hub-decision", &twice).await.expect(422);
    assert_eq!(refused.pointers(), ["/allocations/1/service"]);
    let on = json!({ "outcome": "allocate", "reason": "It knows the boy.", "service": "youth-work" });
    let decided = world.change(&world.charnwood, &id, "hub-decision", &on).await.expect(200);
    assert_eq!(decided.body["status"], "in_service");
    assert_eq!(world.app.get(&kit, &format!("/v1/allocations/{support}")).await.body["part"], "lead");
    assert_eq!(world.told("allocation.part_changed.v1").await[0]["part"], "lead");
}

#[actix_web::test]
async fn a_decision_names_every_field_that_does_not_fit() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let lead = |service: &str| json!({ "service": service, "part": "lead" });
    let support = |service: &str| json!({ "service": service, "part": "supporting" });
    for (body, pointers) in [
        (json!({ "outcome": "allocate", "reason": " " }), vec!["/reason"]),
        (json!({ "outcome": "allocate", "reason": "x" }), vec!["/service"]),
        (json!({ "outcome": "allocate", "reason": "x", "allocations": [support("youth-work")] }), vec!["/allocations"]),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("youth-work"), lead("childrens-centre")] }),
            vec!["/allocations"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("youth-work"), support("youth-work")] }),
            vec!["/allocations/1/service"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("alchemy")] }),
            vec!["/allocations/0/service"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "service": "youth-work", "allocations": [lead("youth-work")] }),
            vec!["/service"],
        ),
        (json!({ "outcome": "defer", "reason": "x" }), vec!["/missing", "/until"]),
        (
            json!({ "outcome": "defer", "reason": "x", "missing": "The school's answer.", "until": day(0) }),
            vec!["/until"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "missing": "y", "until": day(9) }),
            vec!["/missing", "/until"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "service": "youth-work", "urgent": true }),
            vec!["/service", "/urgent"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "panel": "oracle", "panel_reason": "y" }),
            vec!["/panel"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x",
                "panel_dissent": [{ "who": "A", "agency": "police", "words": "x" }] }),
            vec!["/panel_dissent"],
        ),
        (json!({ "outcome": "no_further_action", "reason": "x", "panel": "channel" }), vec!["/panel_reason"]),
        (json!({ "outcome": "social_care", "reason": "x", "panel_reason": "y" }), vec!["/panel_reason"]),
        (
            json!({ "outcome": "defer", "reason": "x", "missing": "y", "until": day(9), "panel": "channel" }),
            vec!["/panel"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "dissent": [{ "who": "", "agency": "Police!" }] }),
            vec!["/dissent/0/agency", "/dissent/0/who", "/dissent/0/words"],
        ),
    ] {
        let refused = decide(&world, &path, &id, &body).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{body}");
    }
    assert_eq!(world.status(&id).await, "listed_for_hub");
    let (item, etag) = line(&world, &path, &id).await;
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    world.app.post(&world.charnwood, &format!("{item}/decision"), &end).await.expect(428);
    world.app.post_on(&world.melton, &format!("{item}/decision"), &etag, &end).await.expect(404);
    world.app.post_on(&world.officer, &format!("{item}/decision"), &etag, &end).await.expect(404);
}

#[actix_web::test]
async fn each_outcome_of_a_meeting_leads_where_it_should() {
    let world = World::new().await;
    let ids = [world.listed().await, world.listed().await, world.listed().await];
    let path = opened(&world).await;
    for (id, (outcome, status)) in ids.iter().zip([
        ("social_care", "with_social_care"),
        ("information_and_advice", "closed"),
        ("no_further_action", "closed"),
    ]) {
        decide(&world, &path, id, &json!({ "outcome": outcome, "reason": "Because." })).await.expect(200);
        assert_eq!(world.status(id).await, status, "{outcome}");
    }
    // Social care's step stands among the referral's steps, and First Response hears of it at once.
    let steps = world.app.get(&world.officer, &format!("/v1/referrals/{}/steps", ids[0])).await.expect(200);
    assert_eq!((&steps.body[0]["direction"], &steps.body[0]["acting_as"]), (&json!("up"), &json!("hub:charnwood")));
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "stepped_up");
    assert_eq!(world.told("referral.stepped_up.v1").await[0]["by"], "hub");
    let seen = world.app.get(&world.charnwood, &path).await.expect(200);
    assert_eq!(seen.body["items"]["decided"], 3);
}

#[actix_web::test]
async fn what_is_put_off_comes_back_on_its_day() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let later = json!({ "outcome": "defer", "reason": "We can't tell without the school.", "missing": "The school's answer.", "until": day(14) });
    let deferred = decide(&world, &path, &id, &later).await.expect(200);
    assert_eq!((&deferred.body["status"], &deferred.body["outcome"]), (&json!("deferred"), &json!("defer")));
    assert_eq!(world.status(&id).await, "listed_for_hub");
    let told = world.told("hub.item_decided.v1").await;
    assert_eq!((&told[0]["outcome"], &told[0]["deferred_until"]), (&json!("defer"), &json!(day(14))));
    assert_eq!(world.told("referral.hub_decided.v1").await, Vec::<Value>::new());
    step(&world, &path, "closure", &json!({ "minutes": "One put off." })).await.expect(200);
    // Not on an agenda before its day, unless somebody says so; on its day by itself.
    let soon = planned(&world).await;
    let build = |path: &str| format!("{path}/agenda/build");
    let built = world.app.post(&world.charnwood, &build(&soon), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 0);
    let body = json!({ "held_on": Utc::now() + TimeDelta::days(15) });
    step(&world, &soon, "change", &body).await.expect(200);
    world.app.post(&world.charnwood, &build(&soon), &json!({})).await.expect(200);
    let items = agenda(&world, &soon).await;
    assert_eq!(items[0]["deferrals"][0]["missing"], "The school's answer.");
    // The hub is reminded when the day has passed; and no more, once it has decided.
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(17)).await.unwrap(), 1);
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "hub_deferral");
    step(&world, &soon, "opening", &json!({})).await.expect(200);
    decide(&world, &soon, &id, &json!({ "outcome": "no_further_action", "reason": "All is well." })).await.expect(200);
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(60)).await.unwrap(), 0);
    let history = world.app.get(&world.officer, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let line = history.body.as_array().unwrap().iter().find(|line| line["what"] == "deferred").unwrap().clone();
    assert_eq!((&line["why"], &line["who"]), (&json!("The school's answer."), &json!("harper")));
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
async fn of_two_who_decide_one_item_at_once_the_second_is_told_who_was_first() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let step = format!("{item}/decision");
    let hal = Person::new("hal", "police", Role::HubMember).hub("charnwood");
    let (end, ask) = (json!({ "outcome": "no_further_action", "reason": "x" }), World::to_family_support());
    let (first, second) = futures::join!(
        world.app.post_on(&world.charnwood, &step, &etag, &ask),
        world.app.post_on(&hal, &step, &etag, &end)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [200, 412]);
    let (late, winner) = if first.status == 200 { (second, "harper") } else { (first, "hal") };
    let detail = late.body["detail"].as_str().unwrap();
    assert!(detail.starts_with(&format!("{winner} settled this at ")), "{detail}");
    let seen = world.app.get(&world.charnwood, &item).await.expect(200);
    assert_eq!(seen.body["settled_by"], winner);
    let again = world.app.post_on(&hal, &step, &seen.etag(), &end).await.expect(409);
    assert!(again.body["detail"].as_str().unwrap().starts_with(winner), "{}", again.body);
    assert_eq!(world.told("hub.item_decided.v1").await.len(), 1);
}

#[actix_web::test]
async fn a_desk_and_a_meeting_that_decide_at_once_do_not_overwrite_one_another() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let referral = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200).etag();
    let (end, ask) = (json!({ "outcome": "no_further_action", "reason": "x" }), World::to_family_support());
    let (step, desk) = (format!("{item}/decision"), format!("/v1/referrals/{id}/hub-decision"));
    let (meeting, desk) = futures::join!(
        world.app.post_on(&world.charnwood, &step, &etag, &ask),
        world.app.post_on(&world.charnwood, &desk, &referral, &end)
    );
    let mut statuses = [meeting.status, desk.status];
    statuses.sort();
    assert_eq!(statuses, [200, 412], "{} {}", meeting.body, desk.body);
    let seen = world.app.get(&world.charnwood, &item).await.expect(200);
    assert_eq!(seen.body["status"], "decided", "the line is settled whichever was first");
    assert_eq!(world.told("hub.item_decided.v1").await.len(), 1);
}

#[actix_web::test]
async fn two_hubs_meet_and_decide_at_once() {
    let world = World::new().await;
    let elsewhere = json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x", "locality": "melton" });
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        ours.push(world.listed().await);
        let id = world.submitted().await.id();
        world.change(&world.officer, &id, "decision", &elsewhere).await.expect(200);
        theirs.push(id);
    }
    let melton = world.app.post(&world.melton, "/v1/hubs/melton/meetings", &meeting()).await.expect(201).id();
    let melton = format!("/v1/hubs/melton/meetings/{melton}");
    let opening = format!("{melton}/opening");
    let nothing = json!({});
    let (path, opened_there) =
        futures::join!(opened(&world), world.app.post_on(&world.melton, &opening, "\"1-full\"", &nothing));
    opened_there.expect(200);
    let there = world.app.get(&world.melton, &format!("{melton}/agenda")).await.expect(200);
    let there: Vec<(String, String)> = there.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), item["etag"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(there.len(), 4);
    let here = agenda(&world, &path).await;
    assert_eq!(here.len(), 4);
    let body = World::to_family_support();
    let mut asked: Vec<_> = Vec::new();
    for item in &here {
        let step = format!("{path}/agenda/{}/decision", item["id"].as_str().unwrap());
        let etag = item["etag"].as_str().unwrap().to_owned();
        let (world, body) = (&world, &body);
        asked.push(futures::FutureExt::boxed_local(async move {
            world.app.post_on(&world.charnwood, &step, &etag, body).await
        }));
    }
    for (item, etag) in &there {
        let step = format!("{melton}/agenda/{item}/decision");
        let (world, body) = (&world, &body);
        asked.push(futures::FutureExt::boxed_local(async move {
            world.app.post_on(&world.melton, &step, etag, body).await
        }));
    }
    for reply in futures::future::join_all(asked).await {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    for id in ours.iter().chain(&theirs) {
        assert_eq!(world.status(id).await, "offered");
    }
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
async fn a_hub_that_had_the_referral_before_decides_no_more() {
    let world = World::new().await;
    let id = world.listed().await;
    world.change(&world.officer, &id, "step", &json!({ "direction": "up", "reason": "At risk." })).await.expect(200);
    let down = json!({ "direction": "down", "level_of_need": 2, "locality": "melton", "reason": "Moved to Melton.",
        "social_care_did": "An assessment.", "social_care_reference": "SC-0000-INVENTED" });
    world.change(&world.officer, &id, "step", &down).await.expect(200);
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(403);
    world.change(&world.melton, &id, "hub-decision", &World::to_family_support()).await.expect(200);
}

#[actix_web::test]
async fn a_retried_decision_has_one_effect() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let step = format!("{item}/decision");
    for _ in 0..2 {
        let reply = world
            .app
            .post_with(&world.charnwood, &step, "one-key", Some(&etag), &World::to_family_support())
            .await
            .expect(200);
        assert_eq!(reply.body["outcome"], "allocate");
    }
    assert_eq!(world.told("allocation.offered.v1").await.len(), 1);
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

#[actix_web::test]
async fn whoever_referred_hears_the_hub_s_decision_and_when_is_a_fact() {
    let world = World::new().await;
    // Listed by the hub's own member: nobody has decided yet.
    let mut form = World::form();
    form["kind"] = json!("hub_listing");
    let id = world.app.post(&world.charnwood, "/v1/referrals", &form).await.expect(201).id();
    assert_eq!(world.events(&id, "referral.referrer_told.v1").await.len(), 0);
    world.app.advance(TimeDelta::hours(5));
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    let told = world.events(&id, "referral.referrer_told.v1").await;
    assert_eq!((told.len(), &told[0]["hours"], &told[0]["in_time"]), (1, &json!(5), &json!(true)));
    assert_eq!((&told[0]["agency"], &told[0]["locality"]), (&json!("district-charnwood"), &json!("charnwood")));
    // Where the front door decided first, that was the first telling.
    let other = world.listed().await;
    world.change(&world.charnwood, &other, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(world.events(&other, "referral.referrer_told.v1").await.len(), 1);
    // A step up is a decision too.
    let third = world.app.post(&world.charnwood, "/v1/referrals", &form).await.expect(201).id();
    let up = json!({ "direction": "up", "reason": "He is hit at home." });
    world.change(&world.charnwood, &third, "step", &up).await.expect(200);
    assert_eq!(world.events(&third, "referral.referrer_told.v1").await.len(), 1);
}
