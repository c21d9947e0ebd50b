//! Audits of case files by sample: the draw, the auditors, the grades, what must follow.

use chrono::{Days, Utc};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::case_audit::draw::{Seed, draw, fingerprint};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};
use uuid::Uuid;

use crate::assessments::{Begun, begun, content};
use crate::families::{self, days_ago, today, youth_worker};
use crate::world::World;

const SAMPLES: &str = "/v1/audit-samples";

fn in_days(days: u64) -> String {
    (today() + Days::new(days)).to_string()
}

fn open_now() -> Value {
    json!({ "basis": "open", "from": days_ago(30), "to": today(), "team": "intensive-family-support", "size": 25, "due_on": in_days(20) })
}

/// The service's manager: the same person each time, for a sample is whoever's who drew it.
fn senior() -> Person {
    Person { id: Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_a001), ..families::senior() }
}

/// A manager of another service who has nothing to do with the case.
fn auditor() -> Person {
    let alma = Person::new("alma", "county-council", Role::ServiceManager).team("youth-work");
    Person { id: Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_a002), ..alma }
}

fn given_to(who: &Person) -> Value {
    json!({ "user_id": who.id, "name": who.name })
}

const STANDARDS: [&str; 5] = ["management-oversight", "multi-agency-working", "outcomes", "timeliness", "voice"];

fn grades() -> Value {
    let mut all: Vec<Value> = STANDARDS[..4]
        .iter()
        .map(|standard| json!({ "standard": standard, "grade": "good", "evidence": "It stands in the notes." }))
        .collect();
    all[3]["grade"] = json!("inadequate");
    all.push(json!({ "standard": "voice", "not_applicable": "Closed after a week." }));
    json!({ "grades": all })
}

/// A sample of the one open case, drawn by the service's manager.
async fn sampled(world: &World) -> (Begun, Reply) {
    let begun = begun(world).await;
    let sample = world.app.post(&senior(), SAMPLES, &open_now()).await.expect(201);
    (begun, sample)
}

fn file(sample: &Reply) -> String {
    format!("/v1/case-audits/{}", sample.body["files"][0]["id"].as_str().unwrap())
}

async fn put(world: &World, who: &Person, path: &str, etag: Option<&str>, body: &Value) -> Reply {
    let key = Uuid::now_v7().to_string();
    let bearer = format!("Bearer {}", world.app.tokens.token(who));
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    headers.extend(etag.map(|etag| ("if-match", etag)));
    world.app.send(reqwest::Method::PUT, path, &headers, Some(body.to_string().into_bytes())).await
}

