//! What becomes of an allocation between the asking and the end: the waiting list, its workers, a
//! transfer, several services at once, the clocks that run meanwhile, and what a team has in hand.

use chrono::{Days, TimeDelta, Utc};
use referral_service::alert::chaser::chase;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};
use uuid::Uuid;

use crate::world::World;

fn manager() -> Person {
    Person::new("sam", "county-council", Role::ServiceManager).team("intensive-family-support")
}

fn youth_worker() -> Person {
    Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work")
}

fn worker(name: &str) -> Value {
    json!({ "user_id": Uuid::now_v7(), "name": format!("{name} (invented)") })
}

async fn read(world: &World, who: &Person, allocation: &str) -> Reply {
    world.app.get(who, &format!("/v1/allocations/{allocation}")).await.expect(200)
}

/// An allocation that family support works on, led by somebody.
async fn led(world: &World, lead: &Value) -> (String, String) {
    let (id, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({ "lead_worker": lead })).await.expect(200);
    (id, allocation)
}

async fn events(world: &World, kind: &str) -> Vec<Value> {
    world.told(kind).await
}

#[actix_web::test]
async fn what_is_offered_is_to_be_answered_in_time_and_is_chased() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let seen = read(&world, &world.family_worker, &allocation).await;
    assert_eq!((&seen.body["answer_clock"], &seen.body["part"]), (&json!("due"), &json!("lead")));
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::hours(1)).await.unwrap(), 0);
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(10)).await.unwrap(), 1);
    for who in [&world.family_worker, &world.charnwood, &world.officer] {
        let alerts = world.app.get(who, "/v1/alerts").await.expect(200);
        assert_eq!(alerts.body["items"][0]["kind"], "allocation_answer", "{}", who.name);
        assert_eq!(alerts.body["items"][0]["about"], format!("/v1/allocations/{allocation}"));
    }
    assert_eq!(world.app.get(&world.melton, "/v1/alerts").await.expect(200).body["items"], json!([]));
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    assert_eq!(read(&world, &world.family_worker, &allocation).await.body["answer_clock"], "met");
}

#[actix_web::test]
async fn who_accepts_and_names_nobody_is_reminded_until_somebody_leads() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let accepted = world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    assert!(accepted.body["lead_worker_due_at"].is_string(), "{}", accepted.body);
    assert_eq!(accepted.body["case_type"], "intensive-family-support", "what is usual for the service");
    assert!(accepted.body["expected_end_at"].is_string());
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(6)).await.unwrap(), 1);
    let alerts = world.app.get(&world.family_worker, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "lead_worker_named");
    let robin = worker("Robin Support");
    let lead = json!({ "user_id": robin["user_id"], "name": robin["name"], "part": "lead" });
    let named = world.answer(&manager(), &allocation, "workers", &lead).await.expect(200);
    assert_eq!(named.body["lead_worker"]["name"], "Robin Support (invented)");
    assert!(named.body.get("lead_worker_due_at").is_none());
    let told = events(&world, "allocation.worker_assigned.v1").await;
    assert_eq!(told[0]["worker_id"], robin["user_id"]);
    assert_eq!(told[0]["worker_part"], "lead");
}

