//! The system that is measured: its own PostgreSQL on disk, Redis, the four processes, and bulk.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use stack::demonstration::{self, PASSWORD};
use stack::system::{Process, System, SystemOptions, execute};
use stack::{Cluster, Error, Key, Layout, Result, identity};

use crate::figures::Spent;
use crate::load::Load;
use crate::processor::Clocks;
use crate::requests::Who;
use crate::seed::{Seed, name_people};

/// How long the background work may take to catch up between two measurements.
const SETTLE: Duration = Duration::from_secs(120);
/// The school's system that refers.
const SCHOOL: &str = "greenfield-school-system";

/// A running system with the demonstration county in it.
pub struct Site {
    /// The processes.
    pub system: System,
    /// Where it keeps its files.
    pub layout: Layout,
    /// The superuser's address of the referrals' database.
    pub database: String,
    until: DateTime<Utc>,
}

impl Site {
    /// Starts it, its PostgreSQL with these settings beside the usual ones, and loads the demonstration county.
    ///
    /// # Errors
    /// When a piece is missing.
    pub async fn start(postgres_settings: Vec<String>) -> Result<Self> {
        let mut options = SystemOptions::durable()?;
        options.postgres_settings = postgres_settings;
        options.progress = say;
        // What limits a caller is not what is measured.
        for name in ["THRESHOLD_LIMIT_PER_CALLER", "THRESHOLD_LIMIT_PER_ADDRESS"] {
            options = options.setting(Process::Gateway, name, "1000000000");
        }
        let layout = options.layout.clone();
        let system = System::start(options).await?;
        say("loading the demonstration county");
        demonstration::load(&system).await?;
        let database = system.databases().superuser_url(Process::Referral)?;
        name_people(&database).await?;
        Ok(Self { system, layout, database, until: Utc::now() })
    }

    /// The database's own server.
    ///
    /// # Errors
    /// When there is none.
    pub fn cluster(&self) -> Result<&Cluster> {
        self.system.cluster().ok_or_else(|| Error::new("the bench needs a cluster of its own"))
    }

    /// Stores the referrals `first` to `last` of `rows` in all.
    ///
    /// # Errors
    /// As the database says.
    pub async fn seed(&self, first: u64, last: u64, rows: u64) -> Result<()> {
        say(&format!("storing the referrals {first} to {last}"));
        let began = Instant::now();
        let until = self.until.to_rfc3339_opts(SecondsFormat::Micros, true);
        Seed { first, last, rows, until }.store(&self.database).await?;
        say(&format!("stored in {} s", began.elapsed().as_secs()));
        Ok(())
    }

    /// Reads the tables and indexes of the referrals' database into its buffers, as far as they fit: what is measured
    /// is the work, not the first reading from disk.
    ///
    /// # Errors
    /// As the database says.
    pub async fn warm(&self) -> Result<()> {
        let began = Instant::now();
        execute(&self.database, "CREATE EXTENSION IF NOT EXISTS pg_prewarm").await?;
        let read = "DO $$ BEGIN PERFORM pg_prewarm(oid::regclass) FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')
            ORDER BY relname LIKE ANY (ARRAY['referral_history%', 'feedback%', 'decision_reason%']) DESC; END $$";
        execute(&self.database, read).await?;
        say(&format!("read into memory in {} s", began.elapsed().as_secs()));
        Ok(())
    }

    /// A caller's token, by the real flows.
    ///
    /// # Errors
    /// When the gateway gives none.
    pub async fn token(&self, who: Who) -> Result<String> {
        let issuer = self.system.issuer();
        match who {
            Who::School => {
                let key = Key::in_file(&self.system.keys().of_client(SCHOOL))?;
                identity::client_token(issuer, SCHOOL, &key).await
            }
            Who::User(name) => identity::sign_in(issuer, name, PASSWORD).await,
        }
    }

    /// Processor time for each request since `before`, the warm-up's among them.
    pub fn spent(&self, before: Clocks, load: Load, rate: f64) -> Spent {
        let seconds = (load.warm_up + load.measured).as_secs_f64();
        Clocks::read(&self.system).since(before, rate * seconds)
    }

    /// Waits until the sequencer and the relay have caught up, so that one measurement does not
    /// pay for the one before; then writes out what is dirty.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settle(&self) -> Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.database, tokio_postgres::NoTls)
            .await
            .map_err(|error| Error::new(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let began = Instant::now();
        let waiting = "SELECT (SELECT count(*) FROM audit_entry WHERE sequence IS NULL) \
                            + (SELECT count(*) FROM event_log WHERE position IS NULL)";
        loop {
            let row = client.query_one(waiting, &[]).await.map_err(|error| Error::new(error.to_string()))?;
            let count: i64 = row.get(0);
            if count == 0 {
                break;
            }
            if began.elapsed() > SETTLE {
                say(&format!("the background work is still {count} rows behind"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let waited = began.elapsed().as_secs_f64();
        if waited > 1.0 {
            say(&format!("the background work took {waited:.1} s more to catch up"));
        }
        drop(client);
        let _ = driver.await;
        stack::system::execute(&self.database, "CHECKPOINT").await
    }
}

/// Says on standard error how far it is.
pub fn say(what: &str) {
    eprintln!("bench: {what}");
}