#[actix_web::test]
async fn a_sample_is_drawn_with_its_proof() {
    let world = World::new().await;
    let begun = begun(&world).await;
    // Many more cases, of which only some are in scope.
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(&format!(
        "INSERT INTO family_case (id, family_id, case_type, team, origin, status, opened_at, closed_at, version)
         SELECT gen_random_uuid(), family_id, CASE n % 2 WHEN 0 THEN 'outreach' ELSE 'youth-work' END, 'intensive-family-support', 'self_request',
                'closed', now() - interval '90 days', now() - n * interval '1 day', 1
         FROM family_case, generate_series(1, 60) n WHERE id = '{}'",
        begun.case_id
    ))
    .await
    .unwrap();
    let mut body = json!({ "basis": "closed", "from": days_ago(40), "to": days_ago(1), "team": "intensive-family-support",
                           "case_type": "outreach", "size": 7, "due_on": in_days(20) });
    let key = "draw-once";
    let drawn = world.app.post_with(&senior(), SAMPLES, key, None, &body).await.expect(201);
    assert_eq!((&drawn.body["population"], &drawn.body["left_out"]), (&json!(20), &json!(0)));
    let files = drawn.body["files"].as_array().unwrap();
    assert_eq!(files.len(), 7);
    assert!(files.iter().zip(1..).all(|(file, place)| file["place"] == place && file["case_type"] == "outreach"));
    let again = world.app.post_with(&senior(), SAMPLES, key, None, &body).await.expect(201);
    assert_eq!(again.body, drawn.body, "a retry draws nothing new");
    // The draw, repeated here from the seed and the cases in scope.
    let path = format!("{SAMPLES}/{}", drawn.id());
    let proof = world.app.get(&senior(), &format!("{path}/draw")).await.expect(200).body;
    let ids = |list: &Value| -> Vec<Uuid> { serde_json::from_value(list.clone()).unwrap() };
    let population = ids(&proof["population"]);
    let seed = Seed::parse(proof["seed"].as_str().unwrap()).unwrap();
    let kept: Vec<Uuid> = files.iter().map(|file| file["case_id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(draw(seed, &population, 7), kept);
    assert_eq!((ids(&proof["drawn"]), &proof["as_kept"]), (kept, &json!(true)));
    assert_eq!(proof["population_sha256"], fingerprint(&population));
    let other = world.app.post(&senior(), SAMPLES, &body).await.expect(201);
    assert_ne!(other.body["seed"], drawn.body["seed"]);
    body["size"] = json!(200);
    let whole = world.app.post(&senior(), SAMPLES, &body).await.expect(201);
    assert_eq!(whole.body["files"].as_array().unwrap().len(), 20, "all there are");
    let list = world.app.get(&senior(), &format!("{SAMPLES}?limit=2")).await.expect(200);
    assert_eq!((list.body["items"].as_array().unwrap().len(), list.body["next"].is_string()), (2, true));
    let told = &world.told("audit.sample_drawn.v1").await[0];
    assert_eq!((&told["drawn"], &told["population"]), (&json!(7), &json!(20)));
    // Information governance sees it; nobody else does.
    assert_eq!(world.app.get(&world.governance, &path).await.expect(200).body["seed"], drawn.body["seed"]);
    let colleague = Person::new("sofia", "county-council", Role::ServiceManager).team("intensive-family-support");
    for who in [&colleague, &world.family_worker, &world.officer, &world.analyst] {
        world.app.get(who, &path).await.expect(404);
    }
    world.app.get(&world.family_worker, SAMPLES).await.expect(403);
}

#[actix_web::test]
async fn what_can_t_be_drawn_is_refused_with_every_field() {
    let world = World::new().await;
    begun(&world).await;
    let wrong = json!({ "basis": "open", "from": in_days(2), "to": in_days(1), "team": "intensive-family-support", "case_type": "magic",
                        "locality": "atlantis", "size": 5, "due_on": days_ago(1) });
    let refused = world.app.post(&senior(), SAMPLES, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/case_type", "/due_on", "/from", "/locality", "/to"]);
    for size in [0, 201] {
        let mut body = open_now();
        body["size"] = json!(size);
        assert_eq!(world.app.post(&senior(), SAMPLES, &body).await.expect(422).pointers(), ["/size"]);
    }
    let mut body = open_now();
    body["case_type"] = json!("youth-work");
    assert_eq!(world.app.post(&senior(), SAMPLES, &body).await.expect(422).pointers(), ["/from"], "nothing in scope");
    body = open_now();
    body["team"] = json!("youth-work");
    world.app.post(&senior(), SAMPLES, &body).await.expect(403);
    body.as_object_mut().unwrap().remove("team");
    world.app.post(&senior(), SAMPLES, &body).await.expect(201);
    let both = senior().team("youth-work");
    assert_eq!(world.app.post(&both, SAMPLES, &body).await.expect(422).pointers(), ["/team"]);
    world.app.post(&world.governance, SAMPLES, &body).await.expect(201);
    for who in [&world.family_worker, &world.manager, &world.analyst, &world.school] {
        world.app.post(who, SAMPLES, &open_now()).await.expect(403);
    }
}

#[actix_web::test]
async fn restricted_files_are_left_out_and_counted() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let mut all = world.app.database.all_seeing().await;
    let other = Uuid::now_v7();
    all.batch_execute(&format!(
        "INSERT INTO family SELECT '{other}', 'F-OTHER', locality, formed_at, 1 FROM family;
         INSERT INTO family_case (id, family_id, case_type, team, origin, status, opened_at, version)
         SELECT gen_random_uuid(), '{other}', case_type, team, 'self_request', status, opened_at, 1 FROM family_case WHERE id = '{}'",
        begun.case_id
    ))
    .await
    .unwrap();
    let restriction = json!({ "effect": "restrict", "user_id": world.family_worker.id, "reason": "x" });
    world
        .app
        .post(&world.governance, &format!("/v1/people/{}/restrictions", begun.child), &restriction)
        .await
        .expect(201);
    let drawn = world.app.post(&senior(), SAMPLES, &open_now()).await.expect(201);
    assert_eq!((&drawn.body["population"], &drawn.body["left_out"]), (&json!(1), &json!(1)));
    assert_ne!(drawn.body["files"][0]["case_id"], json!(begun.case_id));
}

#[actix_web::test]
async fn nobody_audits_their_own_work_and_the_auditor_alone_reads_the_file() {
    let world = World::new().await;
    let (begun, sample) = sampled(&world).await;
    let path = file(&sample);
    let note = json!({ "occurred_at": Utc::now(), "kind": "home-visit", "words": "She showed me her reading corner.", "child_seen": true, "seen": [begun.child] });
    world.app.post(&world.family_worker, &format!("{}/notes", begun.case), &note).await.expect(201);
    let own = world.step(&senior(), &path, "auditor", &given_to(&world.family_worker)).await.expect(422);
    assert_eq!(own.pointers(), ["/user_id"], "who wrote the notes");
    let mut late = given_to(&auditor());
    late["due_on"] = json!(days_ago(1));
    late["name"] = json!("Said.");
    assert_eq!(world.step(&senior(), &path, "auditor", &late).await.expect(422).pointers(), ["/due_on"]);
    let to = format!("{path}/auditor");
    world.app.post(&senior(), &to, &given_to(&auditor())).await.expect(428);
    world.app.post_on(&senior(), &to, "\"9-full\"", &given_to(&auditor())).await.expect(412);
    for who in [&world.family_worker, &auditor(), &world.officer, &world.analyst] {
        world.app.post_on(who, &to, "\"1-full\"", &given_to(&auditor())).await.expect(404);
    }
    let given = world.step(&senior(), &path, "auditor", &given_to(&auditor())).await.expect(200);
    assert_eq!((&given.body["status"], &given.body["auditor"]["name"]), (&json!("given"), &json!("alma")));
    let facts = &given.body["facts"];
    assert_eq!((&facts["notes"], &facts["child_seen"], &facts["reviews"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!((&facts["engaged_in_time"], facts.get("assessment_in_time")), (&json!(true), None));
    assert_eq!(given.body["missing"].as_array().unwrap().len(), 5);
    world.step(&senior(), &path, "auditor", &given_to(&auditor())).await.expect(409);
    // The auditor reads the file, and is no part of the case by that.
    let read = world.app.get(&auditor(), &format!("{path}/file")).await.expect(200).body;
    assert_eq!(read["notes"][0]["words"], "She showed me her reading corner.");
    assert_eq!(read["members"].as_array().unwrap().len(), 2);
    world.app.get(&auditor(), &begun.case).await.expect(404);
    world.app.get(&auditor(), &begun.family).await.expect(404);
    world.app.get(&senior(), &format!("{path}/file")).await.expect(403);
    world.app.get(&world.governance, &format!("{path}/file")).await.expect(403);
    for who in [&world.family_worker, &youth_worker()] {
        world.app.get(who, &path).await.expect(404);
        world.app.get(who, &format!("{path}/file")).await.expect(404);
    }
    let work = world.app.get(&auditor(), "/v1/work?for=me").await.expect(200);
    assert!(work.body.to_string().contains("\"case_audit\""), "{}", work.body);
    // Given to another, it is theirs alone.
    let next = Person::new("bruno", "county-council", Role::ServiceManager).team("youth-work");
    world.step(&world.governance, &path, "auditor", &given_to(&next)).await.expect(200);
    world.app.get(&auditor(), &path).await.expect(404);
    world.app.get(&next, &format!("{path}/file")).await.expect(200);
    assert_eq!(world.told("audit.file_given.v1").await.len(), 2);
}

#[actix_web::test]
async fn a_file_is_graded_with_evidence_and_what_is_finished_is_locked() {
    let world = World::new().await;
    let (begun, sample) = sampled(&world).await;
    let path = file(&sample);
    let alma = auditor();
    let etag = world.step(&senior(), &path, "auditor", &given_to(&alma)).await.expect(200).etag();
    let to = format!("{path}/grades");
    put(&world, &alma, &to, None, &grades()).await.expect(428);
    put(&world, &alma, &to, Some("\"9-full\""), &grades()).await.expect(412);
    put(&world, &senior(), &to, Some(&etag), &grades()).await.expect(403);
    put(&world, &world.governance, &to, Some(&etag), &grades()).await.expect(403);
    put(&world, &world.family_worker, &to, Some(&etag), &grades()).await.expect(404);
    let wrong = json!({ "grades": [{ "standard": "tidiness", "grade": "fine", "evidence": "Said." }, { "standard": "voice", "grade": "good" }] });
    let refused = put(&world, &alma, &to, Some(&etag), &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/grades/0/grade", "/grades/0/standard", "/grades/1/evidence"]);
    let first = json!({ "grades": [grades()["grades"][0]] });
    let graded = put(&world, &alma, &to, Some(&etag), &first).await.expect(200);
    assert_eq!(graded.body["missing"], json!(["timeliness", "voice", "multi-agency-working", "outcomes"]));
    let summary = json!({ "summary": "Sound work." });
    let early = world.step(&alma, &path, "completion", &summary).await.expect(422);
    assert_eq!(early.pointers(), ["/grades"]);
    put(&world, &alma, &to, Some(&graded.etag()), &grades()).await.expect(200);
    world.step(&senior(), &path, "completion", &summary).await.expect(403);
    let blank = world.step(&alma, &path, "completion", &json!({ "summary": "  " })).await.expect(422);
    assert_eq!(blank.pointers(), ["/summary"]);
    // The service does not see it before it is finished.
    world.app.get(&world.family_worker, &path).await.expect(404);
    let finished = world.step(&alma, &path, "completion", &summary).await.expect(200);
    assert_eq!(
        (&finished.body["status"], &finished.body["grades"].as_array().unwrap().len()),
        (&json!("finished"), &5)
    );
    let seen = world.app.get(&world.family_worker, &path).await.expect(200);
    assert_eq!(seen.body["summary"], "Sound work.");
    // Nothing of it changes any more, whoever asks and whatever the program would do.
    put(&world, &alma, &to, Some(&finished.etag()), &grades()).await.expect(409);
    world.step(&alma, &path, "completion", &summary).await.expect(409);
    world.step(&senior(), &path, "auditor", &given_to(&auditor())).await.expect(409);
    world.step(&senior(), &path, "exclusion", &json!({ "reason": "x" })).await.expect(409);
    world.app.get(&alma, &format!("{path}/file")).await.expect(409);
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'user:{} team:youth-work'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        alma.id, alma.id
    ))
    .await
    .unwrap();
    for statement in ["UPDATE case_audit SET summary = 'x'", "DELETE FROM case_audit_grade"] {
        assert_eq!(diesel::sql_query(statement).execute(&mut web).await.unwrap(), 0, "{statement}");
    }
    // What was found, with its base: one standard did not apply.
    let results =
        world.app.get(&senior(), &format!("{SAMPLES}/{}", sample.id())).await.expect(200).body["results"].clone();
    let found =
        |standard: &str| results.as_array().unwrap().iter().find(|one| one["standard"] == standard).unwrap().clone();
    assert_eq!(found("voice"), json!({ "standard": "voice", "good": 0, "graded": 0, "not_applicable": 1 }));
    assert_eq!(found("timeliness"), json!({ "standard": "timeliness", "good": 0, "graded": 1, "not_applicable": 0 }));
    assert_eq!(found("outcomes"), json!({ "standard": "outcomes", "good": 1, "graded": 1, "not_applicable": 0 }));
    let told = &world.told("audit.finished.v1").await[0];
    assert_eq!((&told["service"], &told["in_time"]), (&json!("intensive-family-support"), &json!(true)));
    let goods: Vec<&Value> = told["grades"].as_array().unwrap().iter().map(|one| &one["good"]).collect();
    assert_eq!(goods, [&json!(true), &json!(true), &json!(true), &json!(false), &json!(null)]);
    assert!(!told.to_string().contains("notes"), "no word of evidence");
    assert!(!begun.case_id.is_empty());
}

#[actix_web::test]
async fn a_file_may_be_taken_out_of_its_sample_with_a_reason() {
    let world = World::new().await;
    let (_, sample) = sampled(&world).await;
    let path = file(&sample);
    let why = json!({ "reason": "Opened in error." });
    assert_eq!(
        world.step(&senior(), &path, "exclusion", &json!({ "reason": " " })).await.expect(422).pointers(),
        ["/reason"]
    );
    let out = world.step(&senior(), &path, "exclusion", &why).await.expect(200);
    assert_eq!((&out.body["status"], &out.body["excluded_because"]), (&json!("excluded"), &json!("Opened in error.")));
    world.step(&senior(), &path, "auditor", &given_to(&auditor())).await.expect(409);
    assert_eq!(world.told("audit.file_excluded.v1").await.len(), 1);
    let list = world.app.get(&senior(), "/v1/case-audits?status=excluded").await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.app.get(&senior(), "/v1/case-audits?status=given").await.expect(200).body["items"], json!([]));
    world.app.get(&world.analyst, "/v1/case-audits").await.expect(403);
}

#[actix_web::test]
async fn what_must_follow_is_work_with_an_owner_and_a_day() {
    let world = World::new().await;
    let (_, sample) = sampled(&world).await;
    let path = file(&sample);
    let alma = auditor();
    world.step(&senior(), &path, "auditor", &given_to(&alma)).await.expect(200);
    let actions = format!("{path}/actions");
    let worker = &world.family_worker;
    let asked = json!({ "what": "Hold the review.", "standard": "timeliness", "owner": { "user_id": worker.id, "name": "felix" }, "due_on": in_days(5) });
    let mut wrong = asked.clone();
    wrong["what"] = json!("Said.");
    wrong["standard"] = json!("tidiness");
    wrong["due_on"] = json!(days_ago(1));
    assert_eq!(world.app.post(&alma, &actions, &wrong).await.expect(422).pointers(), ["/due_on", "/standard"]);
    world.app.post(&senior(), &actions, &asked).await.expect(403);
    world.app.post(worker, &actions, &asked).await.expect(404);
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(world.app.post_with(&alma, &actions, "once", None, &asked).await.expect(201).id());
    }
    assert_eq!(ids[0], ids[1]);
    let action = format!("/v1/audit-actions/{}", ids[0]);
    let work = world.app.get(worker, "/v1/work?for=me").await.expect(200);
    assert!(work.body.to_string().contains("\"audit_action\""), "{}", work.body);
    for who in [worker, &alma, &world.governance, &senior()] {
        world.app.get(who, &action).await.expect(200);
    }
    for who in [&youth_worker(), &world.officer, &world.school] {
        world.app.get(who, &action).await.expect(404);
    }
    let end = json!({ "done": true, "note": "Held on Monday." });
    world.app.post(worker, &format!("{action}/completion"), &end).await.expect(428);
    world.step(&alma, &action, "completion", &end).await.expect(403);
    let colleague = Person::new("frida", "county-council", Role::ServiceWorker).team("intensive-family-support");
    world.step(&colleague, &action, "completion", &end).await.expect(403);
    assert_eq!(
        world.step(worker, &action, "completion", &json!({ "done": true, "note": " " })).await.expect(422).pointers(),
        ["/note"]
    );
    let done = world.step(worker, &action, "completion", &end).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["ended_by"]), (&json!("done"), &json!("felix")));
    world.step(&senior(), &action, "completion", &end).await.expect(409);
    let work = world.app.get(worker, "/v1/work?for=me").await.expect(200);
    assert!(!work.body.to_string().contains("\"audit_action\""));
    let told = &world.told("audit.action_ended.v1").await[0];
    assert_eq!((&told["in_time"], &told["done"]), (&json!(true), &json!(true)));
}

#[actix_web::test]
async fn the_standards_are_dated_rows_that_say_where_they_come_from() {
    let world = World::new().await;
    let known = world.app.get(&senior(), "/v1/audit-standards").await.expect(200).body;
    assert_eq!((known["standards"].as_array().unwrap().len(), known["scale"].as_array().unwrap().len()), (5, 4));
    assert!(known["scale"].as_array().unwrap().iter().all(|step| step["verified"] == false));
    let before = world.app.get(&senior(), "/v1/audit-standards?on=2012-01-01").await.expect(200).body;
    assert_eq!(before, json!({ "standards": [], "scale": [] }));
    world.app.get(&senior(), "/v1/audit-standards?on=soon").await.expect(400);
    world.app.get(&world.school, "/v1/audit-standards").await.expect(403);
    assert!(content(3)["scores"].is_array());
}
