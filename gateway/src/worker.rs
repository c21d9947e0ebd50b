//! Transactions of the worker role, in which credentials are checked and tokens made: nobody
//! is signed in yet, so there is no actor whose rights could be set.

use std::time::Duration;

use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use shared::db::{Pool, is_away};
use shared::problem::{self, Problem};

/// Longer than any BEGIN on a database that is there.
const BEGIN_WITHIN: Duration = Duration::from_millis(900);

/// Does `work` in a transaction and commits it, unless the work fails. A refusal that leaves
/// something behind (an attempt counted, an audit row) is therefore an `Ok` of the work. A
/// connection the database closed while it lay in the pool is replaced once.
///
/// # Errors
/// The work's own; 503 if the database is away.
pub async fn transaction<R>(
    pool: &Pool,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<R, Problem>,
) -> Result<R, Problem> {
    let mut replaced = false;
    let mut connection = loop {
        let mut connection = pool.get().await.map_err(|error| {
            tracing::warn!(cause = %error, "no database connection");
            Problem::new(problem::UNAVAILABLE)
        })?;
        let begun = AnsiTransactionManager::begin_transaction_sql(&mut *connection, "BEGIN");
        match tokio::time::timeout(BEGIN_WITHIN, begun).await {
            Ok(Ok(())) => break connection,
            Ok(Err(error)) => {
                drop(deadpool::managed::Object::take(connection));
                if replaced || !is_away(&error) {
                    return Err(error.into());
                }
                replaced = true;
                pool.retain(|_, _| false);
            }
            Err(_elapsed) => {
                tracing::warn!("the database did not answer BEGIN");
                drop(deadpool::managed::Object::take(connection));
                return Err(Problem::new(problem::UNAVAILABLE));
            }
        }
    };
    match work(&mut connection).await {
        Ok(answer) => {
            AnsiTransactionManager::commit_transaction(&mut *connection).await?;
            Ok(answer)
        }
        Err(problem) => {
            if AnsiTransactionManager::rollback_transaction(&mut *connection).await.is_err() {
                drop(deadpool::managed::Object::take(connection));
            }
            Err(problem)
        }
    }
}
