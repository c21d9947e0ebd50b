//! Onward referrals: what is shared, the link and its end, the answer, the letter, and who sees it.

use chrono::TimeDelta;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::onward::plans::{LIST, OF_REFERRAL};
use reqwest::Method;
use serde_json::{Value, json};
use shared::access::States;
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::directory::{added, administrator, advice, charity, with};
use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// A referral listed for the Charnwood hub, and a service that is no user.
pub async fn start(world: &World) -> (String, String) {
    let charity = charity(world, "Juniper Street Advice (invented)").await;
    let form = with(advice(&charity, "Debt advice"), json!({ "eligibility": { "districts": ["charnwood"] } }));
    (world.listed().await, added(world, &form).await.id())
}

pub fn form(referral: &str, service: &str) -> Value {
    json!({
        "referral_id": referral, "service_id": service, "purpose": "Help with rent arrears.",
        "share": ["names", "relations", "concerns"], "message": "Ring in the morning.",
        "family_contact": "01632 960123", "reply_to": "Harper Hub (invented), 01632 960500",
        "basis": { "basis": "consent", "consent": { "given_by": "mother", "on": "2026-01-20" } }
    })
}

pub async fn sent(world: &World, referral: &str, service: &str) -> Reply {
    world.app.post(&world.charnwood, "/v1/onward-referrals", &form(referral, service)).await.expect(201)
}

/// A change, on the version the actor reads now.
pub async fn change(world: &World, who: &Person, id: &str, step: &str, body: &Value) -> Reply {
    let etag = world.app.get(who, &format!("/v1/onward-referrals/{id}")).await.expect(200).etag();
    world.app.post_on(who, &format!("/v1/onward-referrals/{id}/{step}"), &etag, body).await
}

