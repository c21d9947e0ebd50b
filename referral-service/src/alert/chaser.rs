//! Reminds of clocks that have run out, as the rows of the table `chase` say: after how long, how
//! often, and whom.

use std::time::Duration;

use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use shared::background::Background;
use shared::events;
use shared::problem::Problem;

use super::api::Urgency;
use super::store::{self, Alert};

/// How often the clocks are looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How many clocks of one kind are chased in one transaction.
const BATCH: i64 = 100;

/// Chases for ever. Safe with many replicas: each claims its rows.
pub async fn run(background: Background) {
    loop {
        match background.connection().await {
            Ok(mut connection) => match chase(&mut connection, background.now()).await {
                Ok(0) => {}
                Ok(chased) => tracing::info!(chased, "reminders raised"),
                Err(problem) => tracing::warn!(cause = %problem, "chasing"),
            },
            Err(problem) => tracing::warn!(cause = %problem, "chasing"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Chases what is to be chased now. The answer is how many reminders were raised.
///
/// # Errors
/// As the database says; then nothing was chased.
pub async fn chase(connection: &mut AsyncPgConnection, now: chrono::DateTime<chrono::Utc>) -> Result<usize, Problem> {
    AnsiTransactionManager::begin_transaction(connection).await?;
    match remind(connection, now).await {
        Ok(raised) => {
            AnsiTransactionManager::commit_transaction(connection).await?;
            Ok(raised)
        }
        Err(problem) => {
            AnsiTransactionManager::rollback_transaction(connection).await?;
            Err(problem)
        }
    }
}

async fn remind(connection: &mut AsyncPgConnection, now: chrono::DateTime<chrono::Utc>) -> Result<usize, Problem> {
    let overdue = store::claim_overdue(connection, now, BATCH).await?;
    let mut told = Vec::with_capacity(overdue.len());
    for late in &overdue {
        let reminder = Alert {
            kind: &late.code,
            urgency: Urgency::Reminder,
            about: &late.about,
            record: late.record_id,
            people: &late.people,
            scopes: &late.scopes,
            locality: late.locality.as_deref(),
        };
        told.push(store::raise(connection, &reminder, now).await?);
    }
    events::append(connection, &told, now, None).await?;
    Ok(told.len())
}
