//! Children who go missing: the report alerts at once, the return starts the clock, the interview
//! stops it; each in its order and seen by whom it is for.

mod absence;
mod closing;
mod reporting;
mod updating;

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::missing::store::LIST;
use serde_json::{Value, json};
use shared::access::States;
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::world::World;

pub fn police() -> Person {
    Person::new("police-system", "police", Role::Referrer)
}

/// A youth worker, of the team that holds return interviews.
fn kit() -> Person {
    Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work")
}

pub fn ago(hours: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::hours(hours)
}

/// A report as the police would send it, of a child who went missing so many hours ago.
pub fn report(given_name: &str, hours_ago: i64) -> Value {
    json!({
        "person": { "given_name": given_name, "family_name": "Testcase", "birth_date": "2012-06-14" },
        "missing_since": ago(hours_ago), "missing_from": "home", "where_from": "Invented Street 1",
        "last_seen": "Grey top, after an argument.", "risk_level": "medium",
        "circumstances": "Does not answer her telephone.",
        "reporter": { "name": "PC B Constable (invented)", "role": "constable" },
        "their_reference": "INC-1", "locality": "charnwood"
    })
}

pub fn back(hours_ago: i64) -> Value {
    json!({ "returned_at": ago(hours_ago), "found_how": "found-by-police", "harm": ["none-known"], "harm_note": "Cold." })
}

pub fn held(at: DateTime<Utc>) -> Value {
    json!({
        "outcome": "held", "at": at, "by": "Kit (invented)", "themes": ["conflict-at-home"],
        "said": "They shout about school.", "actions": "Talk with her mother."
    })
}

/// A change of an episode, on the version the actor reads now.
pub async fn step(world: &World, who: &Person, id: &str, step: &str, body: &Value) -> Reply {
    let etag = world.app.get(who, &format!("/v1/missing-episodes/{id}")).await.expect(200).etag();
    world.app.post_on(who, &format!("/v1/missing-episodes/{id}/{step}"), &etag, body).await
}

pub async fn reported(world: &World, given_name: &str, hours_ago: i64) -> String {
    world.app.post(&police(), "/v1/missing-episodes", &report(given_name, hours_ago)).await.expect(201).id()
}

/// An episode whose child has been back for so many hours.
pub async fn returned(world: &World, hours_ago: i64) -> String {
    let id = reported(world, "Hazel", hours_ago + 5).await;
    step(world, &world.officer, &id, "return", &back(hours_ago)).await.expect(200);
    id
}

#[actix_web::test]
async fn the_police_follow_where_it_stands_and_read_nothing_of_the_child() {
    let world = World::new().await;
    let id = returned(&world, 10).await;
    step(&world, &world.officer, &id, "return-interview", &held(ago(2))).await.expect(200);
    let seen = world.app.get(&police(), &format!("/v1/missing-episodes/{id}")).await.expect(200);
    assert_eq!((&seen.body["view"], &seen.body["status"]), (&json!("status"), &json!("interview_held")));
    assert_eq!((&seen.body["interview_in_time"], &seen.body["interview_clock"]), (&json!(true), &json!("met")));
    for hidden in ["account", "return", "interviews", "other_episodes"] {
        assert_eq!(seen.body.get(hidden), None, "{hidden}");
    }
    let list = world.app.get(&police(), "/v1/missing-episodes?status=interview_held").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], id.as_str());
    assert_eq!(list.body["items"][0].get("child"), None);
    let full = world.app.get(&world.officer, &format!("/v1/missing-episodes/{id}")).await.expect(200);
    assert_eq!(full.body["interviews"][0]["said"], "They shout about school.");
    assert_eq!(full.body["return"]["harm_note"], "Cold.");
}

#[actix_web::test]
async fn a_worker_who_reports_sees_it_with_the_whole_team_and_no_other_colleague_does() {
    let world = World::new().await;
    let mut form = report("Hazel", 3);
    form["locality"] = Value::Null;
    let id = world.app.post(&kit(), "/v1/missing-episodes", &form).await.expect(201).id();
    let path = format!("/v1/missing-episodes/{id}");
    assert_eq!(world.app.get(&kit(), &path).await.expect(200).body["view"], "full");
    world.app.get(&world.family_worker, &path).await.expect(404);
    world.app.get(&world.charnwood, &path).await.expect(404);
    // A hub member of another district follows what they reported, by themselves.
    let id = world.app.post(&world.melton, "/v1/missing-episodes", &report("Rowan", 3)).await.expect(201).id();
    let path = format!("/v1/missing-episodes/{id}");
    assert_eq!(world.app.get(&world.melton, &path).await.expect(200).body["view"], "status");
    let colleague = Person::new("moss", "district-melton", Role::HubMember).hub("melton");
    world.app.get(&colleague, &path).await.expect(404);
}

