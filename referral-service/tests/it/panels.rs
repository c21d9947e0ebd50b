//! Restricted panels: what a hub hands to one is seen by its members and by nobody else, whichever way
//! one looks.

use chrono::{TimeDelta, Utc};
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};
use uuid::Uuid;

use crate::world::World;

fn constable() -> Person {
    Person::new("connie", "police", Role::Referrer)
}

/// Lets somebody sit on the Channel panel. The answer is the membership.
async fn seat(world: &World, who: &Person) -> Reply {
    let body = json!({ "user_id": who.id, "name": "A Constable (invented)", "agency": who.agency });
    world.app.post(&world.governance, "/v1/panels/channel/members", &body).await
}

fn to_channel() -> Value {
    json!({ "outcome": "information_and_advice", "reason": "Advice was given to the school.", "panel": "channel",
        "panel_reason": "Drawn to extremists online (invented).",
        "panel_dissent": [{ "who": "A Teacher (invented)", "agency": "greenfield-academy", "words": "It is bravado." }] })
}

async fn cases(world: &World, who: &Person) -> Vec<Value> {
    world.app.get(who, "/v1/panel-cases").await.expect(200).body["items"].as_array().unwrap().clone()
}

/// Whatever anyone could read of the referral and its meeting, as one text.
async fn everything_seen(world: &World, who: &Person, id: &str, meeting: &str) -> String {
    let mut seen = String::new();
    for path in [
        format!("/v1/referrals/{id}"),
        format!("/v1/referrals/{id}/history"),
        format!("/v1/referrals/{id}/feedback"),
        "/v1/referrals".to_owned(),
        "/v1/alerts".to_owned(),
        meeting.to_owned(),
        format!("{meeting}/agenda"),
        "/v1/hubs/charnwood/notes".to_owned(),
        "/v1/hubs/charnwood/referrals?status=closed".to_owned(),
        "/v1/panel-cases".to_owned(),
        "/v1/panels/channel/members".to_owned(),
    ] {
        seen.push_str(&world.app.get(who, &path).await.body.to_string());
    }
    seen
}

