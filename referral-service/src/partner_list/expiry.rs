//! Families on lists past their time are forgotten, as their agreements say.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use shared::background::Background;
use shared::events;
use shared::problem::Problem;

use super::event;
use super::store::list::{self, Forgotten};

/// How often they are looked for.
const EVERY: Duration = Duration::from_secs(600);
/// How many lists at a time, so that no lock is held for long.
const AT_ONCE: i32 = 5;

/// Forgets for ever. Safe with many replicas: each claims its lists.
pub async fn run(background: Background) {
    loop {
        let done = match background.connection().await {
            Ok(mut connection) => forget(&mut connection, background.now()).await,
            Err(problem) => Err(problem),
        };
        match done {
            Ok(0) => {}
            Ok(lists) => tracing::info!(lists, "partners' lists past their time forgotten"),
            Err(problem) => tracing::warn!(cause = %problem, "forgetting partners' lists"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Forgets all that are past their time. The answer is how many lists.
///
/// # Errors
/// As the database says; then what was forgotten before stays so.
pub async fn forget(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize, Problem> {
    let mut lists = 0;
    loop {
        AnsiTransactionManager::begin_transaction(connection).await?;
        match some(connection, now).await {
            Ok(gone) => {
                AnsiTransactionManager::commit_transaction(connection).await?;
                lists += gone.len();
                if gone.is_empty() {
                    return Ok(lists);
                }
            }
            Err(problem) => {
                AnsiTransactionManager::rollback_transaction(connection).await?;
                return Err(problem);
            }
        }
    }
}

async fn some(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<Vec<Forgotten>, Problem> {
    let gone = list::forget(connection, now, AT_ONCE).await?;
    let told: Vec<_> = gone.iter().map(|list| event::forgotten(list, now)).collect();
    events::append(connection, &told, now, None).await?;
    Ok(gone)
}
