//! Referrals in bulk.

use std::time::Duration;

use futures::future::try_join_all;
use stack::system::execute;
use stack::{Error, Result};

const PARTS: &str = include_str!("seed.sql");
const NAMES: &str = include_str!("names.sql");
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
        try_join_all(statements.iter().map(|statements| execute(superuser_url, statements))).await?;
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
