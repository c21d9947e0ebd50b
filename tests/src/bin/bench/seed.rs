//! Referrals in bulk.

use futures::future::try_join_all;
use stack::system::execute;
use stack::{Error, Result};

const PARTS: &str = include_str!("seed.sql");

/// Adds the referrals `first` to `last` of `rows` in all, one a minute up to `until`, and brings
/// the planner's knowledge of the tables up to date.
///
/// # Errors
/// As the database says.
pub async fn seed(superuser_url: &str, first: u64, last: u64, rows: u64, until: &str) -> Result<()> {
    let filled = PARTS
        .replace("{first}", &first.to_string())
        .replace("{last}", &last.to_string())
        .replace("{rows}", &rows.to_string())
        .replace("{until}", until);
    let mut parts = filled.split("\n----\n").skip(1);
    let preparation = parts.next().ok_or_else(|| Error::new("seed.sql has no parts"))?;
    let statements: Vec<String> = parts.map(|part| format!("{preparation};\n{part}")).collect();
    try_join_all(statements.iter().map(|statements| execute(superuser_url, statements))).await?;
    execute(superuser_url, "VACUUM ANALYZE").await?;
    execute(superuser_url, "CHECKPOINT").await
}
