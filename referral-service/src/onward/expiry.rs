//! Marks onward referrals whose link ended unanswered, so that whoever sent them sees it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use shared::background::Background;
use shared::events;
use shared::problem::Problem;

use super::{event, store};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(30);
/// How many in one transaction.
const BATCH: i64 = 100;

/// Marks for ever. Safe with many replicas: each claims its rows.
pub async fn run(background: Background) {
    loop {
        let marked = match background.connection().await {
            Ok(mut connection) => expire(&mut connection, background.now()).await,
            Err(problem) => Err(problem),
        };
        match marked {
            Ok(0) => {}
            Ok(marked) => tracing::info!(marked, "onward referrals ended unanswered"),
            Err(problem) => tracing::warn!(cause = %problem, "onward referrals not looked at"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Marks what has ended by now. The answer is how many.
///
/// # Errors
/// As the database says; then nothing was marked.
pub async fn expire(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize, Problem> {
    AnsiTransactionManager::begin_transaction(connection).await?;
    match mark(connection, now).await {
        Ok(marked) => {
            AnsiTransactionManager::commit_transaction(connection).await?;
            Ok(marked)
        }
        Err(problem) => {
            AnsiTransactionManager::rollback_transaction(connection).await?;
            Err(problem)
        }
    }
}

async fn mark(connection: &mut AsyncPgConnection, now: DateTime<Utc>) -> Result<usize, Problem> {
    let ended = store::expire(connection, now, BATCH).await?;
    let told: Vec<_> = ended.iter().map(event::expired).collect();
    events::append(connection, &told, now, None).await?;
    Ok(ended.len())
}