#[actix_web::test]
async fn nothing_comes_before_what_it_follows() {
    let world = World::new().await;
    let id = reported(&world, "Hazel", 20).await;
    let officer = &world.officer;
    // An interview before the return.
    for outcome in ["offered", "declined"] {
        let form = json!({ "outcome": outcome, "at": ago(1), "by": "Kit" });
        let refused = step(&world, officer, &id, "return-interview", &form).await.expect(409);
        assert_eq!(refused.body["detail"], "the child has not returned yet");
    }
    step(&world, officer, &id, "return-interview", &held(ago(1))).await.expect(409);
    // A return before the child was missing, or still to come, or of words nobody knows.
    let refused = step(&world, officer, &id, "return", &back(21)).await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "out_of_order");
    assert_eq!(step(&world, officer, &id, "return", &back(-1)).await.expect(422).pointers(), ["/returned_at"]);
    let odd = json!({ "returned_at": ago(1), "found_how": "by-magic", "harm": ["none-known", "self-harm"] });
    assert_eq!(step(&world, officer, &id, "return", &odd).await.expect(422).pointers(), ["/found_how", "/harm"]);
    step(&world, officer, &id, "return", &back(10)).await.expect(200);
    let again = step(&world, officer, &id, "return", &back(9)).await.expect(409);
    assert_eq!(again.body["detail"], "the child's return is recorded already");
    // An interview before the return, or still to come.
    let early = step(&world, officer, &id, "return-interview", &held(ago(11))).await.expect(422);
    assert_eq!(early.body["errors"][0]["code"], "out_of_order");
    let late = step(&world, officer, &id, "return-interview", &held(ago(-1))).await.expect(422);
    assert_eq!(late.body["errors"][0]["code"], "in_the_future");
}

#[actix_web::test]
async fn who_may_do_what_and_on_which_version() {
    let world = World::new().await;
    let id = reported(&world, "Hazel", 20).await;
    let path = format!("/v1/missing-episodes/{id}");
    let etag = world.app.get(&world.officer, &path).await.expect(200).etag();
    world.app.post(&world.officer, &format!("{path}/return"), &back(1)).await.expect(428);
    world.app.post_on(&world.analyst, &format!("{path}/return"), &etag, &back(1)).await.expect(404);
    world.app.post(&world.analyst, "/v1/missing-episodes", &report("Rowan", 2)).await.expect(403);
    world.app.post_on(&kit(), &format!("{path}/return"), &etag, &back(1)).await.expect(404);
    world.app.post_on(&police(), &format!("{path}/return"), &etag, &back(1)).await.expect(200);
    world.app.post_on(&world.officer, &format!("{path}/return"), &etag, &back(1)).await.expect(412);
    // Neither the police nor the hub interview; the hub gives it to the team that does.
    step(&world, &police(), &id, "return-interview", &held(ago(0))).await.expect(403);
    step(&world, &world.charnwood, &id, "return-interview", &held(ago(0))).await.expect(403);
    step(&world, &world.charnwood, &id, "cancellation", &json!({})).await.expect(403);
    step(&world, &police(), &id, "teams", &json!({ "service": "youth-work" })).await.expect(403);
    let nobody = step(&world, &world.charnwood, &id, "teams", &json!({ "service": "no-such-team" })).await.expect(422);
    assert_eq!(nobody.pointers(), ["/service"]);
    step(&world, &world.charnwood, &id, "teams", &json!({ "service": "youth-work" })).await.expect(200);
    let done = step(&world, &kit(), &id, "return-interview", &held(ago(0))).await.expect(200);
    assert_eq!(done.body["status"], "interview_held");
    let unknown = json!({ "because": "bored", "note": "x" });
    let other = reported(&world, "Rowan", 2).await;
    assert_eq!(step(&world, &police(), &other, "cancellation", &unknown).await.expect(422).pointers(), ["/because"]);
}