#[actix_web::test]
async fn what_goes_to_a_panel_is_seen_by_its_members_alone() {
    let world = World::new().await;
    let connie = constable();
    seat(&world, &connie).await.expect(201);
    let id = world.listed().await;
    let meeting = json!({ "held_on": Utc::now() + TimeDelta::hours(1), "chair": "Harper Hub (invented)",
        "members": [{ "name": "Harper Hub (invented)", "agency": "district-charnwood" }] });
    let path = world.app.post(&world.charnwood, "/v1/hubs/charnwood/meetings", &meeting).await.expect(201).id();
    let path = format!("/v1/hubs/charnwood/meetings/{path}");
    world.app.post_on(&world.charnwood, &format!("{path}/opening"), "\"1-full\"", &json!({})).await.expect(200);
    let items = world.app.get(&world.charnwood, &format!("{path}/agenda")).await.expect(200);
    let item = format!("{path}/agenda/{}/decision", items.body["items"][0]["id"].as_str().unwrap());
    let decided = world.app.post_on(&world.charnwood, &item, "\"1-full\"", &to_channel()).await.expect(200);
    assert_eq!(
        (&decided.body["status"], &decided.body["outcome"]),
        (&json!("decided"), &json!("information_and_advice"))
    );
    // Not the hub that handed it over, nor First Response, the referrer, or those who keep the panels.
    let admin = Person::new("adam", "county-council", Role::PartnershipAdministrator);
    let everyone = [
        &world.charnwood,
        &world.officer,
        &world.manager,
        &world.school,
        &world.family_worker,
        &world.governance,
        &admin,
    ];
    for who in everyone {
        let seen = everything_seen(&world, who, &id, &path).await.to_lowercase();
        for word in ["extremist", "bravado", "restricted", "panel_case", "panel_reason"] {
            assert!(!seen.contains(word), "{} reads {word}: {seen}", who.name);
        }
        // As a value: how a worry came is a `channel` too. Those who keep the panels know that there is one.
        let keeps = [&world.governance, &admin].iter().any(|keeper| keeper.id == who.id);
        assert!(keeps || !seen.contains(r#":"channel""#), "{} reads the panel's name", who.name);
    }
    let referral = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(
        (&referral.body["status"], &referral.body["decisions"][1]["outcome"]),
        (&json!("closed"), &json!("information_and_advice"))
    );
    assert_eq!(referral.body["decisions"][1]["reason"], "Advice was given to the school.");
    // Its member has the case, an alert, and the referral whole.
    let mine = cases(&world, &connie).await;
    assert_eq!((&mine[0]["panel"], &mine[0]["referral_id"]), (&json!("channel"), &json!(id)));
    // The list says which; why is read one at a time, each look a line in the log.
    assert!(mine[0].get("reason").is_none() && mine[0].get("dissent").is_none(), "{}", mine[0]);
    let case = format!("/v1/panel-cases/{}", mine[0]["id"].as_str().unwrap());
    let whole = world.app.get(&connie, &case).await.expect(200).body;
    assert_eq!(whole["reason"], "Drawn to extremists online (invented).");
    assert_eq!(whole["dissent"][0]["words"], "It is bravado.");
    assert_eq!(world.app.get(&connie, &format!("/v1/referrals/{id}")).await.expect(200).body["view"], "full");
    let alerts = world.app.get(&connie, "/v1/alerts").await.expect(200);
    let about = format!("/v1/panel-cases/{}", mine[0]["id"].as_str().unwrap());
    assert_eq!(
        (&alerts.body["items"][0]["kind"], &alerts.body["items"][0]["about"]),
        (&json!("panel_case"), &json!(about))
    );
    // No event tells the other services, and no access log those who read it.
    for told in ["hub.item_decided.v1", "referral.hub_decided.v1", "referral.closed.v1", "alert.raised.v1"] {
        for data in world.told(told).await {
            assert!(!data.to_string().contains("panel") && !data.to_string().contains("channel"), "{data}");
        }
    }
    let case = mine[0]["id"].as_str().unwrap();
    let path = format!("/v1/panel-cases/{case}");
    let etag = world.app.get(&connie, &path).await.expect(200).etag();
    for who in everyone {
        world.app.get(who, &path).await.expect(404);
        let outcome = json!({ "outcome": "no-further-action", "words": "x" });
        world.app.post_on(who, &format!("{path}/outcome"), &etag, &outcome).await.expect(404);
    }
    let child = referral.body["people"][0]["person_id"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let log = world.app.get(&world.manager, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
    assert!(!log.body.to_string().contains("panel"), "{}", log.body);
}

#[actix_web::test]
async fn the_panel_records_its_outcome_and_nobody_else_learns_of_it() {
    let world = World::new().await;
    let connie = constable();
    seat(&world, &connie).await.expect(201);
    let id = world.listed().await;
    world.change(&world.charnwood, &id, "hub-decision", &to_channel()).await.expect(200);
    let before = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let case = cases(&world, &connie).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/panel-cases/{case}");
    let step = format!("{path}/outcome");
    let etag = world.app.get(&connie, &path).await.expect(200).etag();
    let outcome = json!({ "outcome": "support-agreed", "words": "A mentor meets him weekly." });
    world.app.post(&connie, &step, &outcome).await.expect(428);
    let wrong = json!({ "outcome": "magic", "words": "Said." });
    assert_eq!(world.app.post_on(&connie, &step, &etag, &wrong).await.expect(422).pointers(), ["/outcome"]);
    let recorded = world.app.post_on(&connie, &step, &etag, &outcome).await.expect(200);
    assert_eq!((&recorded.body["status"], &recorded.body["closed_by"]), (&json!("closed"), &json!("connie")));
    world.app.post_on(&connie, &step, &etag, &outcome).await.expect(412);
    world.app.post_on(&connie, &step, &recorded.etag(), &outcome).await.expect(409);
    let after = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!((&after.body, after.etag()), (&before.body, before.etag()));
}

#[actix_web::test]
async fn a_panel_may_take_up_what_is_decided_otherwise_and_that_shows_nowhere() {
    let world = World::new().await;
    let connie = constable();
    seat(&world, &connie).await.expect(201);
    let id = world.listed().await;
    let mut body = World::to_family_support();
    body["panel"] = json!("channel");
    body["panel_reason"] = json!("What he says at school (invented).");
    world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(200);
    let plain = world.listed().await;
    world.change(&world.charnwood, &plain, "hub-decision", &World::to_family_support()).await.expect(200);
    let shape = async |id: &str| {
        let seen = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200);
        let decision = seen.body["decisions"][1].as_object().unwrap();
        let fields: Vec<String> = decision.keys().cloned().collect();
        (seen.body["status"].clone(), decision["outcome"].clone(), decision["reason"].clone(), fields)
    };
    assert_eq!(shape(&id).await, shape(&plain).await, "the same as without the panel");
    let mine = cases(&world, &connie).await;
    let case = format!("/v1/panel-cases/{}", mine[0]["id"].as_str().unwrap());
    let reason = world.app.get(&connie, &case).await.expect(200).body["reason"].clone();
    assert_eq!((mine.len(), reason), (1, json!("What he says at school (invented).")));
}

#[actix_web::test]
async fn who_sits_on_a_panel_is_kept_by_those_who_may() {
    let world = World::new().await;
    let connie = constable();
    let path = "/v1/panels/channel/members";
    let body = json!({ "user_id": connie.id, "name": "A Constable (invented)", "agency": "police" });
    for who in [&world.charnwood, &world.officer, &world.manager, &world.school, &connie] {
        world.app.get(who, path).await.expect(403);
        world.app.post(who, path, &body).await.expect(403);
    }
    world.app.get(&world.governance, "/v1/panels/oracle/members").await.expect(404);
    let wrong = json!({ "user_id": "x", "name": "", "agency": "Police!" });
    let refused = world.app.post(&world.governance, path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/agency", "/name", "/user_id"]);
    // Nobody sits there yet: then nothing may be handed over.
    let id = world.listed().await;
    let refused = world.change(&world.charnwood, &id, "hub-decision", &to_channel()).await.expect(422);
    assert_eq!(refused.pointers(), ["/panel"]);
    assert_eq!(world.status(&id).await, "listed_for_hub");
    let member = seat(&world, &connie).await.expect(201);
    seat(&world, &connie).await.expect(409);
    world.change(&world.charnwood, &id, "hub-decision", &to_channel()).await.expect(200);
    // Whoever comes later sees what is open; whoever goes sees none of it any more.
    let later = Person::new("nora", "health", Role::Referrer);
    assert_eq!(cases(&world, &later).await.len(), 0);
    seat(&world, &later).await.expect(201);
    assert_eq!(cases(&world, &later).await.len(), 1);
    let step = format!("{path}/{}/end", member.id());
    let reason = json!({ "reason": "Another post." });
    world.app.post(&world.governance, &step, &reason).await.expect(428);
    world.app.post_on(&world.charnwood, &step, &member.etag(), &reason).await.expect(403);
    let ended = world.app.post_on(&world.governance, &step, &member.etag(), &reason).await.expect(200);
    assert_eq!(ended.body["ended_because"], "Another post.");
    world.app.post_on(&world.governance, &step, &ended.etag(), &reason).await.expect(409);
    assert_eq!(cases(&world, &connie).await.len(), 0);
    let alerts = world.app.get(&connie, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"], json!([]), "what told of the case goes with it");
    world.app.get(&connie, &format!("/v1/referrals/{id}")).await.expect(404);
    let child = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    let child = child.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let hub = Person::new("connie", "police", Role::HubMember);
    let hub = Person { id: connie.id, ..hub };
    world.app.get(&hub, &format!("/v1/people/{child}")).await.expect(404);
    let list = world.app.get(&world.governance, &format!("{path}?limit=1")).await.expect(200);
    assert_eq!(
        (&list.body["items"][0]["name"], list.body["next"].is_string()),
        (&json!("A Constable (invented)"), true)
    );
    assert_eq!(list.body["items"][0]["user_id"], json!(later.id));
}

#[actix_web::test]
async fn a_worker_who_sits_on_a_panel_keeps_its_sight_when_the_work_ends() {
    let world = World::new().await;
    let worker = Person::new("wren", "elsewhere", Role::ServiceWorker);
    seat(&world, &worker).await.expect(201);
    let id = world.listed().await;
    let mut body = World::to_family_support();
    body["panel"] = json!("channel");
    body["panel_reason"] = json!("x");
    world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(200);
    let allocation = world.newest_allocation(&world.family_worker).await;
    let lead = json!({ "lead_worker": { "user_id": worker.id, "name": "Wren (invented)" } });
    let accepted = world.answer(&world.family_worker, &allocation, "acceptance", &lead).await.expect(200);
    let part = accepted.body["lead_worker"]["id"].as_str().unwrap().to_owned();
    let step = format!("workers/{part}/end");
    world.answer(&world.family_worker, &allocation, &step, &json!({ "reason": "x" })).await.expect(200);
    world.app.get(&worker, &format!("/v1/allocations/{allocation}")).await.expect(404);
    world.app.get(&worker, &format!("/v1/referrals/{id}")).await.expect(200);
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[actix_web::test]
async fn the_database_alone_keeps_a_panel_s_rows_from_everyone_else() {
    let world = World::new().await;
    seat(&world, &constable()).await.expect(201);
    let id = world.listed().await;
    world.change(&world.charnwood, &id, "hub-decision", &to_channel()).await.expect(200);
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    let scopes =
        "front-door hub:charnwood hub:melton team:intensive-family-support agency:police governance administration";
    let context = format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'police'; SET LOCAL app.scopes = '{scopes}'; \
         SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        Uuid::now_v7()
    );
    for (what, least) in [
        ("panel_case", 0),
        ("record_scope WHERE kind = 'panel_case'", 0),
        ("record_scope WHERE scope ^@ 'user:'", 0),
        ("alert WHERE kind = 'panel_case'", 0),
    ] {
        web.batch_execute(&context).await.unwrap();
        let found: Count =
            sql_query(format!("SELECT count(*) AS count FROM {what}")).get_result(&mut web).await.unwrap();
        assert_eq!(found.count, least, "{what}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
    // Nor can anyone give themselves a case: it has its members already.
    let mut all = world.app.database.all_seeing().await;
    let case: String = {
        #[derive(diesel::QueryableByName)]
        struct Id {
            #[diesel(sql_type = diesel::sql_types::Text)]
            id: String,
        }
        sql_query("SELECT id::text AS id FROM panel_case").get_result::<Id>(&mut all).await.unwrap().id
    };
    for statement in [
        format!("SELECT panel_give('{case}')"),
        format!("SELECT panel_show('{case}', '{}')", Uuid::now_v7()),
        format!("UPDATE panel_case SET words = 'x' WHERE id = '{case}' RETURNING 1/0"),
        "DELETE FROM panel_case".to_owned(),
        "DELETE FROM panel_member".to_owned(),
    ] {
        web.batch_execute(&context).await.unwrap();
        let done = web.batch_execute(&statement).await;
        if !statement.starts_with("UPDATE") {
            assert!(done.is_err(), "{statement}");
        }
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[actix_web::test]
async fn a_case_handed_over_while_a_member_leaves_is_not_left_with_them() {
    let world = World::new().await;
    let connie = constable();
    let member = seat(&world, &connie).await.expect(201).id();
    let id = world.listed().await;
    let case = Uuid::now_v7();
    let url = world.app.database.web();
    let context = |scopes: &str| {
        format!(
            "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = '{scopes}'; \
             SET LOCAL app.now = '2026-11-22T00:00:00Z'",
            Uuid::now_v7()
        )
    };
    let mut hub = shared::db::pool(&url, 1).unwrap().get().await.unwrap();
    hub.batch_execute(&context("hub:charnwood")).await.unwrap();
    hub.batch_execute(&format!(
        "INSERT INTO panel_case (id, panel, referral_id, opened_at, opened_by_name, reason, dissent, status, version)
         VALUES ('{case}', 'channel', '{id}', '2026-11-22', 'harper', 'x', '[]', 'open', 1)"
    ))
    .await
    .unwrap();
    hub.batch_execute(&format!("SELECT panel_give('{case}')")).await.unwrap();
    // The hub has not committed when governance ends the membership.
    let leaving = async {
        let mut governance = shared::db::pool(&url, 1).unwrap().get().await.unwrap();
        governance.batch_execute(&context("governance")).await.unwrap();
        let end = format!(
            "UPDATE panel_member SET until_at = '2100-01-01', ended_by_name = 'i', ended_because = 'x' WHERE id = '{member}';
             SELECT panel_leave('{member}'); COMMIT"
        );
        governance.batch_execute(&end).await.unwrap();
    };
    let committing = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        hub.batch_execute("COMMIT").await.unwrap();
    };
    futures::join!(leaving, committing);
    let mut all = world.app.database.all_seeing().await;
    let left = sql_query(format!(
        "SELECT count(*) AS count FROM record_scope WHERE kind <> 'person' AND scope = 'user:{}'",
        connie.id
    ));
    let left: Count = left.get_result(&mut all).await.unwrap();
    assert_eq!(left.count, 0, "the case and the referral are the leaver's no longer");
}
