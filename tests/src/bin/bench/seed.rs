//! Referrals in bulk.

use std::time::Duration;

use futures::future::try_join_all;
use stack::system::execute;
use stack::{Error, Result};

const PARTS: &str = include_str!("seed.sql");
const NAMES: &str = include_str!("names.sql");
/// From so many rows on, indexes are quicker made anew than kept.
const MANY: u64 = 200_000;

/// Puts aside every index that no constraint stands on, of the tables that are filled.
const ASIDE: &str = "\
CREATE TABLE bench_index AS
    SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND NOT i.indisunique
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)
      AND t.relname = ANY (ARRAY['person', 'named_person', 'person_link', 'record_subject', 'record_scope', 'deadline', 'decision',
                                 'feedback', 'referral_history', 'hub_item', 'allocation', 'family_member', 'family_case']);
DO $$ DECLARE i record; BEGIN
    FOR i IN SELECT name FROM bench_index LOOP EXECUTE format('DROP INDEX %I', i.name); END LOOP;
END $$";
/// And makes them anew.
const BACK: &str = "\
SET maintenance_work_mem = '512MB';
DO $$ DECLARE i record; BEGIN
    FOR i IN SELECT definition FROM bench_index LOOP EXECUTE i.definition; END LOOP;
END $$;
DROP TABLE bench_index";
/// How long the service may take to write how the invented names sound.
const SOUNDED: Duration = Duration::from_secs(120);

/// Which referrals.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// How many there will be in all.
    pub rows: u64,
    /// When the last of all was received.
    pub until: String,
}

impl Seed {
    /// Adds them, one a minute, and brings the planner's knowledge of the tables up to date. The same
    /// numbers give the same rows.
    ///
    /// # Errors
    /// As the database says.
    pub async fn store(&self, superuser_url: &str) -> Result<()> {
        let filled = PARTS
            .replace("{first}", &self.first.to_string())
            .replace("{last}", &self.last.to_string())
            .replace("{rows}", &self.rows.to_string())
            .replace("{until}", &self.until);
        let mut parts = filled.split("\n----\n").skip(1);
        let preparation = parts.next().ok_or_else(|| Error::new("seed.sql has no parts"))?;
        let statements: Vec<String> = parts.map(|part| format!("{preparation};\n{part}")).collect();
        let many = self.last.saturating_sub(self.first) >= MANY;
        if many {
            execute(superuser_url, ASIDE).await?;
        }
        try_join_all(statements.iter().map(|statements| execute(superuser_url, statements))).await?;
        if many {
            execute(superuser_url, BACK).await?;
        }
        execute(superuser_url, "SELECT work_renew(NULL)").await?;
        execute(superuser_url, "VACUUM ANALYZE").await?;
        execute(superuser_url, "CHECKPOINT").await
    }
}

/// Makes the names that people in bulk are given. How they sound is written by the service itself.
///
/// # Errors
/// As the database says, or when the service does not write it.
pub async fn name_people(superuser_url: &str) -> Result<()> {
    let (people, names) = NAMES.split_once("\n----\n").ok_or_else(|| Error::new("names.sql has no parts"))?;
    execute(superuser_url, people).await?;
    let sounded = "DO $$ BEGIN ASSERT NOT EXISTS (SELECT 1 FROM person WHERE family_sound IS NULL); END $$";
    let written = async {
        while execute(superuser_url, sounded).await.is_err() {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(SOUNDED, written)
        .await
        .map_err(|_| Error::new("the referral service does not write how names sound"))?;
    execute(superuser_url, names).await
}
