//! What the database alone holds everyone to.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use shared::access::States;
use uuid::Uuid;

use crate::desk::Desk;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// The column `text` of what a query gives.
pub async fn texts(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(query).load(connection).await.unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

const TABLES: [&str; 5] = ["prevention_case", "prevention_case_step", "person_copy", "record_scope", "record_subject"];

async fn counts(connection: &mut AsyncPgConnection) -> Vec<String> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.extend(texts(connection, &format!("SELECT count(*)::text AS text FROM {table}")).await);
    }
    counts
}

#[actix_web::test]
async fn raw_sql_as_the_web_role_shows_nothing_without_a_context_and_nothing_of_others_with_one() {
    let desk = Desk::open().await;
    desk.case().await;
    let mut web = AsyncPgConnection::establish(&desk.app.database.web()).await.unwrap();
    assert_eq!(counts(&mut web).await, ["0"; 5]);

    let context = |scopes: &str| {
        let user = Uuid::now_v7();
        format!(
            "BEGIN; SET LOCAL app.actor = '{user}'; SET LOCAL app.agency = 'county-council'; \
                 SET LOCAL app.scopes = '{scopes}'; SET LOCAL app.now = '2026-11-22T00:00:00Z'"
        )
    };
    web.batch_execute(&context("front-door team:youth-work hub:charnwood agency:county-council")).await.unwrap();
    assert_eq!(counts(&mut web).await, ["0"; 5]);
    web.batch_execute("ROLLBACK").await.unwrap();
    web.batch_execute(&context("team:youth-justice-prevention")).await.unwrap();
    assert_eq!(counts(&mut web).await, ["1"; 5]);
    web.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(counts(&mut web).await, ["0"; 5], "the context ends with its transaction");
}

#[actix_web::test]
async fn the_web_role_can_t_make_cases_rewrite_history_or_change_names() {
    let desk = Desk::open().await;
    desk.case().await;
    let mut web = AsyncPgConnection::establish(&desk.app.database.web()).await.unwrap();
    for statement in [
        "INSERT INTO prevention_case SELECT * FROM prevention_case",
        "UPDATE prevention_case SET referral_id = allocation_id",
        "UPDATE prevention_case_step SET at = at",
        "UPDATE person_copy SET given_name = 'X'",
        "DELETE FROM prevention_case_step",
        "DELETE FROM prevention_case",
        "SELECT * FROM event_log",
        "SELECT * FROM dead_letter",
    ] {
        let refusal = web.batch_execute(statement).await.unwrap_err().to_string();
        assert!(refusal.contains("permission denied"), "{statement}: {refusal}");
    }
    let user = Uuid::now_v7();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{user}'; SET LOCAL app.scopes = 'team:youth-justice-prevention'; \
         SET LOCAL app.now = '2026-11-22T00:00:00Z'"
    ))
    .await
    .unwrap();
    let another = "INSERT INTO prevention_case_step (case_id, status, at, actor_id, actor_name) \
                   SELECT id, 'closed', app_now(), gen_random_uuid(), 'someone.else' FROM prevention_case";
    let refusal = web.batch_execute(another).await.unwrap_err().to_string();
    assert!(refusal.contains("row-level security"), "a step in another's name: {refusal}");
}

#[actix_web::test]
async fn every_table_with_person_data_is_under_row_level_security() {
    let app = Desk::without_events().await;
    let open = texts(
        &mut app.database.all_seeing().await,
        "SELECT relname::text AS text FROM pg_class c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace \
         AND relname IN ('prevention_case', 'prevention_case_step', 'person_copy') \
         AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
}

#[actix_web::test]
async fn a_page_costs_one_index_range_however_many_cases_there_are() {
    let app = Desk::without_events().await;
    let mut all_seeing = app.database.all_seeing().await;
    all_seeing
        .batch_execute(
            "INSERT INTO prevention_case (id, reference, allocation_id, referral_id, status, offered_at, version) \
             SELECT gen_random_uuid(), 'P-' || n, gen_random_uuid(), gen_random_uuid(), \
                    CASE WHEN n % 2 = 0 THEN 'awaiting_acceptance' ELSE 'accepted' END, \
                    '2026-01-01Z'::timestamptz + n * interval '1 s', 1 FROM generate_series(1, 20000) n; \
             INSERT INTO record_scope SELECT id, 'prevention_case', 'team:youth-justice-prevention', 'full', status, offered_at \
             FROM prevention_case; ANALYZE prevention_case; ANALYZE record_scope",
        )
        .await
        .unwrap();
    let mut web = AsyncPgConnection::establish(&app.database.web()).await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; \
         SET LOCAL app.scopes = 'agency:county-council team:youth-justice-prevention'; \
         SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        Uuid::now_v7()
    ))
    .await
    .unwrap();
    for (states, asked, index) in [
        (States::Any, "NULL", "record_scope_list"),
        (States::One, "ARRAY['awaiting_acceptance']", "record_scope_worklist"),
    ] {
        let query = youth_justice_service::prevention::LIST
            .statement(states, false)
            .replace("$1", "ARRAY['agency:county-council', 'team:youth-justice-prevention']")
            .replace("$2", "'9999-12-31Z'::timestamptz")
            .replace("$3", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
            .replace("$4", "21::bigint")
            .replace("$5", asked)
            .replace("$6", "NULL");
        let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {query}");
        let plan = explained(&mut web, &explain).await;
        assert!(plan.contains(index), "{plan}");
        assert!(!plan.contains("Seq Scan"), "{plan}");
        let most = plan.split("rows=").skip(1).filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok()).max();
        assert!(most.unwrap() <= 21, "{plan}");
    }
}

#[derive(diesel::QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

async fn explained(connection: &mut AsyncPgConnection, explain: &str) -> String {
    let lines: Vec<Plan> = sql_query(explain).load(connection).await.unwrap();
    lines.into_iter().map(|plan| plan.line + "\n").collect()
}