#[actix_web::test]
async fn a_waiting_list_has_an_order_a_reason_and_an_end() {
    let world = World::new().await;
    let day = |days: u64| (Utc::now().date_naive() + Days::new(days)).to_string();
    let (first, one) = world.offered().await;
    let (_, two) = world.offered().await;
    let soon = json!({ "expected_from": day(20), "reason": "Full until the new year." });
    let past = json!({ "expected_from": day(0), "reason": "Said." });
    let refused = world.answer(&world.family_worker, &one, "waiting", &past).await.expect(422);
    assert_eq!(refused.pointers(), ["/expected_from"]);
    world.answer(&world.charnwood, &one, "waiting", &soon).await.expect(403);
    world.app.post(&world.family_worker, &format!("/v1/allocations/{one}/waiting"), &soon).await.expect(428);
    world
        .app
        .post_on(&world.family_worker, &format!("/v1/allocations/{one}/waiting"), "\"9-full\"", &soon)
        .await
        .expect(412);
    let waiting = world.answer(&world.family_worker, &one, "waiting", &soon).await.expect(200);
    assert_eq!(waiting.body["status"], "waiting");
    assert_eq!((&waiting.body["waiting"]["position"], &waiting.body["waiting"]["waiting"]), (&json!(1), &json!(1)));
    world.answer(&world.family_worker, &two, "waiting", &soon).await.expect(200);
    let hub = read(&world, &world.charnwood, &two).await;
    assert_eq!((&hub.body["waiting"]["position"], &hub.body["waiting"]["waiting"]), (&json!(2), &json!(2)));
    assert_eq!(hub.body["answer_clock"], "met", "waiting is an answer");
    // A later day keeps the place.
    let later = json!({ "expected_from": day(40), "reason": "Still full." });
    let postponed = world.answer(&world.family_worker, &one, "waiting", &later).await.expect(200);
    assert_eq!(postponed.body["waiting"]["position"], 1);
    assert_eq!(postponed.body["waiting"]["expected_from"], day(40));
    let list = world.app.get(&world.family_worker, "/v1/allocations?status=waiting").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.status(&first).await, "offered");
    // When the day has passed the service and the hub are reminded.
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(22)).await.unwrap(), 1);
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "allocation_waiting");
    let accepted = world.answer(&world.family_worker, &one, "acceptance", &json!({})).await.expect(200);
    assert!(accepted.body.get("waiting").is_none());
    assert_eq!(world.status(&first).await, "in_service");
    assert_eq!(read(&world, &world.family_worker, &two).await.body["waiting"]["position"], 1);
    world.answer(&world.family_worker, &one, "waiting", &soon).await.expect(409);
    let no = json!({ "reason": "Never a place." });
    world.answer(&world.family_worker, &two, "decline", &no).await.expect(200);
    let told = events(&world, "allocation.waiting.v1").await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["expected_from"], day(20));
    assert_eq!(told[0]["service"], "intensive-family-support");
}

#[actix_web::test]
async fn a_referrer_that_withdraws_takes_the_family_off_the_waiting_list() {
    let world = World::new().await;
    let (id, allocation) = world.offered().await;
    let day = (Utc::now().date_naive() + Days::new(20)).to_string();
    let soon = json!({ "expected_from": day, "reason": "Full." });
    world.answer(&world.family_worker, &allocation, "waiting", &soon).await.expect(200);
    world.change(&world.school, &id, "withdrawal", &json!({ "reason": "Helped elsewhere." })).await.expect(200);
    assert_eq!(read(&world, &world.family_worker, &allocation).await.body["status"], "withdrawn");
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(60)).await.unwrap(), 0, "its clocks have stopped");
}

#[actix_web::test]
async fn a_step_up_ends_what_waits_and_the_workers_parts() {
    let world = World::new().await;
    let up = json!({ "direction": "up", "reason": "A child is at risk of significant harm." });
    let (waits, allocation) = world.offered().await;
    let day = (Utc::now().date_naive() + Days::new(20)).to_string();
    let soon = json!({ "expected_from": day, "reason": "Full." });
    world.answer(&world.family_worker, &allocation, "waiting", &soon).await.expect(200);
    world.change(&world.officer, &waits, "step", &up).await.expect(200);
    assert_eq!(read(&world, &world.family_worker, &allocation).await.body["status"], "withdrawn");
    let (works, allocation) = led(&world, &worker("Robin Support")).await;
    world.change(&world.officer, &works, "step", &up).await.expect(200);
    let ended = read(&world, &world.family_worker, &allocation).await;
    assert_eq!((&ended.body["status"], &ended.body["outcome"]), (&json!("closed"), &json!("stepped_up")));
    let load = world.app.get(&manager(), "/v1/caseloads?team=intensive-family-support").await.expect(200);
    assert_eq!((&load.body["workers"], &load.body["waiting"]), (&json!([]), &json!(0)));
}

