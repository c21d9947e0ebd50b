//! Short breaks: asked for, decided by the county's criteria, looked at again each year, ended.

use chrono::TimeDelta;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::short_break::SHORT_BREAKS;
use serde_json::{Value, json};
use shared::access::States;
use shared::testing::{Person, Reply};

use crate::world::World;

const PATH: &str = "/v1/short-breaks";

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

fn with(mut form: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

fn form() -> Value {
    json!({
        "person": { "given_name": "Hazel", "family_name": "Invented", "birth_date": "2016-06-14" },
        "asker": { "name": "Willow Invented", "is": "mother" }, "needs": ["autism", "carer-rest"],
        "words": "Up most nights.", "locality": "charnwood"
    })
}

fn agreed() -> Value {
    json!({ "outcome": "agreed", "reason": "With somebody beside her.",
            "grant": { "level": "targeted", "hours_per_year": 60, "criteria": ["needs-support-to-join-in"] } })
}

async fn asked(world: &World, who: &Person) -> String {
    world.app.post(who, PATH, &form()).await.expect(201).id()
}

async fn step(world: &World, who: &Person, id: &str, what: &str, body: &Value) -> Reply {
    let etag = world.app.get(&world.officer, &format!("{PATH}/{id}")).await.expect(200).etag();
    world.app.post_on(who, &format!("{PATH}/{id}/{what}"), &etag, body).await
}

#[actix_web::test]
async fn a_short_break_is_asked_for_decided_reviewed_each_year_and_ended() {
    let world = World::new().await;
    let id = asked(&world, &world.school).await;
    let whole = world.app.get(&world.officer, &format!("{PATH}/{id}")).await.expect(200).body;
    assert_eq!((&whole["status"], &whole["account"]["decision_clock"]), (&json!("requested"), &json!("due")));
    assert!(whole["reference"].as_str().unwrap().starts_with("B-"));
    step(&world, &world.officer, &id, "review", &json!({ "grant": agreed()["grant"], "reason": "x" }))
        .await
        .expect(409);
    let given = step(&world, &world.officer, &id, "decision", &agreed()).await.expect(200).body;
    assert_eq!(
        (&given["status"], &given["level"], &given["hours_per_year"]),
        (&json!("agreed"), &json!("targeted"), &json!(60))
    );
    assert_eq!(
        (&given["account"]["decision_clock"], &given["account"]["review_clock"]),
        (&json!("met"), &json!("due"))
    );
    step(&world, &world.officer, &id, "decision", &agreed()).await.expect(409);
    world.app.advance(TimeDelta::days(370));
    let late = world.app.get(&world.officer, &format!("{PATH}/{id}")).await.expect(200).body;
    assert_eq!(late["account"]["review_clock"], "overdue");
    let mut worker = world.app.background.connection().await.unwrap();
    referral_service::alert::chaser::chase(&mut worker, world.app.background.now()).await.unwrap();
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=reminder").await.expect(200);
    assert_eq!(alerts.body["items"][0]["about"], format!("{PATH}/{id}"));
    let more = json!({ "grant": { "level": "specialist", "pounds_per_year": 4000, "regardless_because": "Until the assessment." }, "reason": "Harder nights." });
    let reviewed = step(&world, &world.manager, &id, "review", &more).await.expect(200).body;
    assert_eq!(
        (
            &reviewed["level"],
            &reviewed["hours_per_year"],
            &reviewed["pounds_per_year"],
            &reviewed["account"]["review_clock"]
        ),
        (&json!("specialist"), &Value::Null, &json!(4000), &json!("due"))
    );
    let ended = step(&world, &world.officer, &id, "end", &json!({ "reason": "Moved away." })).await.expect(200).body;
    let steps: Vec<&str> =
        ended["account"]["steps"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!((ended["status"].as_str().unwrap(), steps), ("ended", vec!["agreed", "reviewed", "ended"]));
    step(&world, &world.officer, &id, "end", &json!({ "reason": "x" })).await.expect(409);
    let told = world.told("short_break.reviewed.v1").await;
    assert_eq!((&told[0]["in_time"], &told[0]["level"]), (&json!(false), &json!("specialist")));
    assert_eq!(world.told("short_break.decided.v1").await[0]["in_time"], true);
    assert_eq!(world.told("short_break.ended.v1").await.len(), 1);
    let requested = json!(world.told("short_break.requested.v1").await).to_string();
    assert!(
        requested.contains("autism") && !requested.contains("Hazel") && !requested.contains("Up most"),
        "{requested}"
    );
    // It is over, so that somebody may ask anew; and take that back.
    let again = asked(&world, &world.school).await;
    let back = step(&world, &world.officer, &again, "end", &json!({ "reason": "Asked by mistake." })).await.expect(200);
    assert_eq!(back.body["status"], "withdrawn");
}

#[actix_web::test]
async fn what_is_wrong_with_a_request_or_a_decision_is_named() {
    let world = World::new().await;
    for (fields, pointers) in [
        (json!({ "person": { "given_name": "Hazel" } }), vec!["/person/family_name"]),
        (
            json!({ "person": { "given_name": "A", "family_name": "B", "birth_date": "1990-01-01" } }),
            vec!["/person/birth_date"],
        ),
        (
            json!({ "person": { "given_name": "A", "family_name": "B", "birth_date": "2999-01-01" } }),
            vec!["/person/birth_date"],
        ),
        (json!({ "needs": [] }), vec!["/needs"]),
        (
            json!({ "needs": ["shoes", "autism", "autism"], "locality": "atlantis", "words": "Said." }),
            vec!["/locality", "/needs/0", "/needs/2"],
        ),
        (json!({ "asker": { "name": " ", "is": " " } }), vec!["/asker/is", "/asker/name"]),
        (json!({ "shoe_size": 4 }), vec!["/shoe_size"]),
    ] {
        let mut found = world.app.post(&world.school, PATH, &with(form(), fields.clone())).await.expect(422).pointers();
        found.sort_unstable();
        assert_eq!(found, pointers, "{fields}");
    }
    let key = uuid::Uuid::now_v7().to_string();
    let made = world.app.post_with(&world.school, PATH, &key, None, &form()).await.expect(201);
    let again = world.app.post_with(&world.school, PATH, &key, None, &form()).await.expect(201);
    assert_eq!(made.id(), again.id(), "sent again it is one");
    world.app.post(&world.officer, PATH, &form()).await.expect(409);
    let id = made.id();
    for (body, pointers) in [
        (json!({ "outcome": "agreed", "reason": "x" }), vec!["/grant"]),
        (with(agreed(), json!({ "outcome": "declined" })), vec!["/grant"]),
        (
            with(agreed(), json!({ "grant": { "level": "universal", "hours_per_year": 5 } })),
            vec!["/grant/hours_per_year"],
        ),
        (
            with(agreed(), json!({ "grant": { "level": "targeted", "criteria": ["shoes"] } })),
            vec!["/grant/criteria/0", "/grant/hours_per_year"],
        ),
        (
            with(
                agreed(),
                json!({ "grant": { "level": "specialist", "hours_per_year": 5, "criteria": ["needs-support-to-join-in"] } }),
            ),
            vec!["/grant/regardless_because"],
        ),
        (
            with(agreed(), json!({ "grant": { "level": "targeted", "hours_per_year": 0 } })),
            vec!["/grant/hours_per_year"],
        ),
        (with(agreed(), json!({ "reason": " " })), vec!["/reason"]),
    ] {
        let mut found = step(&world, &world.officer, &id, "decision", &body).await.expect(422).pointers();
        found.sort_unstable();
        assert_eq!(found, pointers, "{body}");
    }
    world.app.post(&world.officer, &format!("{PATH}/{id}/decision"), &agreed()).await.expect(428);
    world
        .app
        .post_on(&world.officer, &format!("{PATH}/{id}/decision"), "\"9-short_break\"", &agreed())
        .await
        .expect(412);
    let declined = json!({ "outcome": "declined", "reason": "The Saturday club is open to all." });
    step(&world, &world.officer, &id, "decision", &declined).await.expect(200);
    step(&world, &world.officer, &id, "end", &json!({ "reason": "x" })).await.expect(409);
}

#[actix_web::test]
async fn whoever_asked_follows_where_it_stands_and_no_more() {
    let world = World::new().await;
    let id = asked(&world, &world.school).await;
    let path = format!("{PATH}/{id}");
    step(&world, &world.officer, &id, "decision", &agreed()).await.expect(200);
    let seen = world.app.get(&world.school, &path).await.expect(200).body;
    assert_eq!(
        (&seen["status"], &seen["hours_per_year"], &seen["account"]),
        (&json!("agreed"), &json!(60), &Value::Null)
    );
    for what in ["decision", "review", "end"] {
        world.app.post_on(&world.school, &format!("{path}/{what}"), "\"1-short_break\"", &agreed()).await.expect(403);
    }
    for who in [&world.other_school, &world.charnwood, &world.family_worker, &world.analyst, &world.governance] {
        world.app.get(who, &path).await.expect(404);
        world
            .app
            .post_on(who, &format!("{path}/end"), "\"1-short_break\"", &json!({ "reason": "x" }))
            .await
            .expect(404);
    }
    for who in [&world.analyst, &world.governance] {
        world.app.get(who, PATH).await.expect(403);
        world.app.get(who, "/v1/short-break-criteria").await.expect(403);
        world.app.post(who, PATH, &form()).await.expect(403);
    }
    for (who, items) in [(&world.school, 1), (&world.officer, 1), (&world.other_school, 0), (&world.family_worker, 0)] {
        let list = world.app.get(who, &format!("{PATH}?status=agreed")).await.expect(200);
        assert_eq!(list.body["items"].as_array().unwrap().len(), items, "{}", who.name);
    }
    assert_eq!(world.app.get(&world.school, PATH).await.expect(200).body["items"], json!([]));
    for (query, name) in [("status=lost", "status"), ("colour=blue", "colour")] {
        assert_eq!(world.app.get(&world.officer, &format!("{PATH}?{query}")).await.expect(400).pointers(), [name]);
    }
    let criteria = world.app.get(&world.school, "/v1/short-break-criteria").await.expect(200).body;
    assert!(criteria.as_array().unwrap().iter().all(|one| one["verified"] == false), "placeholders say so");
    // The team of the worker who asked sees all of it.
    let other = with(
        form(),
        json!({ "person": { "given_name": "Rowan", "family_name": "Invented", "birth_date": "2017-06-14" } }),
    );
    let own = world.app.post(&world.family_worker, PATH, &other).await.expect(201);
    assert_eq!(own.body["account"]["given_name"], "Rowan");
    step(&world, &world.family_worker, &own.id(), "decision", &agreed()).await.expect(403);
    // Whose own family it is sees nothing.
    let whole = world.app.get(&world.officer, &path).await.expect(200).body;
    let child = whole["account"]["person_id"].as_str().unwrap();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Own family (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    world.app.get(&world.officer, &path).await.expect(404);
    world.app.get(&world.manager, &path).await.expect(200);
}

#[actix_web::test]
async fn no_list_of_short_breaks_scans_a_table() {
    let world = World::new().await;
    asked(&world, &world.school).await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS
             SELECT gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                    CASE WHEN n % 100 = 0 THEN 'requested' ELSE 'declined' END AS status
             FROM generate_series(1, 30000) n;
         INSERT INTO short_break (id, reference, status, asked_at, decided_at, version) SELECT id, 'B-' || n, status, at, at, 1 FROM many;
         INSERT INTO record_scope SELECT id, 'short_break', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'agency:police']) s;
         ANALYZE",
    )
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let statement = SHORT_BREAKS
        .statement(States::One, false)
        .replace("$1", "ARRAY['agency:county-council', 'front-door']")
        .replace("$2", "'9999-12-31'::timestamptz")
        .replace("$3", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
        .replace("$4", "21")
        .replace("$5", "ARRAY['requested']")
        .replace("$6", "NULL");
    let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}")).load(&mut web).await.unwrap();
    let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
    assert!(plan.contains("record_scope_worklist"), "{plan}");
    for table in ["record_scope", "short_break"] {
        assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{plan}");
    }
}
