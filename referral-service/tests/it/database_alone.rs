//! What PostgreSQL alone holds the service role to, whatever the program does.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(diesel::QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    held: bool,
    #[diesel(sql_type = BigInt)]
    policies: i64,
}

/// Tables without a row about anyone: rules, and the machinery's own positions.
const NO_PERSON_DATA: &[&str] = &[
    "chase",
    "clock",
    "caseload_weight",
    "usual_case_type",
    "information_scope_rule",
    "information_source",
    "__diesel_schema_migrations",
    "audit_scale",
    "audit_sequence",
    "audit_standard",
    "bank_holiday",
    "code",
    "code_set",
    "consumed_event",
    "consumer_position",
    "dead_letter",
    "event_epoch",
    "feedback_question",
    "group_completion_rule",
    "issue_question",
    "issue_threshold",
    "ladder",
    "ladder_area",
    "ladder_stage",
    "programme_rule",
    "postcode_place",
    "short_break_criterion",
    "time_limit",
];

/// Tables the web role may read.
const READABLE: [&str; 13] = [
    "allocation",
    "contact",
    "deadline",
    "decision",
    "decision_reason",
    "feedback",
    "named_person",
    "person",
    "person_link",
    "record_scope",
    "record_subject",
    "referral",
    "referral_history",
];

async fn rows(connection: &mut AsyncPgConnection, table: &str) -> i64 {
    sql_query(format!("SELECT count(*) AS count FROM {table}")).get_result::<Count>(connection).await.unwrap().count
}

fn context(user: uuid::Uuid, agency: &str, scopes: &str) -> String {
    format!(
        "BEGIN; SET LOCAL app.actor = '{user}'; SET LOCAL app.agency = '{agency}'; SET LOCAL app.scopes = '{scopes}'; \
         SET LOCAL app.now = '2026-11-22T00:00:00Z'"
    )
}

#[actix_web::test]
async fn without_a_context_the_service_role_sees_no_row() {
    let world = World::new().await;
    world.offered().await;
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    let mut all = world.app.database.all_seeing().await;
    for table in READABLE {
        assert!(rows(&mut all, table).await > 0, "{table} is empty, so nothing is shown");
        assert_eq!(rows(&mut web, table).await, 0, "{table}");
    }
    let known = "SELECT count(*) AS count FROM person_match('{juniper}', '{testcase}', '{2019-02-03}')";
    assert_eq!(sql_query(known).get_result::<Count>(&mut web).await.unwrap().count, 0);
    // A context that was set and has ended reads as '', which must not mean "all".
    web.batch_execute(&format!("{}; COMMIT", context(world.officer.id, "county-council", "front-door"))).await.unwrap();
    for table in READABLE {
        assert_eq!(rows(&mut web, table).await, 0, "{table} after a context");
    }
}

#[actix_web::test]
async fn with_another_agency_s_context_it_sees_no_foreign_row() {
    let world = World::new().await;
    world.offered().await;
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    for scopes in ["agency:hillside-primary", "hub:melton", "team:youth-work", ""] {
        web.batch_execute(&context(world.other_school.id, "hillside-primary", scopes)).await.unwrap();
        for table in READABLE {
            assert_eq!(rows(&mut web, table).await, 0, "{table} as {scopes}");
        }
        web.batch_execute("ROLLBACK").await.unwrap();
    }
    // The referring school sees the status tables and none of the working team's.
    web.batch_execute(&context(world.school.id, "greenfield-academy", "agency:greenfield-academy")).await.unwrap();
    for table in ["referral", "decision", "feedback"] {
        assert!(rows(&mut web, table).await > 0, "{table}");
    }
    for table in
        ["contact", "named_person", "person", "person_link", "decision_reason", "referral_history", "allocation"]
    {
        assert_eq!(rows(&mut web, table).await, 0, "{table}");
    }
}