pub async fn text(world: &World, who: &Person, id: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/onward-referrals/{id}/letter", world.app.url);
    let answer = client.get(url).bearer_auth(world.app.tokens.token(who)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The path of the link in the letter.
pub async fn link(world: &World, id: &str) -> String {
    let (status, letter) = text(world, &world.charnwood, id).await;
    assert_eq!(status, 200, "{letter}");
    let line = letter.lines().find(|line| line.trim().starts_with("http://threshold.test/onward/")).expect("a link");
    line.trim().trim_start_matches("http://threshold.test").to_owned()
}

const JSON: (&str, &str) = ("accept", "application/json");

pub async fn open(world: &World, link: &str) -> Reply {
    world.app.send(Method::GET, link, &[JSON], None).await
}

pub async fn answer(world: &World, link: &str, body: &Value) -> Reply {
    let headers = [JSON, ("content-type", "application/json")];
    world.app.send(Method::POST, link, &headers, Some(body.to_string().into_bytes())).await
}

pub async fn page(world: &World, method: Method, link: &str, form: &str) -> (u16, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .request(method, format!("{}{link}", world.app.url))
        .header("accept", "text/html,application/xhtml+xml")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    let reply = request.send().await.unwrap();
    let policy = reply.headers().get("content-security-policy").map(|value| value.to_str().unwrap().to_owned());
    (reply.status().as_u16(), policy.unwrap_or_default(), reply.text().await.unwrap())
}

pub fn happened(view: &Value) -> Vec<&str> {
    view["history"].as_array().unwrap().iter().map(|line| line["what"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_service_that_is_no_user_reads_what_was_shared_and_nothing_else() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let made = sent(&world, &referral, &service).await;
    assert_eq!(made.etag(), "\"1-full\"");
    assert_eq!((&made.body["status"], &made.body["answer_clock"]), (&json!("sent"), &json!("due")));
    assert_eq!(made.body["warnings"], json!([]));
    let disclosure = &made.body["disclosures"][0];
    assert_eq!(disclosure["to"], "Debt advice, Juniper Street Advice (invented)");
    assert_eq!(disclosure["fields"], json!(["names", "relations", "concerns", "message", "family_contact", "purpose"]));
    assert_eq!(
        disclosure["basis"],
        json!({ "basis": "consent", "consent": { "given_by": "mother", "on": "2026-01-20" } })
    );
    assert_eq!(disclosure["people"].as_array().unwrap().len(), 2);
    let id = made.id();
    let (_, letter) = text(&world, &world.charnwood, &id).await;
    assert!(
        letter.starts_with(
            "To: Juniper Street Advice (invented) <debt@charity.example>\nSubject: Can you help a family?"
        )
    );
    assert!(letter.contains("on this basis: Consent to share."));
    for secret in ["Juniper Testcase", "Willow", "rent arrears", "01632 960123"] {
        assert!(!letter.contains(secret), "the letter says nothing of the family: {secret}");
    }
    let link = link(&world, &id).await;
    let opened = open(&world, &link).await.expect(200);
    assert_eq!(opened.body["status"], "viewed");
    assert_eq!(opened.body["answers"], json!(["accepted", "declined"]));
    assert_eq!(
        opened.body["content"],
        json!({
            "reply_to": "Harper Hub (invented), 01632 960500", "purpose": "Help with rent arrears.",
            "message": "Ring in the morning.", "family_contact": "01632 960123",
            "people": [{ "name": "Juniper Testcase", "relation": "child" }, { "name": "Willow Testcase", "relation": "parent" }],
            "concerns": ["mental-and-physical-health", "financial-stability"]
        }),
        "no birth date, no school, no worries: they were not to be shared"
    );
    assert_eq!(opened.header("x-robots-tag"), Some("noindex, nofollow"));
    let seen = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!((&seen.body["status"], happened(&seen.body)), (&json!("viewed"), vec!["sent", "viewed"]));
    assert!(seen.body["viewed_at"].is_string());
}

#[actix_web::test]
async fn the_service_answers_by_its_link_and_the_same_answer_again_changes_nothing() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let link = link(&world, &id).await;
    let yes = json!({ "answer": "accepted", "note": "First appointment on Monday." });
    answer(&world, &link, &json!({ "answer": "engaged" })).await.expect(409);
    let accepted = answer(&world, &link, &yes).await.expect(200);
    assert_eq!(
        (&accepted.body["status"], &accepted.body["answers"]),
        (&json!("accepted"), &json!(["engaged", "sustained", "did_not_engage"]))
    );
    answer(&world, &link, &yes).await.expect(200);
    answer(&world, &link, &json!({ "answer": "declined" })).await.expect(409);
    let seen = world.app.get(&world.officer, &format!("/v1/onward-referrals/{id}")).await.expect(200).body;
    assert_eq!(happened(&seen), ["sent", "accepted"], "said twice it is written once");
    assert_eq!(
        seen["history"][1],
        json!({ "at": seen["history"][1]["at"], "who": "the service", "what": "accepted", "note": "First appointment on Monday." })
    );
    assert_eq!((&seen["answered_by"], &seen["answer_clock"]), (&json!("link"), &json!("met")));
    // The link goes on opening, so that the service can say what came of it.
    world.app.advance(TimeDelta::days(60));
    let outcome =
        answer(&world, &link, &json!({ "answer": "engaged", "note": "Has been four times." })).await.expect(200);
    assert_eq!(outcome.body["outcome"], "engaged");
    let seen = world.app.get(&world.officer, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["outcome"], "engaged");
    let later = json!({ "outcome": "sustained", "on": "2020-01-01" });
    assert_eq!(change(&world, &world.officer, &id, "outcome", &later).await.expect(422).pointers(), ["/on"]);
    let on = seen.body["sent_at"].as_str().unwrap()[..10].to_owned();
    change(&world, &world.officer, &id, "outcome", &json!({ "outcome": "sustained", "on": on })).await.expect(200);
    let (status, _) = text(&world, &world.charnwood, &id).await;
    assert_eq!(status, 409, "nothing is left to be asked");
}

#[actix_web::test]
async fn what_can_t_be_asked_or_shared_is_refused_field_by_field() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let charity = charity(&world, "Else").await;
    let closed = added(&world, &with(advice(&charity, "Closed"), json!({ "status": "closed" }))).await.id();
    let ours = added(&world, &with(advice(&charity, "Ours"), json!({ "service": "youth-work" }))).await.id();
    let full = added(
        &world,
        &with(
            advice(&charity, "Full in Melton"),
            json!({ "capacity": { "places": 0 },
        "eligibility": { "districts": ["melton"], "minimum_age": 60, "levels": [1] } }),
        ),
    )
    .await
    .id();
    let post = async |fields: Value| {
        let body = with(form(&referral, &service), fields);
        world.app.post(&world.charnwood, "/v1/onward-referrals", &body).await
    };
    for (fields, pointers) in [
        (json!({ "service_id": closed }), vec!["/service_id"]),
        (json!({ "service_id": ours }), vec!["/service_id"]),
        (json!({ "service_id": "0198c0de-0000-7000-8000-000000000001" }), vec!["/service_id"]),
        (json!({ "share": [], "message": null }), vec!["/share"]),
        (json!({ "share": ["shoe_sizes"] }), vec!["/share/0"]),
        (json!({ "people": ["0198c0de-0000-7000-8000-000000000001"] }), vec!["/people/0"]),
        (json!({ "basis": { "basis": "consent" } }), vec!["/basis/consent"]),
        (json!({ "basis": { "basis": "because" } }), vec!["/basis/basis"]),
        (
            json!({ "basis": { "basis": "public-task", "consent": { "given_by": "x", "on": "2026-01-01" } } }),
            vec!["/basis/consent"],
        ),
        (
            json!({ "basis": { "basis": "consent", "consent": { "given_by": "x", "on": "2999-01-01" } } }),
            vec!["/basis/consent/on"],
        ),
        (json!({ "purpose": " ", "reply_to": "" }), vec!["/purpose", "/reply_to"]),
    ] {
        assert_eq!(post(fields.clone()).await.expect(422).pointers(), pointers, "{fields}");
    }
    let several =
        post(json!({ "service_id": closed, "share": [], "message": null, "basis": { "basis": "because" } })).await;
    assert_eq!(several.expect(422).pointers(), ["/basis/basis", "/service_id", "/share"], "all at once");
    let warned = post(json!({ "service_id": full, "basis": { "basis": "public-task", "note": "No other service." } }))
        .await
        .expect(201);
    assert_eq!(warned.body["warnings"], json!(["full", "other_district", "other_age", "other_level"]));
    world
        .app
        .post(&world.charnwood, "/v1/onward-referrals", &form("0198c0de-0000-7000-8000-000000000001", &service))
        .await
        .expect(404);
}

#[actix_web::test]
async fn only_whoever_sees_the_referral_whole_passes_it_on_or_learns_of_it() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let body = form(&referral, &service);
    world.app.post(&world.school, "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&world.analyst, "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&administrator(), "/v1/onward-referrals", &body).await.expect(403);
    world.app.post(&world.melton, "/v1/onward-referrals", &body).await.expect(404);
    world.app.post(&world.family_worker, "/v1/onward-referrals", &body).await.expect(404);
    // A hub member whose own agency referred sees the status, and passes nothing on.
    let insider = Person::new("insider", "greenfield-academy", Role::HubMember).hub("melton");
    world.app.post(&insider, "/v1/onward-referrals", &body).await.expect(403);
    let key = uuid::Uuid::now_v7().to_string();
    let made = world.app.post_with(&world.charnwood, "/v1/onward-referrals", &key, None, &body).await.expect(201);
    let again = world.app.post_with(&world.charnwood, "/v1/onward-referrals", &key, None, &body).await.expect(201);
    assert_eq!((made.id(), &made.body), (again.id(), &again.body), "sent again it is one");
    let (id, path) = (made.id(), format!("/v1/onward-referrals/{}", made.id()));
    for who in [&world.melton, &world.family_worker, &world.school, &insider] {
        let hidden = world.app.get(who, &path).await;
        assert_eq!(hidden.status, 404, "{}", who.name);
        assert_eq!(text(&world, who, &id).await.0, 404);
        world
            .app
            .post_on(who, &format!("{path}/withdrawal"), "\"1-full\"", &json!({ "reason": "x" }))
            .await
            .expect(404);
    }
    for list in ["/v1/onward-referrals".to_owned(), format!("/v1/onward-referrals?referral_id={referral}")] {
        for who in [&world.charnwood, &world.officer] {
            assert_eq!(world.app.get(who, &list).await.expect(200).body["items"][0]["id"], json!(id), "{list}");
        }
        for who in [&world.melton, &world.family_worker] {
            assert_eq!(world.app.get(who, &list).await.expect(200).body["items"], json!([]), "{list}");
        }
        world.app.get(&world.school, &list).await.expect(403);
    }
    for (query, name) in [("status=lost", "status"), ("referral_id=x", "referral_id"), ("colour=blue", "colour")] {
        assert_eq!(
            world.app.get(&world.officer, &format!("/v1/onward-referrals?{query}")).await.expect(400).pointers(),
            [name]
        );
    }
    // A service that is given the family later follows it, and acts on it.
    world.change(&world.charnwood, &referral, "hub-decision", &World::to_family_support()).await.expect(200);
    let seen = world.app.get(&world.family_worker, &path).await.expect(200);
    world.app.post(&world.family_worker, &format!("{path}/answer"), &json!({ "answer": "declined" })).await.expect(428);
    world
        .app
        .post_on(&world.family_worker, &format!("{path}/answer"), "\"9-full\"", &json!({ "answer": "declined" }))
        .await
        .expect(412);
    world
        .app
        .post_on(&world.family_worker, &format!("{path}/answer"), &seen.etag(), &json!({ "answer": "perhaps" }))
        .await
        .expect(422);
    let declined =
        change(&world, &world.family_worker, &id, "answer", &json!({ "answer": "declined", "note": "Rang: no room." }))
            .await
            .expect(200);
    assert_eq!((&declined.body["status"], &declined.body["answered_by"]), (&json!("declined"), &json!("worker")));
    change(
        &world,
        &world.family_worker,
        &id,
        "outcome",
        &json!({ "outcome": "engaged", "on": declined.body["sent_at"].as_str().unwrap()[..10].to_owned() }),
    )
    .await
    .expect(409);
}

#[actix_web::test]
async fn what_is_not_answered_is_chased_and_given_up() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    world.app.advance(TimeDelta::days(20));
    let seen = world.app.get(&world.charnwood, &format!("/v1/onward-referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["answer_clock"], "overdue");
    let (_, letter) = text(&world, &world.charnwood, &id).await;
    assert!(letter.contains("have not had your answer"), "{letter}");
    let mut worker = world.app.background.connection().await.unwrap();
    referral_service::alert::chaser::chase(&mut worker, world.app.background.now()).await.unwrap();
    let alerts = world.app.get(&world.charnwood, "/v1/alerts?state=reminder").await.expect(200);
    let about: Vec<&str> =
        alerts.body["items"].as_array().unwrap().iter().map(|one| one["about"].as_str().unwrap()).collect();
    assert_eq!(about, [format!("/v1/onward-referrals/{id}")]);
    assert_eq!(alerts.body["items"][0]["kind"], "onward_answer");
    let given_up = change(&world, &world.charnwood, &id, "answer", &json!({ "answer": "no_answer" })).await.expect(200);
    assert_eq!((&given_up.body["status"], &given_up.body["answer_clock"]), (&json!("no_answer"), &json!("met_late")));
    // It answers after all.
    let link = link(&world, &id).await;
    answer(&world, &link, &json!({ "answer": "accepted" })).await.expect(200);
}

#[actix_web::test]
async fn the_family_is_asked_3_6_9_and_12_months_after_the_service_took_it_on() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    let id = sent(&world, &referral, &service).await.id();
    let path = format!("/v1/onward-referrals/{id}");
    assert_eq!(world.app.get(&world.charnwood, &path).await.expect(200).body["follow_ups"], json!([]));
    let heard = |fields: Value| {
        with(
            json!({ "asked_on": "2000-01-01", "reached": true, "engaged": true, "sustained": false, "destination": "employment" }),
            fields,
        )
    };
    change(&world, &world.charnwood, &id, "follow-ups/3/answer", &heard(json!({}))).await.expect(404);
    answer(&world, &link(&world, &id).await, &json!({ "answer": "accepted" })).await.expect(200);
    let accepted = world.app.get(&world.charnwood, &path).await.expect(200);
    let follow_ups = accepted.body["follow_ups"].as_array().unwrap().clone();
    let months: Vec<i64> = follow_ups.iter().map(|one| one["months"].as_i64().unwrap()).collect();
    assert_eq!(months, [3, 6, 9, 12]);
    assert!(follow_ups.iter().all(|one| one["status"] == "due" && one["clock"] == "due"));
    let told = world.told("follow_up.scheduled.v1").await;
    assert_eq!(told.len(), 4);
    assert_eq!(
        (&told[0]["after"], &told[0]["months"], &told[0]["locality"]),
        (&json!("onward_referral"), &json!(3), &json!("charnwood"))
    );
    world.app.advance(TimeDelta::days(95));
    let today = world.app.background.now().date_naive();
    for (fields, pointers) in [
        (json!({}), vec!["/asked_on"]),
        (json!({ "asked_on": "2999-01-01" }), vec!["/asked_on"]),
        (
            json!({ "asked_on": today, "engaged": null, "sustained": null, "destination": null }),
            vec!["/destination", "/engaged", "/sustained"],
        ),
        (json!({ "asked_on": today, "destination": "the-moon" }), vec!["/destination"]),
        (json!({ "asked_on": today, "reached": false }), vec!["/destination", "/engaged", "/sustained"]),
    ] {
        let refused = change(&world, &world.charnwood, &id, "follow-ups/3/answer", &heard(fields.clone())).await;
        assert_eq!(refused.expect(422).pointers(), pointers, "{fields}");
    }
    let good = heard(json!({ "asked_on": today, "words": "She has a plan for the rent." }));
    world.app.post(&world.charnwood, &format!("{path}/follow-ups/3/answer"), &good).await.expect(428);
    for who in [&world.melton, &world.school] {
        world.app.post_on(who, &format!("{path}/follow-ups/3/answer"), "\"1-full\"", &good).await.expect(404);
    }
    let answered = change(&world, &world.charnwood, &id, "follow-ups/3/answer", &good).await.expect(200);
    let first = &answered.body["follow_ups"][0];
    assert_eq!(
        (&first["status"], &first["clock"], &first["sustained"]),
        (&json!("answered"), &json!("met_late"), &json!(false))
    );
    change(&world, &world.charnwood, &id, "follow-ups/3/answer", &good).await.expect(409);
    change(&world, &world.charnwood, &id, "follow-ups/4/answer", &good).await.expect(404);
    let told = world.told("follow_up.answered.v1").await;
    assert_eq!((&told[0]["engaged"], &told[0]["destination"]), (&json!(true), &json!("employment")));
    // What is taken back is not followed up any more.
    change(&world, &world.charnwood, &id, "withdrawal", &json!({ "reason": "x" })).await.expect(200);
    let seen = world.app.get(&world.charnwood, &path).await.expect(200).body;
    let states: Vec<&str> =
        seen["follow_ups"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["answered", "cancelled", "cancelled", "cancelled"]);
    assert_eq!(world.told("follow_up.cancelled.v1").await.len(), 3);
    change(&world, &world.charnwood, &id, "follow-ups/6/answer", &good).await.expect(409);
}

#[actix_web::test]
async fn no_list_of_onward_referrals_scans_a_table() {
    let world = World::new().await;
    let (referral, service) = start(&world).await;
    sent(&world, &referral, &service).await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        &format!(
            "CREATE TEMP TABLE many AS
                 SELECT gen_random_uuid() AS id, gen_random_uuid() AS referral, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                        CASE WHEN n % 100 = 0 THEN 'sent' ELSE 'expired' END AS status
                 FROM generate_series(1, 30000) n;
             INSERT INTO referral SELECT referral, 'R-' || n, 'closed', at, 'police', 'melton', 1 FROM many;
             INSERT INTO onward_referral (id, referral_id, service_id, service_name, organisation, status, sent_at, expires_at, version)
                 SELECT id, referral, '{service}', 'x', 'x', status, at, at, 1 FROM many;
             INSERT INTO record_scope
                 SELECT id, 'onward_referral', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'hub:melton']) s;
             ANALYZE"
        ),
    )
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(
        &format!(
            "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
            world.officer.id
        ),
    )
    .await
    .unwrap();
    let scopes = "ARRAY['agency:county-council', 'front-door']";
    let referral = format!("'{referral}'::uuid");
    let (time, last) = ("'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid");
    for (name, statement, values, index) in [
        (
            "all",
            LIST.statement(States::Any, false),
            vec![scopes, time, last, "21", "NULL", "NULL"],
            "record_scope_list",
        ),
        (
            "of a status",
            LIST.statement(States::One, false),
            vec![scopes, time, last, "21", "ARRAY['sent']", "NULL"],
            "record_scope_worklist",
        ),
        (
            "of a referral",
            OF_REFERRAL.to_owned(),
            vec![referral.as_str(), "NULL", time, last, "21"],
            "onward_referral_referral",
        ),
    ] {
        let numbered = values.into_iter().zip(1..);
        let statement = numbered.fold(statement, |text, (value, number)| text.replace(&format!("${number}"), value));
        let lines: Vec<Line> = diesel::sql_query(format!("EXPLAIN {statement}")).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in ["record_scope", "onward_referral", "referral"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
