//! Files of many referrals: each taken whole or refused whole, each row answered, however the file is written and
//! whatever happens on the way.

use std::time::Instant;

use chrono::TimeDelta;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::batch::worker::work;
use reqwest::Method;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::auth::RevocationFeed;
use shared::testing::{Person, Reply};

use crate::world::World;

pub const BATCHES: &str = "/v1/referral-batches";
pub const HEADER: &str =
    "referral_key,relation,given_name,family_name,birth_date,referrer_name,referrer_role,locality,concerns,worries";

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub async fn count(world: &World, what: &str) -> i64 {
    let mut all = world.app.database.all_seeing().await;
    sql_query(format!("SELECT count(*) AS count FROM {what}")).get_result::<Count>(&mut all).await.unwrap().count
}

async fn send_with(world: &World, who: &Person, key: &str, media: &str, bytes: Vec<u8>) -> Reply {
    let bearer = format!("Bearer {}", world.app.tokens.token(who));
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", media)];
    world.app.send(Method::POST, BATCHES, &headers, Some(bytes)).await
}

pub async fn send(world: &World, bytes: impl Into<Vec<u8>>) -> Reply {
    send_with(world, &world.school, &uuid::Uuid::now_v7().to_string(), "text/csv", bytes.into()).await
}

pub fn child(key: &str, name: &str) -> String {
    format!("{key},child,{name},Testcase,2019-02-03,Ms A (invented),teacher,charnwood,good-education,Often absent.\n")
}

pub fn of(rows: &str) -> String {
    format!("{HEADER}\n{rows}")
}

pub async fn rows(world: &World, id: &str) -> Vec<Value> {
    let page = world.app.get(&world.school, &format!("{BATCHES}/{id}/rows?limit=100")).await.expect(200);
    page.body["items"].as_array().unwrap().clone()
}

/// The text of a CSV answer.
pub async fn text(world: &World, path: &str) -> (reqwest::header::HeaderMap, Vec<u8>) {
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(format!("{}{path}", world.app.url));
    let answer = answer.header("authorization", bearer).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    (answer.headers().clone(), answer.bytes().await.unwrap().to_vec())
}

pub fn codes(row: &Value) -> Vec<(&str, &str)> {
    let problems = row["problems"].as_array().unwrap().iter();
    problems.map(|p| (p["column"].as_str().unwrap_or_default(), p["code"].as_str().unwrap())).collect()
}

