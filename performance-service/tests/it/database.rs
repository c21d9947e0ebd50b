//! What the database alone holds to, whatever the program does.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use performance_service::projection::Projection;
use shared::events::Apply;
use shared::testing::TestApp;
use uuid::Uuid;

use crate::source::{event, offered, received};
use crate::{at, lines, number, start};

const FACTS: &str = "(SELECT count(*) FROM referral_fact) + (SELECT count(*) FROM allocation_fact)";

async fn county() -> TestApp {
    let app = start().await;
    let mut worker = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let (referral, allocation, t) = (Uuid::now_v7(), Uuid::now_v7(), at("2026-11-02T10:00:00Z"));
    for (kind, data) in [
        ("referral.received.v1", received(referral, t, Some("melton"))),
        ("allocation.offered.v1", offered(allocation, referral, "youth-work", t)),
    ] {
        Projection.apply(&mut worker, &event(kind, referral, data)).await.unwrap();
    }
    app
}

async fn web(app: &TestApp) -> AsyncPgConnection {
    AsyncPgConnection::establish(&app.database.web()).await.unwrap()
}

async fn context(connection: &mut AsyncPgConnection, scopes: &str) {
    let user = Uuid::now_v7();
    // Both names of the setting, so that this holds whichever one the context uses.
    let sql = format!(
        "SET app.\"user\" = '{user}'; SET app.actor = '{user}'; SET app.agency = 'police'; SET app.scopes = '{scopes}'; SET app.now = '2026-11-22T00:00:00Z'"
    );
    connection.batch_execute(&sql).await.unwrap();
}

#[actix_web::test]
async fn raw_sql_sees_facts_only_as_those_who_keep_the_figures() {
    let app = county().await;
    let mut connection = web(&app).await;
    assert_eq!(number(&mut connection, FACTS).await, 0);
    for scopes in [
        "agency:police",
        "front-door agency:police",
        "hub:melton",
        "team:youth-work",
        "governance",
        "figure",
        "figuresx",
    ] {
        context(&mut connection, scopes).await;
        assert_eq!(number(&mut connection, FACTS).await, 0, "{scopes}");
    }
    context(&mut connection, "agency:county-council figures").await;
    assert_eq!(number(&mut connection, FACTS).await, 2);
}

#[actix_web::test]
async fn without_a_context_nothing_is_shown_or_counted() {
    let app = county().await;
    let mut connection = web(&app).await;
    for table in ["indicator", "observation", "observation_version", "dashboard", "dashboard_definition"] {
        assert_eq!(number(&mut connection, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let counted = "SELECT coalesce(sum(numerator), 0) FROM figure_referrals_received('2026-01-01', '2027-01-01')";
    assert_eq!(number(&mut connection, counted).await, 0);
    // With one, a figure counts everything, even for those who see no fact.
    context(&mut connection, "hub:blaby").await;
    assert_eq!(number(&mut connection, counted).await, 1);
}

#[actix_web::test]
async fn the_web_role_can_t_make_or_change_a_fact_or_a_computed_definition() {
    let app = county().await;
    let mut connection = web(&app).await;
    context(&mut connection, "figures").await;
    for sql in [
        "INSERT INTO referral_fact (referral_id) VALUES (gen_random_uuid())",
        "UPDATE referral_fact SET in_time = true",
        "DELETE FROM allocation_fact",
        "UPDATE indicator SET title = 'x'",
        "DELETE FROM observation_version",
        "UPDATE observation_version SET value = 1",
        "UPDATE dashboard_definition SET title = 'x'",
        "INSERT INTO indicator SELECT gen_random_uuid(), 'mine', title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, true, created_at, created_by FROM indicator LIMIT 1",
    ] {
        let refused = connection.batch_execute(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("permission denied") || refused.contains("row-level security"), "{sql}: {refused}");
    }
    context(&mut connection, "hub:melton").await;
    let insert = "INSERT INTO indicator SELECT gen_random_uuid(), 'mine', title, numerator, denominator, unit, decimals, polarity, tolerance, source, verified, false, created_at, created_by FROM indicator LIMIT 1";
    let refused = connection.batch_execute(insert).await.unwrap_err().to_string();
    assert!(refused.contains("row-level security"), "{refused}");
}

#[actix_web::test]
async fn every_table_of_this_service_is_under_row_security() {
    let app = start().await;
    let mut connection = app.database.all_seeing().await;
    let open = lines(
        &mut connection,
        "SELECT c.relname::text AS line FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') \
         AND c.relname IN ('referral_fact', 'allocation_fact', 'indicator', 'observation', 'observation_version', 'dashboard', 'dashboard_definition') \
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
}
