//! What an agency calls what it sends: kept, shown to it and to whoever has the referral whole, and found again.

use diesel_async::SimpleAsyncConnection;
use referral_service::referral::called::called_statement;
use serde_json::{Value, json};
use shared::testing::Reply;

use crate::batches::{BATCHES, HEADER, child, rows, send, text};
use crate::missing::{police, report};
use crate::plans::explain;
use crate::world::World;

fn form(theirs: &str) -> Value {
    let mut form = World::form();
    form["their_reference"] = json!(theirs);
    form
}

async fn told(world: &World, theirs: &str) -> Reply {
    world.app.post(&world.school, "/v1/referrals", &form(theirs)).await
}

/// A file whose last column is what the sender calls each referral.
fn file(rows: &[(&str, &str, &str)]) -> String {
    let row = |(key, name, theirs): &(&str, &str, &str)| format!("{},{theirs}\n", child(key, name).trim_end());
    format!("{HEADER},their_reference\n{}", rows.iter().map(row).collect::<String>())
}

#[actix_web::test]
async fn the_agency_that_sent_it_and_the_working_team_see_its_number() {
    let world = World::new().await;
    let sent = told(&world, " INC-7 ").await.expect(201);
    assert_eq!(sent.body["their_reference"], "INC-7");
    let path = format!("/v1/referrals/{}", sent.id());
    for who in [&world.school, &world.officer] {
        assert_eq!(world.app.get(who, &path).await.expect(200).body["their_reference"], "INC-7");
        let list = world.app.get(who, "/v1/referrals").await.expect(200);
        assert_eq!(list.body["items"][0]["their_reference"], "INC-7");
    }
    // One that gives none has no such field.
    let plain = world.submitted().await;
    assert_eq!(plain.body.get("their_reference"), None);
    for wrong in ["", "  "] {
        assert_eq!(told(&world, wrong).await.expect(422).pointers(), ["/their_reference"]);
    }
    assert_eq!(told(&world, &"x".repeat(101)).await.expect(422).pointers(), ["/their_reference"]);
}

#[actix_web::test]
async fn an_agency_finds_its_own_by_their_number() {
    let world = World::new().await;
    let id = told(&world, "INC-7").await.expect(201).id();
    told(&world, "INC-8").await.expect(201);
    let path = "/v1/referrals?their_reference=INC-7";
    let ids = |page: &Reply| -> Vec<Value> {
        page.body["items"].as_array().unwrap().iter().map(|line| line["id"].clone()).collect()
    };
    assert_eq!(ids(&world.app.get(&world.school, path).await.expect(200)), [json!(id)]);
    let standing = world.app.get(&world.school, &format!("{path}&status=received")).await.expect(200);
    assert_eq!(ids(&standing), [json!(id)]);
    for narrower in ["&status=closed", "&urgent=true"] {
        let none = world.app.get(&world.school, &format!("{path}{narrower}")).await.expect(200);
        assert_eq!(ids(&none), Vec::<Value>::new(), "{narrower}");
    }
    // It is a number of the caller's own agency: another's means something else.
    for who in [&world.other_school, &world.officer] {
        assert_eq!(ids(&world.app.get(who, path).await.expect(200)), Vec::<Value>::new());
    }
    world.app.get(&world.analyst, path).await.expect(403);
}

#[actix_web::test]
async fn missing_episodes_and_concerns_show_it_in_their_lists() {
    let world = World::new().await;
    world.app.post(&police(), "/v1/missing-episodes", &report("Hazel", 2)).await.expect(201);
    let concern = json!({
        "person": { "given_name": "Hazel", "family_name": "Testcase", "birth_date": "2012-06-14" },
        "kind": "child-sexual-exploitation", "indicators": ["missing-from-home"], "account": "Older men.",
        "reporter": { "name": "PC B Constable (invented)", "role": "constable" }, "their_reference": "INC-2"
    });
    world.app.post(&police(), "/v1/exploitation-concerns", &concern).await.expect(201);
    for (path, theirs) in [("/v1/missing-episodes", "INC-1"), ("/v1/exploitation-concerns", "INC-2")] {
        for who in [&police(), &world.officer] {
            let list = world.app.get(who, path).await.expect(200);
            assert_eq!(list.body["items"][0]["their_reference"], theirs, "{path}");
        }
    }
}