#[actix_web::test]
async fn a_small_file_is_answered_row_by_row_at_once() {
    let world = World::new().await;
    let file = of(&[
        child("1", "Juniper"),
        "1,parent,Willow,Testcase,,,,,,\n".to_owned(),
        child("2", "Rowan").replace("2019-02-03", "2090-02-03"),
        "2,parent,Willow,Testcase,,,,,,\n".to_owned(),
        child("", "Sorrel").replace("charnwood", "atlantis"),
        child("", "Clover"),
    ]
    .concat());
    let sent = send(&world, file).await.expect(201);
    for (field, value) in [
        ("status", json!("done")),
        ("rows", json!(6)),
        ("taken_rows", json!(3)),
        ("refused_rows", json!(3)),
        ("waiting_rows", json!(0)),
        ("referrals", json!(2)),
    ] {
        assert_eq!(sent.body[field], value, "{field}: {}", sent.body);
    }
    let rows = rows(&world, &sent.id()).await;
    let outcomes: Vec<(i64, &str)> =
        rows.iter().map(|row| (row["row"].as_i64().unwrap(), row["outcome"].as_str().unwrap())).collect();
    assert_eq!(outcomes, [(2, "taken"), (3, "taken"), (4, "refused"), (5, "refused"), (6, "refused"), (7, "taken")]);
    assert_eq!(rows[0]["referral_id"], rows[1]["referral_id"]);
    assert_eq!(codes(&rows[0]), [("consent", "not_recorded"), ("lawful_basis", "presumed")]);
    assert_eq!(codes(&rows[2]), [("birth_date", "in_the_future")]);
    assert_eq!(codes(&rows[3]), [("", "with_others")]);
    assert!(rows[3]["problems"][0]["detail"].as_str().unwrap().contains("row 4"));
    assert_eq!(codes(&rows[4]), [("locality", "unknown_code")]);
    // What was taken is a referral like any other, and came in bulk.
    let id = rows[0]["referral_id"].as_str().unwrap();
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["reference"], rows[0]["reference"]);
    assert_eq!(
        (&seen.body["contact"]["channel"], &seen.body["contact"]["worries"]),
        (&json!("bulk"), &json!("Often absent."))
    );
    assert_eq!(seen.body["people"].as_array().unwrap().len(), 2);
    assert_eq!((&seen.body["agency"], &seen.body["decision_clock"]), (&json!("greenfield-academy"), &json!("due")));
    assert_eq!(count(&world, "referral").await, 2);
    assert_eq!(count(&world, "event_log WHERE kind = 'referral.received.v1' AND data ->> 'channel' = 'bulk'").await, 2);
    world.change(&world.officer, id, "decision", &World::to_hub()).await.expect(200);
    let told = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    assert_eq!(told.body.as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_file_is_read_however_a_spreadsheet_writes_it() {
    let world = World::new().await;
    let plain = of(&child("", "Juniper"));
    let quoted = of(&child("", "Juniper").replace("Often absent.", "\"Often absent.\r\nAnd \"\"tired\"\", too.\""));
    let bom = [b"\xEF\xBB\xBF".to_vec(), plain.clone().into_bytes()].concat();
    let with_semicolons = plain.replace(',', ";");
    let windows_lines = quoted.replace("\r\n", "\n").replace('\n', "\r\n");
    let cased = plain.replace("given_name", "Given Name").replace("birth_date", " BIRTH-DATE ");
    for (file, warned) in [
        (plain.clone().into_bytes(), false),
        (quoted.clone().into_bytes(), false),
        (bom, false),
        (with_semicolons.into_bytes(), false),
        (plain.replace(',', "\t").into_bytes(), false),
        (windows_lines.into_bytes(), false),
        (cased.into_bytes(), false),
        (plain.replace("2019-02-03", "03/02/2019").into_bytes(), false),
        (format!("{plain}\n,,,,,,,,,\n\n").into_bytes(), false),
        (plain.replace("Juniper", "Ren@e").bytes().map(|b| if b == b'@' { 0xE9 } else { b }).collect(), true),
    ] {
        let sent = send(&world, file.clone()).await.expect(201);
        assert_eq!(
            (&sent.body["taken_rows"], &sent.body["rows"]),
            (&json!(1), &json!(1)),
            "{}",
            String::from_utf8_lossy(&file)
        );
        assert_eq!(sent.body["warnings"].as_array().unwrap().len(), usize::from(warned), "{}", sent.body);
    }
    assert_eq!(count(&world, "named_person WHERE given_name = 'Renée' AND birth_date = '2019-02-03'").await, 1);
    assert_eq!(count(&world, "contact WHERE worries LIKE 'Often absent.%And \"tired\", too.'").await, 2);
    assert_eq!(count(&world, "person WHERE given_key = 'juniper'").await, 1, "they are all one child");
}

#[actix_web::test]
async fn a_file_that_can_t_be_read_is_refused_as_a_whole_and_says_why() {
    let world = World::new().await;
    let row = child("", "Juniper");
    let without = |column: &str| of(&row).replacen(&format!(",{column}"), "", 1);
    for (file, pointers, code) in [
        (Vec::new(), vec![""], "empty"),
        (b"\n\n".to_vec(), vec![""], "empty"),
        (of("").into_bytes(), vec![""], "no_rows"),
        (without("worries").into_bytes(), vec!["/worries"], "missing_column"),
        (of(&row).replacen("birth_date", "shoe_size", 1).into_bytes(), vec!["/shoe_size"], "unknown_column"),
        (of(&row).replacen("birth_date", "Given Name", 1).into_bytes(), vec!["/given_name"], "duplicate_column"),
        (of(&row.replace("Often", "\"Often")).into_bytes(), vec![""], "unclosed_quote"),
        (b"PK\x03\x04\x14\0".to_vec(), vec![""], "not_csv"),
        (b"\xFF\xFEr\0e\0".to_vec(), vec![""], "utf16"),
        (of(&",,,,,,,,,x\n".repeat(100_001)).into_bytes(), vec![""], "too_many_rows"),
    ] {
        let refused = send(&world, file).await.expect(422);
        assert_eq!(
            (refused.pointers(), &refused.body["errors"][0]["code"]),
            (pointers.iter().map(|p| (*p).to_owned()).collect(), &json!(code)),
            "{}",
            refused.body
        );
    }
    let several = send(&world, "shoe,shoe,relation\nx,y,z\n").await.expect(422);
    assert_eq!(several.body["errors"].as_array().unwrap().len(), 8, "all at once: {}", several.body);
    send_with(&world, &world.school, "k", "application/json", b"{}".to_vec()).await.expect(415);
    send_with(&world, &world.school, "k", "text/csv", vec![b'x'; 21 * 1024 * 1024]).await.expect(413);
    send_with(&world, &world.analyst, "k", "text/csv", of(&row).into_bytes()).await.expect(403);
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let refused = world.app.send(Method::POST, BATCHES, &headers, Some(of(&row).into_bytes())).await.expect(400);
    assert_eq!(refused.pointers(), ["Idempotency-Key"]);
    assert_eq!((count(&world, "referral").await, count(&world, "referral_batch").await), (0, 0));
}

#[actix_web::test]
async fn rows_that_don_t_fit_are_refused_and_the_others_taken() {
    let world = World::new().await;
    let many = format!("9,child,A,B,2019-02-03,Ms A,teacher,,good-education,x\n{}", "9,sibling,A,B,,,,,,\n".repeat(30));
    let file = of(&[
        "1,child,Juniper\n".to_owned(),
        child("2", "Rowan"),
        "2,parent,Willow,Testcase,,,,,,Something else.\n".to_owned(),
        child("3", "Sorrel").replace("2019-02-03", "31/02/2019").replace("good-education", "Good Education!"),
        child("4", "x".repeat(201).as_str()),
        child("5", "Clo\0ver"),
        child("6", "").replace("child", "parent"),
        child("7", "Elder").replace("child", "parent"),
        child("8", "Hazel").replace('\n', ",more\n"),
        many,
        child("", "Bryony"),
    ]
    .concat());
    let sent = send(&world, file).await.expect(201);
    assert_eq!((&sent.body["referrals"], &sent.body["taken_rows"]), (&json!(1), &json!(1)), "{}", sent.body);
    let rows = rows(&world, &sent.id()).await;
    let refused: Vec<Vec<(&str, &str)>> = rows.iter().take(9).map(codes).collect();
    assert_eq!(refused[0], [("", "ragged")]);
    assert_eq!(refused[1], [("", "with_others")]);
    assert_eq!(refused[2], [("worries", "contradicts")]);
    assert_eq!(refused[3], [("birth_date", "wrong_form"), ("concerns", "wrong_form")]);
    assert_eq!(refused[4], [("given_name", "too_long")]);
    assert_eq!(refused[5], [("given_name", "control_character")]);
    assert_eq!(refused[6], [("given_name", "required")]);
    assert_eq!(refused[7], [("relation", "no_child")]);
    assert_eq!(refused[8], [("", "ragged")]);
    assert!(rows.iter().skip(9).take(31).all(|row| codes(row).contains(&("referral_key", "too_many"))));
    assert_eq!(count(&world, "referral").await, 1);
    let details = serde_json::to_string(&rows).unwrap();
    assert!(!details.contains("Willow") && !details.contains("Something"), "no cell is repeated");
}

#[actix_web::test]
async fn a_hub_s_listing_an_urgent_one_and_what_one_may_not_tell_follow_the_same_rules() {
    let world = World::new().await;
    let header = HEADER
        .replace("worries", "worries,kind,urgent_because,consent,consent_by,social_care_reference,step_down_reason");
    let row = |name: &str, more: &str| child("", name).replace('\n', &format!(",{more}\n"));
    let file = format!(
        "{header}\n{}{}{}{}{}{}",
        row("Juniper", "Hub listing,,yes,mother,,"),
        row("Rowan", "step_down,,,,CSC-1,The plan has ended."),
        row("Sorrel", ",A bruise today.,,,,"),
        row("Clover", "dragon,,yes,,,"),
        row("Aspen", "step_down,,,,CSC-2,"),
        row("Holly", "step_down,,,,,The plan has ended.")
    );
    let sent = send_with(&world, &world.charnwood, "k1", "text/csv", file.clone().into_bytes()).await.expect(201);
    let page = world.app.get(&world.charnwood, &format!("{BATCHES}/{}/rows", sent.id())).await.expect(200);
    let rows = page.body["items"].as_array().unwrap();
    let listed = world.app.get(&world.charnwood, "/v1/hubs/charnwood/referrals").await.expect(200);
    assert_eq!(listed.body["items"][0]["id"], rows[0]["referral_id"]);
    assert_eq!(codes(&rows[1]), [("kind", "not_allowed")]);
    let urgent = world.app.get(&world.officer, "/v1/referrals?urgent=true").await.expect(200);
    assert_eq!(urgent.body["items"][0]["id"], rows[2]["referral_id"]);
    assert_eq!(
        world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200).body["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(codes(&rows[3]), [("kind", "wrong_form")]);
    assert_eq!(codes(&rows[4]), [("step_down_reason", "required")]);
    assert_eq!(codes(&rows[5]), [("social_care_reference", "required")]);
    let sent = send_with(&world, &world.officer, "k2", "text/csv", file.into_bytes()).await.expect(201);
    assert_eq!(sent.body["referrals"], 2, "First Response tells of step-downs and lists for no hub");
}

#[actix_web::test]
async fn a_batch_is_its_sender_s_alone() {
    let world = World::new().await;
    let id = send(&world, of(&child("", "Juniper"))).await.expect(201).id();
    for stranger in [&world.other_school, &world.governance, &world.charnwood] {
        for path in ["", "/rows", "/rows.csv"] {
            world.app.get(stranger, &format!("{BATCHES}/{id}{path}")).await.expect(404);
        }
    }
    // How far it is they see who answer for what is sent; its rows are its sender's alone.
    let colleague = Person::new("greta", "greenfield-academy", Role::Referrer);
    let keeper = Person::new("ada", "county-council", Role::PartnershipAdministrator);
    for who in [&world.officer, &world.manager, &colleague, &keeper] {
        let seen = world.app.get(who, &format!("{BATCHES}/{id}")).await.expect(200);
        assert_eq!((&seen.body["sent_by"], &seen.body["agency"]), (&json!("greenfield"), &json!("greenfield-academy")));
        for path in ["/rows", "/rows.csv"] {
            world.app.get(who, &format!("{BATCHES}/{id}{path}")).await.expect(404);
        }
        assert_eq!(world.app.get(who, BATCHES).await.expect(200).body["items"], json!([]));
        let all = world.app.get(who, &format!("{BATCHES}?for=all")).await.expect(200);
        assert_eq!(all.body["items"][0]["id"], id.as_str());
    }
    let elsewhere = world.app.get(&world.other_school, &format!("{BATCHES}?for=all")).await.expect(200);
    assert_eq!(elsewhere.body["items"], json!([]));
    assert_eq!(world.app.get(&world.school, &format!("{BATCHES}?for=them")).await.expect(400).pointers(), ["for"]);
    assert_eq!(world.app.get(&world.other_school, BATCHES).await.expect(200).body["items"], json!([]));
    assert_eq!(world.app.get(&world.school, BATCHES).await.expect(200).body["items"][0]["id"], id.as_str());
    world.app.get(&world.analyst, BATCHES).await.expect(403);
    world.app.get(&world.analyst, &format!("{BATCHES}/template.csv")).await.expect(403);
    world.app.get(&world.school, &format!("{BATCHES}/not-an-id")).await.expect(404);
    world.app.get(&world.school, &format!("{BATCHES}/{id}/rows?outcome=lost")).await.expect(400);
    // Sent again it tells nothing of what was there before, to whoever sent it least of all.
    let again = send(&world, of(&child("", "Juniper"))).await.expect(201);
    let rows = rows(&world, &again.id()).await;
    assert!(!rows[0].to_string().contains("repeat"), "{}", rows[0]);
    let repeat = "event_log WHERE kind = 'referral.received.v1' AND (data ->> 'repeat_within_12_months')::boolean";
    assert_eq!(count(&world, repeat).await, 1);
}

#[actix_web::test]
async fn the_same_request_again_is_the_same_batch() {
    let world = World::new().await;
    let file = of(&child("", "Juniper")).into_bytes();
    let first = send_with(&world, &world.school, "one-key", "text/csv", file.clone()).await.expect(201);
    let again = send_with(&world, &world.school, "one-key", "text/csv", file).await.expect(201);
    assert_eq!((first.id(), &first.body), (again.id(), &again.body));
    send_with(&world, &world.school, "one-key", "text/csv", of(&child("", "Rowan")).into_bytes()).await.expect(422);
    assert_eq!(count(&world, "referral").await, 1);
}

#[actix_web::test]
async fn the_template_and_the_answer_are_files_we_take() {
    let world = World::new().await;
    let (headers, template) = text(&world, &format!("{BATCHES}/template.csv")).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    assert!(template.starts_with(b"\xEF\xBB\xBFreferral_key,relation,"));
    // Sent as it came, it makes no referral of an invented family.
    let untouched = send(&world, template.clone()).await.expect(201);
    assert_eq!((&untouched.body["referrals"], &untouched.body["rows"]), (&json!(0), &json!(2)), "{}", untouched.body);
    assert_eq!(codes(&rows(&world, &untouched.id()).await[0]), [("referral_key", "example")]);
    let filled_in = String::from_utf8(template).unwrap().replace("example,", "1,");
    assert_eq!(send(&world, filled_in).await.expect(201).body["referrals"], 1);
    // A refused row comes back with its cells, harmless to a spreadsheet, and goes in again once it is put right.
    let file = of(&[child("1", "=HYPERLINK(1)").replace("charnwood", "atlantis"), child("2", "Rowan")].concat());
    let id = send(&world, file).await.expect(201).id();
    assert_eq!(codes(&rows(&world, &id).await[0]), [("given_name", "formula"), ("locality", "unknown_code")]);
    let (headers, answer) = text(&world, &format!("{BATCHES}/{id}/rows.csv?outcome=refused")).await;
    assert!(headers["content-disposition"].to_str().unwrap().contains("attachment"));
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains(",'=HYPERLINK(1),") && !answer.contains("Rowan"), "{answer}");
    let mended = send(&world, answer.replace("atlantis", "charnwood")).await.expect(201);
    assert_eq!(mended.body["referrals"], 1);
    assert_eq!(count(&world, "named_person WHERE given_name = '=HYPERLINK(1)'").await, 1);
    let (_, all) = text(&world, &format!("{BATCHES}/{id}/rows.csv")).await;
    let all = String::from_utf8(all).unwrap();
    assert_eq!(all.lines().count(), 3);
    assert!(all.contains("3,taken,R-") && !all.contains("Rowan"), "what was taken stands in the referral: {all}");
}

/// A file of so many referrals of so many people each; one in `refused` is for a district that is none.
pub fn large(referrals: usize, people: usize, refused: usize) -> String {
    let mut file = of("");
    for n in 0..referrals {
        let locality = if n % refused == refused - 1 { "atlantis" } else { "charnwood" };
        file.push_str(&format!(
            "{n},child,Child{n},Testcase,2019-02-03,Ms A (invented),teacher,{locality},good-education,Often absent.\n"
        ));
        for other in 1..people {
            file.push_str(&format!("{n},parent,Parent{other},Testcase{n},,,,,,\n"));
        }
    }
    file
}

pub async fn work_until_done(world: &World) {
    while work(&world.app.background).await.unwrap() {
        // The gateway is heard of all the while, as it would be.
        world.app.verifier.learn_revocations(&RevocationFeed::default());
    }
}

#[actix_web::test]
async fn a_large_file_goes_on_in_the_background_and_is_taken_up_again_where_it_was() {
    let world = World::new().await;
    let sent = send(&world, large(700, 2, 100)).await.expect(202);
    assert_eq!((&sent.body["status"], &sent.body["waiting_rows"]), (&json!("working"), &json!(1400)));
    let path = format!("{BATCHES}/{}", sent.id());
    assert!(work(&world.app.background).await.unwrap());
    let half = world.app.get(&world.school, &path).await.expect(200);
    assert_eq!(half.body["status"], "working");
    let answered = half.body["taken_rows"].as_i64().unwrap() + half.body["refused_rows"].as_i64().unwrap();
    assert_eq!(answered, 500);
    assert_eq!(count(&world, "referral_batch_row").await, answered);
    assert_ne!(half.etag(), sent.etag());
    // A process that dies while it takes a chunk leaves nothing of it: the next one takes it.
    let before = count(&world, "referral").await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
        CREATE TRIGGER dies BEFORE INSERT ON referral_batch_row FOR EACH STATEMENT EXECUTE FUNCTION dies();
        ALTER FUNCTION dies() SECURITY DEFINER")
        .await
        .unwrap();
    assert!(work(&world.app.background).await.is_err());
    assert_eq!(count(&world, "referral").await, before);
    all.batch_execute("DROP TRIGGER dies ON referral_batch_row").await.unwrap();
    work_until_done(&world).await;
    let done = world.app.get(&world.school, &path).await.expect(200);
    for (field, value) in [
        ("status", json!("done")),
        ("taken_rows", json!(1386)),
        ("refused_rows", json!(14)),
        ("referrals", json!(693)),
        ("waiting_rows", json!(0)),
    ] {
        assert_eq!(done.body[field], value, "{field}: {}", done.body);
    }
    assert_eq!(count(&world, "referral").await, 693);
    assert_eq!(count(&world, "event_log WHERE kind = 'referral.received.v1'").await, 693);
    assert_eq!(count(&world, "referral_batch_chunk").await, 0, "the words are gone with the chunk");
    assert_eq!(count(&world, "referral_batch_row WHERE content IS NOT NULL").await, 14);
    // Its rows, page by page, each once and in order.
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = world.app.get(&world.school, &format!("{path}/rows?limit=100{next}")).await.expect(200);
        seen.extend(page.body["items"].as_array().unwrap().iter().map(|row| row["row"].as_i64().unwrap()));
        let Some(cursor) = page.body["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, (2..1402).collect::<Vec<i64>>());
    let refused = world.app.get(&world.school, &format!("{path}/rows?outcome=refused&limit=100")).await.expect(200);
    assert_eq!(refused.body["items"].as_array().unwrap().len(), 14);
    // Who looked at what: the sender, once for each chunk.
    assert_eq!(
        count(&world, "audit_entry WHERE action = 'referral.batch' AND actor_name = 'greenfield' AND subjects <> '{}'")
            .await,
        3
    );
}

#[actix_web::test]
async fn a_chunk_that_can_t_be_taken_is_given_up_and_its_sender_told() {
    let world = World::new().await;
    let sent = send(&world, large(600, 1, 1000)).await.expect(202);
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("ALTER TABLE contact ADD CONSTRAINT broken CHECK (worries <> 'Often absent.')").await.unwrap();
    work_until_done(&world).await;
    let done = world.app.get(&world.school, &format!("{BATCHES}/{}", sent.id())).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["refused_rows"]), (&json!("done"), &json!(600)));
    assert_eq!(codes(&rows(&world, &sent.id()).await[0]), [("", "failed")]);
    assert_eq!(count(&world, "referral_batch_row WHERE content IS NOT NULL").await, 600, "nothing is lost");
    assert_eq!(count(&world, "referral").await, 0);
}