#[actix_web::test]
async fn the_logs_can_be_written_and_never_read_changed_or_emptied() {
    let world = World::new().await;
    world.offered().await;
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    for statement in [
        "SELECT * FROM audit_entry",
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "SELECT * FROM audit_subject",
        "SELECT * FROM event_log",
        "UPDATE event_log SET kind = 'x'",
        "DELETE FROM event_log",
        "SELECT * FROM audit_entry_default",
        "SELECT * FROM event_log_default",
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE record_scope (a int)",
        "INSERT INTO audit_entry (id, at, actor_id, actor_name, agency, session_id, token_id, action, outcome, status, subjects, salt) \
         SELECT g, '2026-11-22', g, 'someone else', 'x', g, g, 'referral.read', 'done', 200, '{}', '' FROM gen_random_uuid() g",
        "ALTER TABLE referral DISABLE ROW LEVEL SECURITY",
        "DELETE FROM referral",
        "UPDATE referral SET agency = 'x'",
        "INSERT INTO record_scope VALUES (gen_random_uuid(), 'referral', 'agency:x', 'full', 'received', '2026-01-01')",
        "SELECT log_partitions('2030-01-01')",
        "SET ROLE access_reader",
        "SET ROLE referral_owner",
    ] {
        web.batch_execute(&context(world.officer.id, "county-council", "front-door")).await.unwrap();
        assert!(web.batch_execute(statement).await.is_err(), "{statement}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[actix_web::test]
async fn nobody_gives_away_a_record_they_don_t_see() {
    let world = World::new().await;
    let (id, _) = world.offered().await;
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    for statement in [
        format!(
            "SELECT scope_grant(ARRAY['{id}'::uuid], '{{referral}}', '{{agency:hillside-primary}}', '{{full}}', '{{received}}', ARRAY['2026-01-01'::timestamptz])"
        ),
        format!("SELECT scope_revoke('{id}', 'front-door')"),
        format!("SELECT scope_state('{id}', 'closed')"),
        format!("SELECT subject_add(ARRAY['{id}'::uuid], ARRAY['{id}'::uuid])"),
        format!("SELECT access_set('{id}', 'restrict', NULL, '2026-01-01', NULL, 'x')"),
        format!("SELECT * FROM allocation_withdraw('{id}', '2026-01-01')"),
    ] {
        web.batch_execute(&context(world.other_school.id, "hillside-primary", "agency:hillside-primary"))
            .await
            .unwrap();
        assert!(web.batch_execute(&statement).await.is_err(), "{statement}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[actix_web::test]
async fn every_table_with_person_data_is_under_enabled_and_forced_row_security() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    let tables: Vec<Table> = sql_query(
        "SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS held, \
                (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1",
    )
    .load(&mut all)
    .await
    .unwrap();
    assert!(tables.len() > 20);
    for table in tables {
        let exempt = NO_PERSON_DATA.contains(&table.name.as_str());
        assert!(exempt || (table.held && table.policies > 0), "{} is not held", table.name);
    }
}

#[actix_web::test]
async fn an_over_privileged_role_or_an_older_schema_is_refused() {
    let world = World::new().await;
    // A pool gives up on a connection after two seconds, which a busy machine may take for one.
    let check = async |url: String| {
        for _ in 0..20 {
            let pool = shared::db::pool(&url, 1).unwrap();
            let checked = shared::db::check_serving_role(&pool, &referral_service::MIGRATIONS).await;
            if !checked.as_ref().is_err_and(|error| error.contains("Timeout")) {
                return checked;
            }
        }
        panic!("the database gives no connection")
    };
    assert_eq!(check(world.app.database.web()).await, Ok(()));
    assert_eq!(check(world.app.database.worker()).await, Ok(()));
    assert!(check(world.app.database.owner()).await.unwrap_err().contains("owns the tables"));
    assert!(check(world.app.database.superuser()).await.unwrap_err().contains("superuser"));
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    )
    .await
    .unwrap();
    assert!(check(world.app.database.web()).await.unwrap_err().contains("run `migrate`"));
}

#[actix_web::test]
async fn when_the_audit_row_can_t_be_written_no_data_leaves() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("REVOKE INSERT ON audit_entry FROM threshold_web").await.unwrap();
    let blocked = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await;
    assert_eq!(blocked.status, 503, "{}", blocked.body);
    assert!(blocked.body.get("reference").is_none());
    world.app.post(&world.school, "/v1/referrals", &World::form()).await.expect(503);
}
