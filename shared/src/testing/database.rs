//! A database for each test, copied from a template that was migrated once.

use std::hash::{DefaultHasher, Hash, Hasher};

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::EmbeddedMigrations;
use uuid::Uuid;

use crate::db;

/// A migrated database of one test's own.
pub struct TestDatabase {
    superuser: String,
    /// Its name.
    pub name: String,
    roles: &'static str,
}

impl TestDatabase {
    /// Copies the template of the service, making it first if nobody has.
    ///
    /// The template is named by a hash of the migrations; it is built under a lock, and then takes
    /// no connections, because a copy fails while anyone is connected.
    pub async fn create(roles: &'static str, migrations: fn() -> EmbeddedMigrations) -> Self {
        let superuser = std::env::var("THRESHOLD_TEST_DATABASE_URL")
            .expect("THRESHOLD_TEST_DATABASE_URL is not set: run the tests with ./threshold test");
        let template = format!("template_{roles}_{:016x}", fingerprint(&migrations()));
        let mut connection = AsyncPgConnection::establish(&superuser).await.expect("the test cluster answers");
        connection.batch_execute("SELECT pg_advisory_lock(746128)").await.expect("the template lock");
        let ready = format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = '{template}' AND NOT datallowconn) THEN RAISE EXCEPTION 'absent'; END IF; END $$"
        );
        if connection.batch_execute(&ready).await.is_err() {
            let _ = connection.batch_execute(&format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)")).await;
            db::bootstrap(&superuser, roles, &template).await.expect("bootstrap");
            migrate(address(&superuser, &format!("{roles}_owner"), &template), migrations);
            connection
                .batch_execute(&format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false"))
                .await
                .expect("closing the template");
            let others = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'");
            connection.batch_execute(&others).await.expect("ending connections to the template");
        }
        connection.batch_execute("SELECT pg_advisory_unlock(746128)").await.expect("the template lock");
        let name = format!("test_{}", Uuid::now_v7().simple());
        connection
            .batch_execute(&format!(
                "CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER {roles}_owner"
            ))
            .await
            .expect("a copy of the template");
        connection
            .batch_execute(&format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {roles}_owner, {roles}_web, {roles}_worker"))
            .await
            .expect("grants on the copy");
        Self { superuser, name, roles }
    }

    /// Its address as the web role.
    pub fn web(&self) -> String {
        self.as_role("web")
    }

    /// Its address as the worker role.
    pub fn worker(&self) -> String {
        self.as_role("worker")
    }

    /// Its address as its owner.
    pub fn owner(&self) -> String {
        self.as_role("owner")
    }

    /// Its address as a superuser, whom row-level security does not hold.
    pub fn superuser(&self) -> String {
        address(&self.superuser, "postgres", &self.name)
    }

    /// A connection as a superuser.
    pub async fn all_seeing(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.superuser()).await.expect("a superuser's connection")
    }

    fn as_role(&self, role: &str) -> String {
        address(&self.superuser, &format!("{}_{role}", self.roles), &self.name)
    }
}

/// Migrates on a thread of its own: the migration harness needs a runtime of several threads, and
/// tests of a service run on actix's single one.
fn migrate(owner: String, migrations: fn() -> EmbeddedMigrations) {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("a runtime").block_on(db::migrate(&owner, migrations())).expect("migrate");
    };
    std::thread::spawn(work).join().expect("the migration");
}

/// The same cluster as another user, at another database.
fn address(superuser: &str, user: &str, database: &str) -> String {
    let config: tokio_postgres::Config =
        superuser.parse().expect("THRESHOLD_TEST_DATABASE_URL is a PostgreSQL address");
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match config.get_hosts().first() {
        Some(tokio_postgres::config::Host::Unix(path)) => {
            format!("postgres:///{database}?user={user}&host={}&port={port}", path.display())
        }
        Some(tokio_postgres::config::Host::Tcp(host)) => {
            format!("postgres://{user}@{host}:{port}/{database}")
        }
        None => format!("postgres://{user}@/{database}"),
    }
}

fn fingerprint(own: &EmbeddedMigrations) -> u64 {
    let mut hasher = DefaultHasher::new();
    // The programs are rebuilt whenever a migration changes, so their own identity is the
    // simplest mark of what the migrations hold.
    std::env::current_exe()
        .ok()
        .and_then(|exe| exe.metadata().ok())
        .and_then(|meta| meta.modified().ok())
        .hash(&mut hasher);
    let migrations: Vec<Box<dyn Migration<Pg>>> = own.migrations().expect("embedded migrations");
    for migration in migrations {
        migration.name().to_string().hash(&mut hasher);
    }
    hasher.finish()
}
