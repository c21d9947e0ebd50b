//! Brief interventions: opened, contacts with who came, closed as planned or not.

use chrono::{Days, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use referral_service::brief_intervention::store::LIST;
use serde_json::{Value, json};
use shared::access::States;
use shared::testing::{Person, Reply};

use crate::families::{days_ago, in_past, today};
use crate::groups::carys;
use crate::missing::plan;
use crate::world::World;

/// A piece of work with one parent, opened three weeks ago.
pub fn a_brief() -> Value {
    json!({
        "kind": "parenting-and-behaviour", "service": "childrens-centre", "locality": "charnwood", "opened_on": days_ago(21),
        "people": [{ "given_name": "Willow", "family_name": "Brieftest", "birth_date": "1990-02-03" }],
        "aim": "A bedtime that holds."
    })
}

/// One that was opened: its address, and the parent.
pub async fn opened(world: &World) -> (String, String) {
    let reply = world.app.post(&carys(), "/v1/brief-interventions", &a_brief()).await.expect(201);
    let person = reply.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    (format!("/v1/brief-interventions/{}", reply.id()), person)
}

/// A contact with one person so many hours ago.
pub async fn contact(world: &World, brief: &str, person: &str, hours: i64, attendance: &str) -> Reply {
    let body = json!({
        "at": in_past(hours), "how": "home-visit", "minutes": 45, "words": "We went through the evening.",
        "people": [{ "person_id": person, "attendance": attendance }]
    });
    world.app.post(&carys(), &format!("{brief}/contacts"), &body).await.expect(200)
}

fn ending() -> Value {
    json!({ "outcome": "needs-met", "destination": "universal-services", "summary": "He sleeps." })
}

#[actix_web::test]
async fn a_brief_intervention_goes_from_its_aim_to_its_end() {
    let world = World::new().await;
    let (brief, person) = opened(&world).await;
    let first = contact(&world, &brief, &person, 200, "absent").await;
    assert_eq!(first.body["attendance"], json!({ "contacts": 1, "attended": 0 }));
    contact(&world, &brief, &person, 100, "attended").await;
    // The first is corrected: he had been in after all.
    let wrong = first.body["contacts"][0]["id"].clone();
    let body = json!({
        "at": in_past(200), "how": "call", "words": "He rang back.", "corrects": wrong,
        "people": [{ "person_id": person, "attendance": "attended" }]
    });
    let seen = world.app.post(&carys(), &format!("{brief}/contacts"), &body).await.expect(200);
    assert_eq!(seen.body["attendance"], json!({ "contacts": 2, "attended": 2 }));
    assert_eq!(seen.body["contacts"].as_array().unwrap().len(), 3);
    let again = world.app.post(&carys(), &format!("{brief}/contacts"), &body).await.expect(422);
    assert_eq!(again.pointers(), ["/corrects"]);
    assert_eq!(seen.body["clock"], "due");
    let work = world.app.get(&carys(), "/v1/work").await.expect(200);
    assert!(work.body.to_string().contains("End of a brief intervention"), "{}", work.body);
    let etag = world.app.get(&carys(), &brief).await.expect(200).etag();
    let path = format!("{brief}/closure");
    let closed = world.app.post_with(&carys(), &path, "once", Some(&etag), &ending()).await.expect(200);
    assert_eq!((&closed.body["status"], &closed.body["ending"]["planned"]), (&json!("closed"), &json!(true)));
    assert_eq!((&closed.body["clock"], &closed.body["closed_on"]), (&json!("met"), &json!(today())));
    let again = world.app.post_with(&carys(), &path, "once", Some(&etag), &ending()).await.expect(200);
    assert_eq!(again.body, closed.body);
    world.step(&carys(), &brief, "closure", &ending()).await.expect(409);
    let late = json!({ "at": in_past(1), "how": "call", "words": "x", "people": [{ "person_id": person, "attendance": "attended" }] });
    world.app.post(&carys(), &format!("{brief}/contacts"), &late).await.expect(409);
    let told = &world.told("brief.closed.v1").await[0];
    assert_eq!(
        (&told["planned"], &told["contacts"], &told["attended"], &told["in_time"]),
        (&json!(true), &json!(2), &json!(2), &json!(true))
    );
    assert!(!told.to_string().contains("sleeps"));
    assert_eq!(world.told("brief.opened.v1").await.len(), 1);
    assert_eq!(world.told("brief.contact_recorded.v1").await.len(), 3);
}

#[actix_web::test]
async fn one_that_goes_on_is_told_as_overdue_and_not_forbidden() {
    let world = World::new().await;
    let (brief, person) = opened(&world).await;
    contact(&world, &brief, &person, 2, "attended").await;
    world.app.advance(TimeDelta::days(30));
    assert_eq!(world.app.get(&carys(), &brief).await.expect(200).body["clock"], "overdue");
    let body = json!({ "at": Utc::now() + TimeDelta::days(29), "how": "call", "words": "x", "people": [{ "person_id": person, "attendance": "attended" }] });
    world.app.post(&carys(), &format!("{brief}/contacts"), &body).await.expect(200);
    let closed = world.step(&carys(), &brief, "closure", &ending()).await.expect(200);
    assert_eq!(closed.body["clock"], "met_late");
    assert_eq!(world.told("brief.closed.v1").await[0]["in_time"], false);
}

#[actix_web::test]
async fn an_opening_names_every_mistake() {
    let world = World::new().await;
    let path = "/v1/brief-interventions";
    let nothing = uuid::Uuid::now_v7();
    let ash = json!({ "given_name": "Ash", "family_name": "Brieftest", "birth_date": "1990-02-03" });
    let wrong = json!({
        "kind": "knitting", "service": "youth-work", "locality": "atlantis", "opened_on": today() + Days::new(1),
        "people": [{ "given_name": "Said.", "family_name": "X" }, ash, ash], "referral_id": nothing, "family_id": nothing, "aim": "Said.", "worker_name": "Said."
    });
    let refused = world.app.post(&carys(), path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/kind", "/locality", "/opened_on", "/people/2", "/referral_id", "/service"]);
    let mut none = a_brief();
    none["people"] = json!([]);
    assert_eq!(world.app.post(&carys(), path, &none).await.expect(422).pointers(), ["/people"]);
    for field in ["family_id", "referral_id"] {
        let mut unseen = a_brief();
        unseen[field] = json!(nothing);
        assert_eq!(world.app.post(&carys(), path, &unseen).await.expect(422).pointers(), [format!("/{field}")]);
    }
    // The same person by a name spelt otherwise.
    let mut twice = a_brief();
    twice["people"] = json!([ash, { "given_name": "ASH", "family_name": "Brief-test", "birth_date": "1990-02-03" }]);
    assert_eq!(world.app.post(&carys(), path, &twice).await.expect(422).pointers(), ["/people/1"]);
    // Somebody who is not of the family.
    let (_, family) = world.case().await;
    let mut stranger = a_brief();
    stranger["service"] = json!("intensive-family-support");
    stranger["family_id"] = json!(family.rsplit('/').next().unwrap());
    assert_eq!(world.app.post(&world.family_worker, path, &stranger).await.expect(422).pointers(), ["/people/0"]);
    for who in [&world.officer, &world.charnwood, &world.school] {
        world.app.post(who, path, &a_brief()).await.expect(403);
    }
}

#[actix_web::test]
async fn a_contact_and_an_end_name_every_mistake() {
    let world = World::new().await;
    let (brief, person) = opened(&world).await;
    let path = format!("{brief}/contacts");
    let line = |who: &str| json!({ "person_id": who, "attendance": "attended" });
    let wrong = json!({
        "at": Utc::now() + TimeDelta::hours(1), "how": "by-magic", "words": "Said.", "corrects": uuid::Uuid::now_v7(),
        "people": [line(&person), line(&person), line(&uuid::Uuid::now_v7().to_string())]
    });
    let refused = world.app.post(&carys(), &path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/at", "/corrects", "/how", "/people/1/person_id", "/people/2/person_id"]);
    let early = json!({ "at": in_past(24 * 30), "how": "call", "words": "x", "minutes": 0, "people": [line(&person)] });
    assert_eq!(world.app.post(&carys(), &path, &early).await.expect(422).pointers(), ["/minutes"]);
    let early = json!({ "at": in_past(24 * 30), "how": "call", "words": "x", "people": [line(&person)] });
    assert_eq!(world.app.post(&carys(), &path, &early).await.expect(422).pointers(), ["/at"]);
    // Nobody came to anything: that is no end as planned.
    contact(&world, &brief, &person, 50, "apology").await;
    let refused = world.step(&carys(), &brief, "closure", &ending()).await.expect(422);
    assert_eq!(refused.pointers(), ["/outcome"]);
    let odd = json!({ "outcome": "bored", "destination": "mars", "summary": "x", "closed_on": days_ago(22) });
    let refused = world.step(&carys(), &brief, "closure", &odd).await.expect(422);
    assert_eq!(refused.pointers(), ["/closed_on", "/closed_on", "/destination", "/outcome"]);
    let mut to_come = ending();
    to_come["closed_on"] = json!(today() + Days::new(1));
    assert_eq!(
        world.step(&carys(), &brief, "closure", &to_come).await.expect(422).pointers(),
        ["/closed_on", "/outcome"]
    );
    world.app.post(&carys(), &format!("{brief}/closure"), &ending()).await.expect(428);
    world.app.post_on(&carys(), &format!("{brief}/closure"), "\"1-brief\"", &ending()).await.expect(412);
    let mut left = ending();
    left["outcome"] = json!("did-not-engage");
    let closed = world.step(&carys(), &brief, "closure", &left).await.expect(200);
    assert_eq!(closed.body["ending"]["planned"], false);
}

#[actix_web::test]
async fn its_team_works_on_it_and_the_family_s_reads_it() {
    let world = World::new().await;
    let (brief, person) = opened(&world).await;
    let list = async |who: &Person| world.app.get(who, "/v1/brief-interventions?status=open").await.expect(200).body;
    assert_eq!(list(&carys()).await["items"][0]["people"][0]["given_name"], "Willow");
    assert_eq!(
        world.app.get(&carys(), "/v1/brief-interventions?status=closed").await.expect(200).body["items"],
        json!([])
    );
    world.app.get(&world.officer, &brief).await.expect(200);
    assert_eq!(list(&world.officer).await["items"].as_array().unwrap().len(), 1);
    let body = json!({ "at": in_past(1), "how": "call", "words": "x", "people": [{ "person_id": person, "attendance": "attended" }] });
    world.app.post(&world.officer, &format!("{brief}/contacts"), &body).await.expect(403);
    world.step(&world.officer, &brief, "closure", &ending()).await.expect(403);
    for who in [&world.family_worker, &world.justice_worker, &world.charnwood, &world.school, &world.governance] {
        world.app.get(who, &brief).await.expect(404);
        world.app.post(who, &format!("{brief}/contacts"), &body).await.expect(404);
    }
    assert_eq!(list(&world.family_worker).await["items"], json!([]));
    world.app.get(&world.charnwood, "/v1/brief-interventions").await.expect(403);
    for wrong in ["status=asleep", "limit=101", "colour=blue"] {
        world.app.get(&carys(), &format!("/v1/brief-interventions?{wrong}")).await.expect(400);
    }
    // One by a referral, of the team that accepted it; another team that has the family reads it only.
    let (family, _) = world.family().await;
    let members = world.app.get(&world.family_worker, &family).await.expect(200).body;
    let child = members["members"][0]["person_id"].clone();
    let mut form = a_brief();
    form["service"] = json!("intensive-family-support");
    form["family_id"] = json!(family.rsplit('/').next().unwrap());
    form["people"] = json!([{ "person_id": child }]);
    let made = world.app.post(&world.family_worker, "/v1/brief-interventions", &form).await.expect(201);
    assert_eq!(made.body["basis"], "family");
    world.app.get(&world.family_worker, &format!("/v1/brief-interventions/{}", made.id())).await.expect(200);
    world.app.get(&carys(), &format!("/v1/brief-interventions/{}", made.id())).await.expect(404);
}

#[actix_web::test]
async fn the_list_of_brief_interventions_scans_no_table() {
    let world = World::new().await;
    opened(&world).await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                 CASE WHEN n % 50 = 0 THEN 'open' ELSE 'closed' END AS status FROM generate_series(1, 20000) n;
         INSERT INTO brief_intervention SELECT id, 'B-' || n, 'other', 'youth-work', 'melton', status, '2026-01-01', 'contact', NULL, NULL, 'x', 'x', id, at,
                 CASE status WHEN 'closed' THEN '2026-02-01'::date END, 1 FROM many;
         INSERT INTO person SELECT id, 'A', 'B', '2015-01-01', 'a' || n, 'b' || n, 1 FROM many;
         INSERT INTO brief_person SELECT id, id, 'A', 'B', NULL FROM many;
         INSERT INTO brief_contact SELECT id, id, at, 'call', NULL, 'x', NULL, at, id, 'x' FROM many;
         INSERT INTO deadline SELECT id, 'brief_intervention', at, at, at FROM many;
         INSERT INTO record_scope SELECT id, 'brief_intervention', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'team:youth-work']) s;
         ANALYZE",
    )
    .await
    .unwrap();
    let last = ["'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid", "21"];
    for by_status in [true, false] {
        let filters = [if by_status { "ARRAY['open']" } else { "NULL" }, "NULL"];
        let values = [["ARRAY['front-door']"].as_slice(), last.as_slice(), filters.as_slice()].concat();
        let plan = plan(
            &world,
            &world.officer,
            &LIST.statement(if by_status { States::One } else { States::Any }, false),
            &values,
        )
        .await;
        for table in ["record_scope", "brief_intervention", "brief_person", "brief_contact", "deadline"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{by_status} scans {table}:\n{plan}");
        }
    }
}