#[actix_web::test]
async fn a_list_is_by_status_and_district_and_every_look_is_written_down() {
    let world = World::new().await;
    let charnwood = reported(&world, "Hazel", 2).await;
    let mut form = report("Rowan", 2);
    form["locality"] = json!("melton");
    let melton = world.app.post(&police(), "/v1/missing-episodes", &form).await.expect(201).id();
    step(&world, &world.officer, &melton, "return", &back(1)).await.expect(200);
    let list = async |query: &str| -> Vec<String> {
        let page = world.app.get(&world.officer, &format!("/v1/missing-episodes{query}")).await.expect(200);
        page.body["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list("").await, [melton.clone(), charnwood.clone()]);
    assert_eq!(list("?status=missing").await, [charnwood.as_str()]);
    assert_eq!(list("?locality=melton").await, [melton.as_str()]);
    assert!(list("?locality=melton&status=missing").await.is_empty());
    world.app.get(&world.officer, "/v1/missing-episodes?status=lost&locality=X").await.expect(400);
    assert_eq!(
        world.app.get(&world.melton, "/v1/missing-episodes").await.expect(200).body["items"][0]["id"],
        melton.as_str()
    );
    let child = world.app.get(&world.officer, &format!("/v1/missing-episodes/{melton}")).await.expect(200);
    let child = child.body["account"]["person_id"].as_str().unwrap().to_owned();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let log = world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
    let actions: Vec<&str> =
        log.body["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    for action in ["missing.report", "missing.return", "missing.read"] {
        assert!(actions.contains(&action), "{action} not in {actions:?}");
    }
}

/// The list is a few index ranges, with or without a status, however many episodes others have.
#[actix_web::test]
async fn the_list_scans_no_table() {
    let world = World::new().await;
    reported(&world, "Hazel", 2).await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                 (ARRAY['melton', 'charnwood', 'blaby', 'harborough'])[n % 4 + 1] AS locality,
                 CASE WHEN n % 50 = 0 THEN 'missing' ELSE 'interview_declined' END AS status
             FROM generate_series(1, 20000) n;
         INSERT INTO missing_episode (id, reference, status, missing_since, reported_at, agency, locality, version)
             SELECT id, 'M-' || n, status, at, at, 'police', locality, 1 FROM many;
         INSERT INTO person SELECT id, 'A', 'B', '2015-01-01', 'a' || n, 'b' || n, 1 FROM many;
         INSERT INTO missing_account SELECT id, id, 'A', 'B', '2015-01-01', at, 'x', 'x', NULL, id, 'home', NULL, NULL, NULL, 'low', 'x', 1, false FROM many;
         INSERT INTO deadline SELECT id, 'return_interview', at, at, NULL FROM many;
         INSERT INTO record_scope SELECT id, 'missing_episode', s, 'full', status, at
             FROM many, unnest(ARRAY['front-door', 'hub:' || locality]) s;
         INSERT INTO record_scope SELECT gen_random_uuid(), 'referral', 'front-door', 'full', 'closed', at
             FROM many, generate_series(1, 3);
         ANALYZE",
    )
    .await
    .unwrap();
    for (by_status, by_locality) in [(true, false), (false, false), (true, true), (false, true)] {
        let statement = LIST.statement(if by_status { States::One } else { States::Any }, by_locality);
        let last = ["'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid", "21"];
        let filters =
            [if by_status { "ARRAY['missing']" } else { "NULL" }, if by_locality { "'melton'" } else { "NULL" }];
        let values = [["ARRAY['front-door']"].as_slice(), last.as_slice(), filters.as_slice()].concat();
        let plan = plan(&world, &world.officer, &statement, &values).await;
        for table in ["record_scope", "missing_episode", "missing_account", "deadline"] {
            assert!(
                !plan.contains(&format!("Seq Scan on {table} ")),
                "{by_status} {by_locality} scans {table}:\n{plan}"
            );
        }
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
    line: String,
}

/// How PostgreSQL would run a statement for someone, with these values in the places of `$1`, `$2`, …
pub async fn plan(world: &World, who: &Person, statement: &str, values: &[&str]) -> String {
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        who.id
    ))
    .await
    .unwrap();
    let bound = values
        .iter()
        .enumerate()
        .rev()
        .fold(statement.to_owned(), |text, (index, value)| text.replace(&format!("${}", index + 1), value));
    let lines: Vec<Line> = diesel::sql_query(format!("EXPLAIN {bound}")).load(&mut web).await.unwrap();
    lines.into_iter().map(|row| row.line + "\n").collect()
}
