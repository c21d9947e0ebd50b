//! Every list is a few index ranges, however much there is.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use referral_service::information_request::store::LIST as REQUESTS;
use referral_service::referral::shown::{AT_WORK, OTHERS};
use referral_service::referral::store::LIST;
use referral_service::triage::store::QUEUE;
use shared::access::States;

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// Many records of other people's, and a few of one's own.
async fn fill(world: &World) {
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS
             SELECT gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                    CASE WHEN n % 100 = 0 THEN 'received' ELSE 'closed' END AS status
             FROM generate_series(1, 30000) n;
         INSERT INTO referral SELECT id, 'R-' || n, status, at, 'police', 'melton', 1 FROM many;
         INSERT INTO deadline SELECT id, 'front_door_decision', at, at, CASE WHEN n % 100 > 0 THEN at END FROM many;
         INSERT INTO record_scope
             SELECT id, 'referral', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'agency:police']) s;
         INSERT INTO named_person
             SELECT gen_random_uuid(), id, 0, 'child', 'A', 'B', '2015-01-01', NULL, NULL, NULL FROM many;
         INSERT INTO person SELECT gen_random_uuid(), 'A', 'B', '2015-01-01', 'a' || n, 'b' || n, 1 FROM many;
         INSERT INTO person_link
             SELECT n.id, n.referral_id, p.id, 'new', '2026-01-01'
             FROM (SELECT id, referral_id, row_number() OVER (ORDER BY id) AS k FROM named_person) n
             JOIN (SELECT id, row_number() OVER (ORDER BY id) AS k FROM person) p USING (k) ON CONFLICT DO NOTHING;
         INSERT INTO allocation (id, referral_id, service, status, offered_at, version)
             SELECT gen_random_uuid(), id, 'youth-work', 'declined', at, 1 FROM many;
         CREATE TEMP TABLE asked AS SELECT gen_random_uuid() AS request, id, n, at FROM many;
         INSERT INTO information_request (id, referral_id, agency, kind, status, scopes, years_back, purpose, lawful_basis,
                                          asked_at, due_at, asked_by, asked_by_name, asked_by_agency, asked_in, settled_at, version)
             SELECT request, id, 'police', 'police', CASE WHEN n % 100 = 0 THEN 'asked' ELSE 'answered' END, '{police-incidents}', 2,
                    'front-door-decision', 'public-task', at, at, id, 'A', 'county-council', 'front-door',
                    CASE WHEN n % 100 = 0 THEN NULL ELSE at END, 1 FROM asked;
         INSERT INTO record_scope
             SELECT request, 'information_request', s, 'full', CASE WHEN n % 100 = 0 THEN 'asked' ELSE 'answered' END, at
             FROM asked, unnest(ARRAY['front-door', 'agency:police']) s;
         ANALYZE",
    )
    .await
    .unwrap();
}

/// What is at risk, at a time when some clocks of the thousands that run are.
fn bind_work(text: &str) -> String {
    let values = [
        "'0001-01-01'::timestamptz",
        "'00000000-0000-0000-0000-000000000000'::uuid",
        "''",
        "21",
        "'2026-01-01 06:00'::timestamptz",
        "'9999-12-31'::timestamptz",
        "'0001-01-01'::timestamptz",
        "'2026-01-01 06:00'::timestamptz",
    ];
    let numbered = values.iter().zip(2..);
    let text = text.replace("$1", "ARRAY['agency:county-council', 'front-door']");
    numbered.fold(text, |text, (value, number)| text.replace(&format!("${number}"), value))
}

/// How the database goes about a statement.
pub async fn explain(connection: &mut AsyncPgConnection, statement: &str) -> String {
    let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}")).load(connection).await.unwrap();
    lines.into_iter().map(|row| row.line + "\n").collect()
}

#[actix_web::test]
async fn no_list_or_search_scans_a_table() {
    let world = World::new().await;
    world.offered().await;
    fill(&world).await;
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let bind = |text: &str, states: &str, filter: &str| {
        text.replace("$1", "ARRAY['agency:county-council', 'front-door']")
            .replace("$2", "'9999-12-31'::timestamptz")
            .replace("$3", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
            .replace("$4", "21")
            .replace("$5", states)
            .replace("$6", filter)
    };
    let worklist = bind(&LIST.statement(States::Several, false), "ARRAY['received', 'screening']", "NULL");
    let everything = bind(&LIST.statement(States::Any, false), "NULL", "NULL");
    let urgent = bind(&LIST.statement(States::One, true), "ARRAY['received']", "'urgent'");
    let all_urgent = bind(&LIST.statement(States::Any, true), "NULL", "'urgent'");
    let others = OTHERS
        .replace("$1", "'00000000-0000-7000-8000-000000000000'::uuid")
        .replace("$2", "'2025-01-01'::timestamptz")
        .replace("$3", "'2026-01-01'::timestamptz");
    let work = bind_work(shared::work::LIST);
    let at_work = AT_WORK.replace("$1", "'00000000-0000-7000-8000-000000000000'::uuid");
    let search = "SELECT * FROM person WHERE family_key >= 'b77' AND family_key < 'b77\u{10FFFF}' \
                  ORDER BY family_key, given_key, birth_date, id LIMIT 51";
    let begin = "'1970-01-01'::timestamptz, '00000000-0000-0000-0000-000000000000'::uuid";
    let queue = QUEUE.replace("$1, $2", begin).replace("$3, $4", begin).replace("$5", "21");
    let requests = bind(&REQUESTS.statement(States::One, false), "ARRAY['asked']", "NULL");
    for (name, statement, index) in [
        ("queue", queue.as_str(), "record_scope_worklist"),
        ("information requests", requests.as_str(), "record_scope_worklist"),
        ("worklist", worklist.as_str(), "record_scope_worklist"),
        ("everything", everything.as_str(), "record_scope_list"),
        ("urgent worklist", urgent.as_str(), "record_scope_urgent"),
        ("everything urgent", all_urgent.as_str(), "record_scope_urgent_any"),
        ("other referrals of the same people", others.as_str(), "person_link_recent"),
        ("open cases with the same people", at_work.as_str(), "person_link_referral"),
        ("search", search, "person_name"),
        ("work", work.as_str(), "work_item_list"),
    ] {
        let plan = explain(&mut web, statement).await;
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in [
            "record_scope",
            "referral",
            "person",
            "named_person",
            "deadline",
            "allocation",
            "work_item",
            "information_request",
        ] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
