//! What the database alone holds the web role to, by raw SQL.

use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::app::Gateway;

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(connection: &mut AsyncPgConnection, sql: &str) -> Result<i64, String> {
    let row: Result<Count, _> = sql_query(sql).get_result(connection).await;
    row.map(|row| row.count).map_err(|error| error.to_string())
}

#[actix_web::test]
async fn without_a_context_there_is_nobody_and_passwords_are_never_read() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    gateway.user(&admin, "a.user").await;
    gateway.client(&admin, "school").await;
    let mut web = AsyncPgConnection::establish(&gateway.database.web()).await.unwrap();
    for table in ["user_account", "client", "agency", "team"] {
        assert_eq!(count(&mut web, &format!("SELECT count(*) FROM {table}")).await, Ok(0), "{table}");
    }
    for table in
        ["user_password", "authorization_code", "used_assertion", "sign_in_attempt", "revocation", "sign_in_client"]
    {
        let refused = count(&mut web, &format!("SELECT count(*) FROM {table}")).await.unwrap_err();
        assert!(refused.contains("permission denied"), "{table}: {refused}");
    }
}

#[actix_web::test]
async fn an_agency_s_scope_shows_that_agency_s_rows() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    gateway.user(&admin, "a.user").await;
    gateway.client(&admin, "school").await;
    let mut web = AsyncPgConnection::establish(&gateway.database.web()).await.unwrap();
    let context = |scope: &str| {
        format!(
            "SET app.actor = '01a20145-edae-70b8-add3-fc66bb053622'; SET app.now = '2026-11-22T00:00:00Z'; SET app.scopes = '{scope}'"
        )
    };
    for (scope, users, clients) in [
        ("administration", 1, 1),
        ("governance", 1, 1),
        ("agency-administration:county-council", 1, 0),
        ("agency-administration:greenfield-academy", 0, 1),
        ("agency:county-council front-door figures", 0, 0),
    ] {
        web.batch_execute(&context(scope)).await.unwrap();
        assert_eq!(count(&mut web, "SELECT count(*) FROM user_account").await, Ok(users), "{scope}");
        assert_eq!(count(&mut web, "SELECT count(*) FROM client").await, Ok(clients), "{scope}");
    }
    // Governance reads; it changes nothing, whatever the program might forget.
    web.batch_execute(&context("governance")).await.unwrap();
    let changed = sql_query("UPDATE user_account SET version = version + 1").execute(&mut web).await.unwrap();
    assert_eq!(changed, 0);
    let taken = sql_query("UPDATE user_account SET agency = 'greenfield-academy'").execute(&mut web).await;
    assert!(taken.unwrap_err().to_string().contains("permission denied"));
}

#[actix_web::test]
async fn every_table_of_people_forces_its_policies() {
    let gateway = Gateway::start().await;
    let mut all = gateway.database.all_seeing().await;
    let sql = "SELECT count(*) AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = 'public' AND c.relname IN ('agency', 'team', 'user_account', 'user_password', 'client', \
               'revocation', 'used_assertion', 'authorization_code', 'sign_in_attempt') \
               AND c.relrowsecurity AND c.relforcerowsecurity \
               AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)";
    assert_eq!(count(&mut all, sql).await, Ok(9));
}
