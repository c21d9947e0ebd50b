//! Partners' lists: no list without an agreement, each row answered, who is known, the offer of help and the end of it.

use chrono::{Days, NaiveDate, TimeDelta};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::partner_list::plans::{FAMILIES, LISTS, OF_LIST};
use reqwest::Method;
use serde_json::{Value, json};
use shared::access::States;
use shared::testing::{Person, Reply};

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub fn with(mut form: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

pub fn today(world: &World) -> NaiveDate {
    world.app.background.now().date_naive()
}

pub fn agreement(world: &World) -> Value {
    let today = today(world);
    json!({
        "agency": "greenfield-academy", "title": "Persistent absence (invented)", "purpose": "To offer help early.",
        "lawful_basis": "public-task", "reasons": ["persistent-absence"], "fields": ["birth_date", "postcode"],
        "starts_on": today - Days::new(100), "review_on": today + Days::new(200), "retention_days": 90
    })
}

pub async fn agreed(world: &World) -> String {
    world.app.post(&world.governance, "/v1/partner-agreements", &agreement(world)).await.expect(201).id()
}

pub fn row(key: &str, given: &str, family: &str, birth: &str) -> Value {
    json!({ "family_key": key, "relation": "child", "given_name": given, "family_name": family, "birth_date": birth,
            "reason": "persistent-absence", "reason_on": "2026-01-05" })
}

pub fn list(world: &World, agreement: &str, rows: Vec<Value>) -> Value {
    json!({ "agreement_id": agreement, "drawn_on": today(world), "rows": rows })
}

pub async fn send(world: &World, agreement: &str, rows: Vec<Value>) -> Reply {
    world.app.post(&world.school, "/v1/partner-lists", &list(world, agreement, rows)).await
}

async fn file(world: &World, agreement: &str, media: &str, bytes: &[u8]) -> Reply {
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let key = uuid::Uuid::now_v7().to_string();
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key.as_str()), ("content-type", media)];
    let path = format!("/v1/partner-lists/files?agreement_id={agreement}&drawn_on={}", today(world));
    world.app.send(Method::POST, &path, &headers, Some(bytes.to_vec())).await
}

/// The families of a list, as First Response reads them, by the partner's own mark.
pub async fn family(world: &World, list: &str, key: &str) -> Reply {
    let page =
        world.app.get(&world.officer, &format!("/v1/partner-families?list_id={list}&limit=100")).await.expect(200);
    let found = page.body["items"].as_array().unwrap().iter().find(|one| one["family_key"] == key).unwrap().clone();
    world.app.get(&world.officer, &format!("/v1/partner-families/{}", found["id"].as_str().unwrap())).await.expect(200)
}

pub fn id_of(family: &Reply) -> String {
    family.body["id"].as_str().unwrap().to_owned()
}

pub async fn step(world: &World, who: &Person, id: &str, what: &str, body: &Value) -> Reply {
    let path = format!("/v1/partner-families/{id}");
    let etag = world.app.get(&world.officer, &path).await.expect(200).etag();
    world.app.post_on(who, &format!("{path}/{what}"), &etag, body).await
}

pub async fn count(world: &World, table: &str) -> i64 {
    let mut all = world.app.database.all_seeing().await;
    sql_query(format!("SELECT count(*) AS count FROM {table}")).get_result::<Count>(&mut all).await.unwrap().count
}