#[actix_web::test]
async fn the_words_of_refused_rows_are_forgotten_in_time() {
    let world = World::new().await;
    let id = send(&world, of(&child("", "Juniper").replace("charnwood", "atlantis"))).await.expect(201).id();
    work_until_done(&world).await;
    assert_eq!(count(&world, "referral_batch_row WHERE content IS NOT NULL").await, 1);
    world.app.advance(TimeDelta::days(31));
    work_until_done(&world).await;
    assert_eq!(count(&world, "referral_batch_row WHERE content IS NOT NULL").await, 0);
    let rows = rows(&world, &id).await;
    assert_eq!(codes(&rows[0]), [("locality", "unknown_code")], "what became of it is still said");
    let (_, answer) = text(&world, &format!("{BATCHES}/{id}/rows.csv")).await;
    assert!(!String::from_utf8(answer).unwrap().contains("Juniper"));
}

#[actix_web::test]
async fn a_hundred_thousand_rows_are_answered() {
    let world = World::new().await;
    // Nineteen in twenty rows are refused, so that the test does not last: a referral makes some thirty rows of tables.
    let mut file = of("");
    let good = large(5_000, 1, 20);
    for (n, row) in good.lines().skip(1).enumerate() {
        file.push_str(row);
        for bad in 0..19 {
            file.push_str(&format!(
                "\nbad{n}-{bad},child,Child{n},Testcase,2019-02-31,Ms A (invented),teacher,charnwood,good-education,x"
            ));
        }
        file.push('\n');
    }
    let (size, began) = (file.len(), Instant::now());
    let sent = send(&world, file).await.expect(202);
    assert_eq!(sent.body["rows"], 100_000);
    let received = began.elapsed();
    work_until_done(&world).await;
    println!("100,000 rows, {size} bytes: received in {received:?}, answered in {:?}", began.elapsed());
    assert_eq!(count(&world, "referral").await, 4_750);
    assert_eq!(
        count(&world, "referral_batch WHERE finished_at IS NOT NULL AND taken_rows = 4750 AND refused_rows = 95250")
            .await,
        1
    );
    assert_eq!(count(&world, "referral_batch_row").await, 100_000);
}
