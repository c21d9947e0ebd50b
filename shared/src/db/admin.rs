//! What is done to a database before anyone is served: its roles and name once, its
//! migrations at each release.

use chrono::Utc;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_query;
use diesel::sql_types::{Date, Text};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// The tables every service has.
pub const SHARED_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// One lock for every migration of a database; the number is arbitrary and only ours.
const MIGRATION_LOCK: i64 = 7_461_283_201;

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Makes the roles of a service and its database, as a superuser; does nothing to what is there.
///
/// `service` is `referral`, `youth_justice`, …: the roles are `{service}_owner`, which owns
/// everything and runs migrations; `{service}_web`, which serves; `{service}_worker`, which
/// works in the background. The two that serve are members of `threshold_web` and
/// `threshold_worker`, which the migrations grant to, and own nothing.
///
/// # Errors
/// The database's own words.
pub async fn bootstrap(superuser_url: &str, service: &str, database: &str) -> Result<(), String> {
    let mut connection = connect(superuser_url).await?;
    let existing: Vec<Name> = sql_query("SELECT rolname::text AS name FROM pg_roles")
        .load(&mut connection)
        .await
        .map_err(|error| error.to_string())?;
    let has = |role: &str| existing.iter().any(|row| row.name == role);
    let (owner, web, worker) = (format!("{service}_owner"), format!("{service}_web"), format!("{service}_worker"));
    let mut sql = String::new();
    for group in ["threshold_web", "threshold_worker", "access_reader"] {
        if !has(group) {
            sql.push_str(&format!("CREATE ROLE {group} NOLOGIN;"));
        }
    }
    for (role, group) in [(&owner, "access_reader"), (&web, "threshold_web"), (&worker, "threshold_worker")] {
        if !has(role) {
            sql.push_str(&format!(
                "CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE; GRANT {group} TO {role};"
            ));
        }
    }
    execute(&mut connection, &sql).await?;
    let databases: Vec<Name> = sql_query("SELECT datname::text AS name FROM pg_database WHERE datname = $1")
        .bind::<Text, _>(database)
        .load(&mut connection)
        .await
        .map_err(|error| error.to_string())?;
    if databases.is_empty() {
        execute(&mut connection, &format!("CREATE DATABASE {} OWNER {owner}", quoted(database))).await?;
    }
    let quoted = quoted(database);
    // ALL: by default everyone may also make temporary tables, and so put names before ours.
    execute(
        &mut connection,
        &format!(
            "REVOKE ALL ON DATABASE {quoted} FROM PUBLIC; \
             GRANT CONNECT ON DATABASE {quoted} TO {owner}, {web}, {worker}; \
             ALTER DATABASE {quoted} OWNER TO {owner}"
        ),
    )
    .await
}

/// Brings a database to this release, alone under a lock.
///
/// # Errors
/// The database's own words, and which migration they are about.
pub async fn migrate(owner_url: &str, own: EmbeddedMigrations) -> Result<Vec<String>, String> {
    let shared = versions(&SHARED_MIGRATIONS)?;
    if let Some(twice) = versions(&own)?.into_iter().find(|version| shared.contains(version)) {
        return Err(format!("the migration {twice} is there twice, shared and the service's own: only one would run"));
    }
    let mut connection = connect(owner_url).await?;
    execute(&mut connection, &format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    // On PostgreSQL 15 and later the schema belongs to the database's owner through this role.
    execute(&mut connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let mut applied = Vec::new();
    for set in [SHARED_MIGRATIONS, own] {
        let versions = harness.run_pending_migrations(set).map_err(|error| error.to_string())?;
        applied.extend(versions.iter().map(ToString::to_string));
    }
    let mut connection = harness.into_inner();
    diesel::select(
        diesel::dsl::sql::<diesel::sql_types::Integer>("log_partitions(")
            .bind::<Date, _>(Utc::now().date_naive())
            .sql(")"),
    )
    .execute(&mut connection)
    .await
    .map_err(|error| error.to_string())?;
    Ok(applied)
}

fn versions(set: &EmbeddedMigrations) -> Result<Vec<String>, String> {
    let all: Vec<Box<dyn Migration<Pg>>> = set.migrations().map_err(|error| error.to_string())?;
    Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
}

async fn connect(url: &str) -> Result<AsyncPgConnection, String> {
    AsyncPgConnection::establish(url).await.map_err(|error| format!("cannot reach the database: {error}"))
}

async fn execute(connection: &mut AsyncPgConnection, sql: &str) -> Result<(), String> {
    connection.batch_execute(sql).await.map_err(|error| error.to_string())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