fn codes(answer: &Value) -> Vec<(&str, &str)> {
    let problems = answer["problems"].as_array().unwrap().iter();
    problems.map(|p| (p["column"].as_str().unwrap_or_default(), p["code"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn no_list_is_taken_without_an_agreement_in_force() {
    let world = World::new().await;
    let rows = || vec![row("1", "Rowan", "Invented", "2014-05-06")];
    let nobody = "0198c0de-0000-7000-8000-000000000001";
    assert_eq!(send(&world, nobody, rows()).await.expect(422).pointers(), ["/agreement_id"]);
    let id = agreed(&world).await;
    let other = list(&world, &id, rows());
    let hidden = world.app.post(&world.other_school, "/v1/partner-lists", &other).await.expect(422);
    assert_eq!(hidden.pointers(), ["/agreement_id"], "another agency's agreement is none that it sees");
    for (fields, pointer) in [
        (json!({ "drawn_on": "2999-01-01" }), "/drawn_on"),
        (json!({ "drawn_on": today(&world) - Days::new(101) }), "/drawn_on"),
        (json!({ "rows": [] }), "/rows"),
        (json!({ "shoe_size": 5 }), "/shoe_size"),
    ] {
        let sent = world.app.post(&world.school, "/v1/partner-lists", &with(list(&world, &id, rows()), fields)).await;
        assert_eq!(sent.expect(422).pointers(), [pointer]);
    }
    send(&world, &id, rows()).await.expect(201);
    // Past its review nothing is taken until it has been reviewed, and the refusal names it.
    world.app.advance(TimeDelta::days(201));
    let late = send(&world, &id, rows()).await.expect(422);
    assert_eq!(late.pointers(), ["/agreement_id"]);
    let said = late.body["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("Persistent absence (invented)") && said.contains("reviewed"), "{said}");
    let path = format!("/v1/partner-agreements/{id}");
    let shown = world.app.get(&world.school, &path).await.expect(200);
    assert_eq!(shown.body["in_force"], false);
    let next = json!({ "review_on": today(&world) + Days::new(300), "note": "Still needed." });
    world.app.post_on(&world.officer, &format!("{path}/review"), &shown.etag(), &next).await.expect(403);
    world.app.post(&world.governance, &format!("{path}/review"), &next).await.expect(428);
    let past = with(next.clone(), json!({ "review_on": today(&world) }));
    let refused = world.app.post_on(&world.governance, &format!("{path}/review"), &shown.etag(), &past).await;
    assert_eq!(refused.expect(422).pointers(), ["/review_on"]);
    world.app.post_on(&world.governance, &format!("{path}/review"), &shown.etag(), &next).await.expect(200);
    world.app.post_on(&world.governance, &format!("{path}/review"), &shown.etag(), &next).await.expect(412);
    send(&world, &id, rows()).await.expect(201);
    let etag = world.app.get(&world.governance, &path).await.etag();
    let end = json!({ "reason": "No longer needed." });
    let ended = world.app.post_on(&world.governance, &format!("{path}/end"), &etag, &end).await.expect(200);
    assert_eq!(ended.body["in_force"], false);
    world.app.post_on(&world.governance, &format!("{path}/end"), &ended.etag(), &end).await.expect(409);
    world.app.post_on(&world.governance, &format!("{path}/review"), &ended.etag(), &next).await.expect(409);
    assert_eq!(send(&world, &id, rows()).await.expect(422).pointers(), ["/agreement_id"]);
}

#[actix_web::test]
async fn an_agreement_says_what_it_is_for_and_every_mistake_is_named() {
    let world = World::new().await;
    let path = "/v1/partner-agreements";
    for (fields, pointers) in [
        (json!({ "title": " ", "purpose": "" }), vec!["/purpose", "/title"]),
        (
            json!({ "lawful_basis": "because", "reasons": ["shoe-size", "youth-crime", "youth-crime"] }),
            vec!["/lawful_basis", "/reasons/0", "/reasons/2"],
        ),
        (json!({ "reasons": [] }), vec!["/reasons"]),
        (json!({ "fields": ["shoe_size"] }), vec!["/fields/0"]),
        (json!({ "retention_days": 0 }), vec!["/retention_days"]),
        (json!({ "review_on": today(&world) - Days::new(200) }), vec!["/review_on"]),
        (json!({ "review_on": today(&world) - Days::new(1) }), vec!["/review_on"]),
    ] {
        let refused = world.app.post(&world.governance, path, &with(agreement(&world), fields.clone())).await;
        let mut found = refused.expect(422).pointers();
        found.sort_unstable();
        assert_eq!(found, pointers, "{fields}");
    }
    for who in [&world.school, &world.officer, &world.analyst, &world.charnwood] {
        world.app.post(who, path, &agreement(&world)).await.expect(403);
    }
    let id = agreed(&world).await;
    for who in [&world.school, &world.officer, &world.governance] {
        assert_eq!(world.app.get(who, path).await.expect(200).body["items"][0]["id"], json!(id));
    }
    assert_eq!(world.app.get(&world.other_school, path).await.expect(200).body["items"], json!([]));
    world.app.get(&world.other_school, &format!("{path}/{id}")).await.expect(404);
    world.app.get(&world.analyst, path).await.expect(403);
}

#[actix_web::test]
async fn each_row_is_answered_and_no_family_is_half_taken() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let rows = vec![
        row("1", "Rowan", "Invented", "2014-05-06"),
        with(row("1", "Hazel", "Invented", "2016-05-06"), json!({ "reason": "shoe-size" })),
        row("2", "Alder", "Invented", "2012-05-06"),
        with(
            row("3", "Elm", "Invented", "2013-05-06"),
            json!({ "school": "Greenfield Academy", "reason": "rent-arrears" }),
        ),
        with(row("4", "Oak", "Invented", "2999-05-06"), json!({ "reason_on": "2999-01-01", "relation": "cat" })),
        with(row("5", "Ash", "Invented", "2001-05-06"), json!({ "relation": "parent" })),
        row("6", "alder", "INVENTED", "06/05/2012"),
        json!({}),
        with(row("7", "Fir", "Invented", "2015-05-06"), json!({ "given_name": "x".repeat(201) })),
    ];
    let sent = send(&world, &id, rows).await.expect(201);
    let answers = sent.body["answers"].as_array().unwrap();
    let outcomes: Vec<&str> = answers.iter().map(|one| one["outcome"].as_str().unwrap()).collect();
    assert_eq!(
        outcomes,
        ["refused", "refused", "taken", "refused", "refused", "refused", "refused", "refused", "refused"]
    );
    assert_eq!(codes(&answers[0]), [("", "with_others")]);
    assert_eq!(codes(&answers[1]), [("reason", "unknown_code")]);
    assert_eq!(codes(&answers[2]), []);
    assert_eq!(codes(&answers[3]), [("school", "not_agreed"), ("reason", "not_agreed")]);
    assert_eq!(
        codes(&answers[4]),
        [("relation", "wrong_form"), ("reason_on", "after_the_list"), ("birth_date", "in_the_future")]
    );
    assert_eq!(codes(&answers[5]), [("relation", "no_child")]);
    assert_eq!(codes(&answers[6]), [("given_name", "repeated")]);
    let missing: Vec<&str> = codes(&answers[7]).into_iter().map(|(column, _)| column).collect();
    assert_eq!(missing, ["relation", "given_name", "family_name", "reason", "reason_on"]);
    assert_eq!(codes(&answers[8]), [("given_name", "too_long")]);
    assert_eq!(
        (&sent.body["rows"], &sent.body["taken_rows"], &sent.body["families"]),
        (&json!(9), &json!(1), &json!(1))
    );
    assert_eq!(count(&world, "partner_row").await, 1, "nothing of what was refused is stored");
    let again = world.app.get(&world.school, &format!("/v1/partner-lists/{}", sent.id())).await.expect(200);
    assert_eq!(again.body["answers"], sent.body["answers"]);
    let text = again.body.to_string();
    assert!(!text.contains("standing") && !text.contains("Alder"), "a partner is not told whom we know: {text}");
    // The same list sent again under the same key is one list.
    let key = uuid::Uuid::now_v7().to_string();
    let body = list(&world, &id, vec![row("1", "Yew", "Invented", "2014-05-06")]);
    let one = world.app.post_with(&world.school, "/v1/partner-lists", &key, None, &body).await.expect(201);
    let two = world.app.post_with(&world.school, "/v1/partner-lists", &key, None, &body).await.expect(201);
    assert_eq!(one.id(), two.id());
}

#[actix_web::test]
async fn a_file_is_read_however_a_spreadsheet_wrote_it() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let header = "Family key;Relation;Given name;Family name;Birth date;Reason;Reason on";
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(format!("{header}\r\n1;child;Ren").bytes());
    bytes.extend(b"\xE9e;Invented;06/05/2014;persistent-absence;05/01/2026\r\n");
    bytes.extend(b"1;parent;=cmd();Invented;;persistent-absence;05/01/2026\r\n2;child;Fern;Invented\r\n");
    let sent = file(&world, &id, "text/csv", &bytes).await.expect(201);
    let answers = sent.body["answers"].as_array().unwrap();
    assert_eq!(codes(&answers[0]), [("", "windows_1252")]);
    assert_eq!(codes(&answers[1]), [("given_name", "formula")]);
    assert_eq!((codes(&answers[2]), &answers[2]["row"]), (vec![("", "ragged")], &json!(4)));
    let people = family(&world, &sent.id(), "1").await.body["people"].clone();
    assert_eq!((&people[0]["given_name"], &people[1]["given_name"]), (&json!("Renée"), &json!("=cmd()")));
    for (media, bytes, status) in [
        ("application/json", &b"{}"[..], 415),
        ("text/csv", b"", 422),
        ("text/csv", b"PK\x03\x04", 422),
        ("text/csv", b"family_key,shoe_size\n1,2", 422),
    ] {
        file(&world, &id, media, bytes).await.expect(status);
    }
    let header = b"relation,given_name,family_name,reason,shoe_size\nchild,A,B,c,5";
    assert_eq!(file(&world, &id, "text/csv", header).await.expect(422).pointers(), ["/reason_on", "/shoe_size"]);
    let missing = "/v1/partner-lists/files";
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let headers =
        [("authorization", bearer.as_str()), ("idempotency-key", "k-0123456789abcdef"), ("content-type", "text/csv")];
    world.app.send(Method::POST, missing, &headers, Some(b"x".to_vec())).await.expect(400);
}

#[actix_web::test]
async fn no_list_of_lists_or_families_scans_a_table() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let sent = send(&world, &id, vec![row("1", "Rowan", "Invented", "2014-05-06")]).await.expect(201).id();
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(&format!(
        "CREATE TEMP TABLE many AS
             SELECT gen_random_uuid() AS list, gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                    CASE WHEN n % 100 = 0 THEN 'to_offer' ELSE 'declined' END AS offer
             FROM generate_series(1, 30000) n;
         INSERT INTO partner_list SELECT list, '{id}', 'police', '2026-01-01', at, id, 'x', 1, 1, 1, '[]', at, at FROM many;
         INSERT INTO partner_family (id, list_id, agency, reasons, standing, offer, found_at, version)
             SELECT id, list, 'police', '{{}}', 'new', offer, at, 1 FROM many;
         INSERT INTO record_scope SELECT id, 'partner_family', 'front-door', 'full', offer, at FROM many;
         INSERT INTO record_scope SELECT list, 'partner_list', s, 'full', 'received', at FROM many, unnest(ARRAY['front-door', 'agency:police']) s;
         ANALYZE"
    ))
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let (time, last) = ("'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid");
    let scopes = "ARRAY['agency:county-council', 'front-door']";
    for (name, statement, index) in [
        (
            "lists",
            LISTS
                .statement(States::Any, false)
                .replace("$1", scopes)
                .replace("$2", time)
                .replace("$3", last)
                .replace("$4", "21")
                .replace("$5", "NULL")
                .replace("$6", "NULL"),
            "record_scope_list",
        ),
        (
            "families",
            FAMILIES
                .replace("$1", "'to_offer'")
                .replace("$2", "NULL")
                .replace("$3", time)
                .replace("$4", last)
                .replace("$5", "21"),
            "record_scope_worklist",
        ),
        (
            "families of a list",
            OF_LIST
                .replace("$1", &format!("'{sent}'::uuid"))
                .replace("$2", "NULL")
                .replace("$3", time)
                .replace("$4", last)
                .replace("$5", "21"),
            "partner_family_list",
        ),
    ] {
        let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}")).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in ["record_scope", "partner_list", "partner_family"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