#[actix_web::test]
async fn workers_come_and_go_and_their_history_stays() {
    let world = World::new().await;
    let (robin, ryan) = (worker("Robin Support"), worker("Ryan Support"));
    let (id, allocation) = led(&world, &robin).await;
    let by_name = |form: &Value| {
        let mut person = Person::new("named", "elsewhere", Role::ServiceWorker);
        person.id = form["user_id"].as_str().unwrap().parse().unwrap();
        person
    };
    // Seen by name, whatever the team.
    for path in [format!("/v1/referrals/{id}"), format!("/v1/allocations/{allocation}")] {
        world.app.get(&by_name(&robin), &path).await.expect(200);
        world.app.get(&by_name(&ryan), &path).await.expect(404);
    }
    let part = |form: &Value, part: &str| json!({ "user_id": form["user_id"], "name": form["name"], "part": part });
    world.answer(&manager(), &allocation, "workers", &part(&ryan, "supporting")).await.expect(200);
    world.answer(&manager(), &allocation, "workers", &part(&ryan, "supporting")).await.expect(409);
    let both = read(&world, &world.family_worker, &allocation).await;
    assert_eq!(both.body["supporting_workers"][0]["user_id"], ryan["user_id"]);
    // Ryan takes over; Robin is on it no longer.
    let taken = world.answer(&manager(), &allocation, "workers", &part(&ryan, "lead")).await.expect(200);
    assert_eq!(taken.body["lead_worker"]["user_id"], ryan["user_id"]);
    assert!(taken.body.get("supporting_workers").is_none());
    world.app.get(&by_name(&robin), &format!("/v1/referrals/{id}")).await.expect(404);
    world.app.get(&by_name(&ryan), &format!("/v1/referrals/{id}")).await.expect(200);
    let ending = taken.body["lead_worker"]["id"].as_str().unwrap();
    let step = format!("workers/{ending}/end");
    let empty = world.answer(&manager(), &allocation, &step, &json!({ "reason": " " })).await.expect(422);
    assert_eq!(empty.pointers(), ["/reason"]);
    let gone =
        world.answer(&manager(), &allocation, &step, &json!({ "reason": "Leaves the county." })).await.expect(200);
    assert!(gone.body.get("lead_worker").is_none());
    assert!(gone.body["lead_worker_due_at"].is_string(), "somebody is to be named again");
    world.answer(&manager(), &allocation, &step, &json!({ "reason": "Again." })).await.expect(409);
    let nobody = format!("workers/{}/end", Uuid::now_v7());
    world.answer(&manager(), &allocation, &nobody, &json!({ "reason": "x" })).await.expect(404);
    let path = format!("/v1/allocations/{allocation}/workers");
    let history = world.app.get(&world.charnwood, &path).await.expect(200);
    let told: Vec<(&Value, &Value)> =
        history.body.as_array().unwrap().iter().map(|w| (&w["part"], &w["ended_because"])).collect();
    assert_eq!(
        told,
        [
            (&json!("lead"), &json!("Ryan Support (invented) leads from now on.")),
            (&json!("supporting"), &json!("Another part was given.")),
            (&json!("lead"), &json!("Leaves the county.")),
        ]
    );
    world.app.get(&world.melton, &path).await.expect(404);
    world.answer(&world.officer, &allocation, "workers", &part(&robin, "lead")).await.expect(403);
    let wrong = json!({ "user_id": "x", "name": "", "part": "boss" });
    let refused = world.answer(&manager(), &allocation, "workers", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/name", "/part", "/user_id"]);
}

#[actix_web::test]
async fn nobody_is_named_on_what_is_not_accepted() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let robin = json!({ "user_id": Uuid::now_v7(), "name": "Robin (invented)", "part": "lead" });
    let early = world.answer(&world.family_worker, &allocation, "workers", &robin).await.expect(409);
    assert_eq!(early.body["detail"], "the service has not accepted this yet");
    let kind = json!({ "complexity": "higher", "reason": "x" });
    world.answer(&world.family_worker, &allocation, "classification", &kind).await.expect(409);
    let next = json!({ "service": "youth-work", "reason": "x" });
    world.answer(&world.family_worker, &allocation, "transfer", &next).await.expect(409);
}