#[actix_web::test]
async fn the_rows_of_a_file_come_back_with_the_senders_numbers() {
    let world = World::new().await;
    let sent = file(&[("K1", "Juniper", "INC-1"), ("K2", "Rowan", "INC-2")])
        .replace("Rowan,Testcase,2019", "Rowan,Testcase,2090");
    let id = send(&world, sent).await.expect(201).id();
    let answered = rows(&world, &id).await;
    for (row, key, theirs) in [(&answered[0], "K1", "INC-1"), (&answered[1], "K2", "INC-2")] {
        assert_eq!((&row["referral_key"], &row["their_reference"]), (&json!(key), &json!(theirs)));
    }
    let taken = &answered[0];
    let referral = format!("/v1/referrals/{}", taken["referral_id"].as_str().unwrap());
    assert_eq!(world.app.get(&world.school, &referral).await.expect(200).body["their_reference"], "INC-1");
    let (_, csv) = text(&world, &format!("{BATCHES}/{id}/rows.csv")).await;
    let csv = String::from_utf8(csv).unwrap();
    let reference = taken["reference"].as_str().unwrap();
    let line = csv.lines().nth(1).unwrap();
    assert!(line.starts_with(&format!("2,taken,{reference},")) && line.ends_with(",K1,,,,,,,,,,INC-1"), "{line}");
    assert!(!csv.contains("Juniper"), "what was taken stands in the referral: {csv}");
    assert!(csv.lines().nth(2).unwrap().contains(",K2,child,Rowan,"), "{csv}");
}

#[actix_web::test]
async fn the_list_by_number_is_an_index_range() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "INSERT INTO referral (id, reference, status, received_at, agency, version, their_reference)
             SELECT gen_random_uuid(), 'R-' || n, 'closed', '2026-01-01'::timestamptz + n * interval '1 second', 'police', 1, 'INC-' || n
             FROM generate_series(1, 20000) n;
         ANALYZE",
    )
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'police'; SET LOCAL app.scopes = 'agency:police'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let statement = called_statement()
        .replace("$1", "'INC-77'")
        .replace("$2", "'9999-12-31'::timestamptz")
        .replace("$3", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
        .replace("$4", "NULL")
        .replace("$5", "false")
        .replace("$6", "21");
    let plan = explain(&mut web, &statement).await;
    assert!(plan.contains("referral_their_reference"), "{plan}");
    assert!(!plan.contains("Seq Scan on referral "), "{plan}");
}

#[actix_web::test]
async fn what_was_sent_before_is_not_taken_again() {
    let world = World::new().await;
    let first = world.app.post_with(&world.school, "/v1/referrals", "one-key", None, &form("INC-7")).await.expect(201);
    let reference = first.body["reference"].as_str().unwrap().to_owned();
    let again = told(&world, "INC-7 ").await.expect(409);
    assert_eq!(again.body["type"], "/docs/problems#duplicate");
    assert_eq!(again.pointers(), ["/their_reference"]);
    assert_eq!(again.body["errors"][0]["code"], "already_sent");
    assert!(again.body["detail"].as_str().unwrap().contains(&reference), "{}", again.body);
    assert!(again.body["errors"][0]["detail"].as_str().unwrap().contains(&reference), "{}", again.body);
    // The same request is the same referral, as ever.
    let retried =
        world.app.post_with(&world.school, "/v1/referrals", "one-key", None, &form("INC-7")).await.expect(201);
    assert_eq!(retried.id(), first.id());
    // Another agency's numbers are its own; and what is wrong with a form is said first.
    world.app.post(&world.other_school, "/v1/referrals", &form("INC-7")).await.expect(201);
    let mut wrong = form("INC-7");
    wrong["locality"] = json!("atlantis");
    assert_eq!(world.app.post(&world.school, "/v1/referrals", &wrong).await.expect(422).pointers(), ["/locality"]);
    // Once it is withdrawn the number is free.
    let gone = json!({ "reason": "Sent for the wrong family." });
    world.change(&world.school, &first.id(), "withdrawal", &gone).await.expect(200);
    told(&world, "INC-7").await.expect(201);
    told(&world, "INC-7").await.expect(409);
}

