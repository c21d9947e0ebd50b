//! What a service refuses to serve with.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use diesel_migrations::EmbeddedMigrations;

use super::admin::SHARED_MIGRATIONS;
use super::pool::Pool;

#[derive(diesel::QueryableByName)]
struct RoleRow {
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    #[diesel(sql_type = Bool)]
    owns: bool,
}

#[derive(diesel::QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Refuses a role with more rights than serving needs, and a schema older than this program.
///
/// # Errors
/// One line that says what is wrong and what to do.
pub async fn check_serving_role(pool: &Pool, own: &EmbeddedMigrations) -> Result<(), String> {
    let mut connection = pool.get().await.map_err(|error| format!("cannot reach the database: {error}"))?;
    let role: RoleRow = sql_query(
        "SELECT rolsuper AS superuser, rolbypassrls AS bypasses, \
         EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = 'public' AND pg_has_role(c.relowner, 'USAGE')) AS owns \
         FROM pg_roles WHERE rolname = current_user",
    )
    .get_result(&mut connection)
    .await
    .map_err(|error| error.to_string())?;
    if role.superuser || role.bypasses || role.owns {
        return Err("the database role is a superuser, bypasses row security or owns the tables: \
                    serve as the web or worker role that `bootstrap` made"
            .to_owned());
    }
    let applied: Vec<VersionRow> = sql_query("SELECT version::text AS version FROM __diesel_schema_migrations")
        .load(&mut connection)
        .await
        .map_err(|_| "the database has no schema yet: run `migrate`".to_owned())?;
    for set in [&SHARED_MIGRATIONS, own] {
        let wanted: Vec<Box<dyn Migration<Pg>>> = set.migrations().map_err(|error| error.to_string())?;
        for migration in wanted {
            let version = migration.name().version().to_string();
            if !applied.iter().any(|row| row.version == version) {
                return Err(format!("the database lacks migration {}: run `migrate`", migration.name()));
            }
        }
    }
    Ok(())
}
