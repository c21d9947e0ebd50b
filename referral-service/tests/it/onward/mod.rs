//! Onward referrals: what is shared, the link and its end, the answer, the letter, and who sees it.

mod following;
mod sending;

use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::onward::plans::{LIST, OF_REFERRAL};
use reqwest::Method;
use serde_json::{Value, json};
use shared::access::States;
use shared::testing::{Person, Reply};

use crate::directory::{added, advice, charity, with};
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