#[actix_web::test]
async fn of_two_at_once_one_is_taken() {
    let world = World::new().await;
    let (form, path) = (form("INC-7"), "/v1/referrals");
    let (one, other) =
        futures::join!(world.app.post(&world.school, path, &form), world.app.post(&world.school, path, &form));
    let mut said = [one.status, other.status];
    said.sort_unstable();
    assert_eq!(said, [201, 409]);
    // The database holds it whatever the program does.
    let mut all = world.app.database.all_seeing().await;
    let twice = "INSERT INTO referral (id, reference, status, received_at, agency, version, their_reference)
                 SELECT gen_random_uuid(), 'R-twice', 'received', received_at, agency, 1, their_reference FROM referral";
    let refused = all.batch_execute(twice).await.unwrap_err().to_string();
    assert!(refused.contains("referral_sent_once"), "{refused}");
}

#[actix_web::test]
async fn a_file_that_was_put_right_can_be_sent_again_whole() {
    let world = World::new().await;
    let mended = file(&[("1", "Juniper", "INC-1"), ("2", "Rowan", "INC-2"), ("", "Sorrel", "INC-3")]);
    let first = send(&world, mended.replace("Rowan,Testcase,2019", "Rowan,Testcase,2090")).await.expect(201);
    assert_eq!((&first.body["referrals"], &first.body["warnings"]), (&json!(2), &json!([])));
    let earlier = rows(&world, &first.id()).await;
    let second = send(&world, mended).await.expect(201);
    assert_eq!((&second.body["referrals"], &second.body["refused_rows"]), (&json!(1), &json!(2)));
    assert_eq!(second.body["warnings"], json!([]), "it is another file");
    let answered = rows(&world, &second.id()).await;
    for at in [0, 2] {
        assert_eq!(answered[at]["outcome"], "refused");
        assert_eq!(answered[at]["already_sent_as"], earlier[at]["reference"]);
        let refusal =
            answered[at]["problems"].as_array().unwrap().iter().find(|said| said["refused"] == json!(true)).unwrap();
        assert_eq!((&refusal["column"], &refusal["code"]), (&json!("their_reference"), &json!("already_sent")));
        assert!(refusal["detail"].as_str().unwrap().contains(earlier[at]["reference"].as_str().unwrap()));
    }
    assert_eq!((&answered[1]["outcome"], answered[1].get("already_sent_as")), (&json!("taken"), None));
    // What a single referral was sent as counts too.
    told(&world, "INC-9").await.expect(201);
    let third = send(&world, file(&[("", "Clover", "INC-9"), ("", "Aspen", "INC-10"), ("", "Holly", "INC-10")]))
        .await
        .expect(201);
    let answered = rows(&world, &third.id()).await;
    let outcomes: Vec<&Value> = answered.iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "taken", "refused"], "the same number twice in one file is one referral");
    assert!(answered[2]["problems"].to_string().contains("in row 3"), "{}", answered[2]);
}

#[actix_web::test]
async fn the_same_bytes_are_told_of() {
    let world = World::new().await;
    let same = format!("{HEADER}\n{}", child("", "Juniper"));
    let first = send(&world, same.clone()).await.expect(201);
    assert_eq!(first.body["warnings"], json!([]));
    let second = send(&world, same).await.expect(201);
    assert_eq!(second.body["warnings"][0]["code"], "sent_before");
    assert!(second.body["warnings"][0]["detail"].as_str().unwrap().contains(&first.id()), "{}", second.body);
}