#[actix_web::test]
async fn to_another_service_it_is_passed_on_and_asked_anew() {
    let world = World::new().await;
    let (id, allocation) = led(&world, &worker("Robin Support")).await;
    for (body, pointers) in [
        (json!({ "reason": "Said." }), vec!["/service"]),
        (json!({ "reason": "x", "service": "youth-work", "worker": worker("Ryan") }), vec!["/worker"]),
        (json!({ "reason": "x", "service": "intensive-family-support" }), vec!["/service"]),
        (json!({ "reason": "x", "service": "alchemy", "case_type": "magic" }), vec!["/case_type", "/service"]),
        (json!({ "reason": "x", "worker": worker("Ryan"), "asked_for": "y" }), vec!["/asked_for"]),
    ] {
        let refused = world.answer(&world.family_worker, &allocation, "transfer", &body).await.expect(422);
        assert_eq!(refused.pointers(), pointers);
    }
    let on = json!({ "service": "youth-work", "reason": "What is left is work with Juniper alone.",
        "case_type": "youth-work", "asked_for": "One-to-one sessions." });
    world.answer(&world.charnwood, &allocation, "transfer", &on).await.expect(403);
    let passed = world.answer(&world.family_worker, &allocation, "transfer", &on).await.expect(200);
    assert_eq!((&passed.body["status"], &passed.body["outcome"]), (&json!("closed"), &json!("transferred")));
    assert_eq!(world.status(&id).await, "offered");
    let next = world.newest_allocation(&youth_worker()).await;
    assert_eq!(passed.body["transferred_to"], next.as_str());
    let seen = read(&world, &youth_worker(), &next).await;
    assert_eq!(seen.body["asked_for"], "One-to-one sessions.");
    assert_eq!((&seen.body["case_type"], &seen.body["part"]), (&json!("youth-work"), &json!("lead")));
    world.app.get(&youth_worker(), &format!("/v1/referrals/{id}")).await.expect(200);
    let told = events(&world, "allocation.transferred.v1").await;
    assert_eq!((&told[0]["to_service"], &told[0]["to_allocation_id"]), (&json!("youth-work"), &json!(next)));
    assert_eq!(events(&world, "allocation.closed.v1").await[0]["outcome"], "transferred");
    let history = world.app.get(&world.officer, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let what: Vec<&str> = history.body.as_array().unwrap().iter().filter_map(|line| line["what"].as_str()).collect();
    assert!(what.contains(&"transferred"), "{what:?}");
    // The other says no: it is the hub's again, and nobody's by oversight.
    world.answer(&youth_worker(), &next, "decline", &json!({ "reason": "Too young." })).await.expect(200);
    assert_eq!(world.status(&id).await, "listed_for_hub");
}

#[actix_web::test]
async fn within_the_team_it_is_passed_to_another_worker() {
    let world = World::new().await;
    let (id, allocation) = led(&world, &worker("Robin Support")).await;
    let ryan = worker("Ryan Support");
    let on = json!({ "worker": ryan, "reason": "Robin is on leave until spring." });
    let passed = world.answer(&manager(), &allocation, "transfer", &on).await.expect(200);
    assert_eq!(passed.body["lead_worker"]["user_id"], ryan["user_id"]);
    assert_eq!(world.status(&id).await, "in_service");
    let history = world.app.get(&manager(), &format!("/v1/allocations/{allocation}/workers")).await.expect(200);
    assert_eq!(history.body[0]["ended_because"], "Robin is on leave until spring.");
}

#[actix_web::test]
async fn a_caseload_is_weighed_and_its_ceiling_warns_and_never_blocks() {
    let world = World::new().await;
    let boss = manager();
    let robin = worker("Robin Support");
    let (_, first) = led(&world, &robin).await;
    let load = async |who: &Person| world.app.get(who, "/v1/caseloads?team=intensive-family-support").await;
    let seen = load(&boss).await.expect(200);
    assert_eq!((&seen.body["workers"][0]["weight"], &seen.body["in_work"]), (&json!(10), &json!(1)));
    assert_eq!(seen.body["workers"][0]["over"], false);
    let ceiling = |weight: i64, user: Option<&Value>| {
        let mut body =
            json!({ "team": "intensive-family-support", "weight": weight, "reason": "Agreed with the team." });
        if let Some(user) = user {
            body["user_id"] = user["user_id"].clone();
        }
        body
    };
    let path = "/v1/caseloads/ceilings";
    world.app.post(&world.family_worker, path, &ceiling(15, None)).await.expect(403);
    let other = Person::new("una", "county-council", Role::ServiceManager).team("youth-work");
    let refused = world.app.post(&other, path, &ceiling(15, None)).await.expect(422);
    assert_eq!(refused.pointers(), ["/team"]);
    let set = world.app.post(&boss, path, &ceiling(15, None)).await.expect(201);
    assert_eq!(set.body["weight"], 15);
    // The second case brings Robin above it; the answer says so, and it is done all the same.
    let (_, second) = world.offered().await;
    let body = json!({ "lead_worker": robin, "complexity": "higher" });
    let accepted = world.answer(&world.family_worker, &second, "acceptance", &body).await.expect(200);
    assert_eq!(accepted.body["warnings"][0]["code"], "over_ceiling");
    assert_eq!(accepted.body["lead_worker"]["user_id"], robin["user_id"]);
    let seen = load(&world.family_worker).await.expect(200);
    let mine = &seen.body["workers"][0];
    assert_eq!((&mine["cases"], &mine["weight"], &mine["over"]), (&json!(2), &json!(25), &json!(true)));
    // Their own ceiling goes before the team's.
    world.app.post(&boss, path, &ceiling(40, Some(&robin))).await.expect(201);
    let seen = load(&boss).await.expect(200);
    assert_eq!((&seen.body["workers"][0]["ceiling"], &seen.body["ceiling"]), (&json!(40), &json!(15)));
    assert_eq!(seen.body["workers"][0]["over"], false);
    // Less complex counts less; a closed case not at all; somebody who supports, half.
    let lower = json!({ "complexity": "lower", "reason": "Calmer now." });
    world.answer(&boss, &second, "classification", &lower).await.expect(200);
    assert_eq!(load(&boss).await.body["workers"][0]["weight"], 17);
    let done = json!({ "outcome": "needs_met", "summary": "Done." });
    world.answer(&world.family_worker, &first, "closure", &done).await.expect(200);
    assert_eq!(load(&boss).await.body["workers"][0]["weight"], 7);
    // A child one may not see counts all the same.
    let seen = world.app.get(&world.family_worker, &format!("/v1/allocations/{second}")).await.expect(200);
    let referral = seen.body["referral_id"].as_str().unwrap();
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{referral}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": boss.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    assert_eq!(load(&boss).await.body["workers"][0]["weight"], 7);
    // Another team's is not found; whoever has none may not ask.
    world.app.get(&world.family_worker, "/v1/caseloads?team=youth-work").await.expect(404);
    world.app.get(&world.officer, "/v1/caseloads?team=intensive-family-support").await.expect(403);
    assert_eq!(world.app.get(&boss, "/v1/caseloads").await.expect(400).pointers(), ["team"]);
}

#[actix_web::test]
async fn a_kind_of_work_is_one_of_the_words_of_the_day() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let wrong = json!({ "case_type": "magic", "complexity": "cosmic" });
    let refused = world.answer(&world.family_worker, &allocation, "acceptance", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/case_type", "/complexity"]);
    let short = json!({ "case_type": "short-family-work" });
    let accepted = world.answer(&world.family_worker, &allocation, "acceptance", &short).await.expect(200);
    let end = |reply: &Reply| reply.body["expected_end_at"].as_str().unwrap().to_owned();
    let refused =
        world.answer(&manager(), &allocation, "classification", &json!({ "reason": "Said." })).await.expect(422);
    assert_eq!(refused.pointers(), ["/case_type"]);
    let longer = json!({ "case_type": "intensive-family-support", "reason": "More than it seemed." });
    let changed = world.answer(&manager(), &allocation, "classification", &longer).await.expect(200);
    assert!(end(&changed) > end(&accepted), "such work takes longer");
    assert_eq!(events(&world, "allocation.classified.v1").await[0]["case_type"], "intensive-family-support");
}

#[actix_web::test]
async fn a_retried_acceptance_has_one_effect() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let path = format!("/v1/allocations/{allocation}/acceptance");
    let body = json!({ "lead_worker": worker("Robin Support") });
    for _ in 0..2 {
        let reply = world.app.post_with(&world.family_worker, &path, "one-key", Some("\"1-full\""), &body).await;
        assert_eq!(reply.expect(200).body["status"], "accepted");
    }
    let workers = world.app.get(&world.family_worker, &format!("/v1/allocations/{allocation}/workers")).await;
    assert_eq!(workers.expect(200).body.as_array().unwrap().len(), 1);
}
