//! The transaction every request works in.

use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};

use crate::actor::{Actor, Word};
use crate::db::{Connection, Pool, is_away};
use crate::id::UserId;
use crate::problem::{self, Problem};

/// Longer than any BEGIN on a database that is there.
const BEGIN_WITHIN: Duration = Duration::from_millis(900);

/// What row-level security is told: who asks, what they may see, and the business time.
///
/// Every part is a typed value whose text needs no quoting, because `SET LOCAL` takes no
/// parameters.
#[derive(Clone, Debug)]
pub struct Context {
    user: UserId,
    agency: Word,
    scopes: Vec<String>,
    now: DateTime<Utc>,
}

impl Context {
    /// The context of a request.
    pub fn of(actor: &Actor, now: DateTime<Utc>) -> Self {
        Self { user: actor.user, agency: actor.agency.clone(), scopes: actor.scopes(), now }
    }

    /// One statement list, so that beginning costs one round trip.
    fn begin_sql(&self) -> String {
        let mut sql = String::with_capacity(256);
        let _ = write!(
            sql,
            "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = '{}'; SET LOCAL app.scopes = '{}'; SET LOCAL app.now = '{}'",
            self.user,
            self.agency,
            self.scopes.join(" "),
            self.now.to_rfc3339_opts(SecondsFormat::Micros, true),
        );
        sql
    }
}

/// An open transaction under a [`Context`]. Dropped without [`Tx::commit`], it is rolled back
/// and its connection thrown away.
pub struct Tx {
    connection: Connection,
    now: DateTime<Utc>,
}

impl Tx {
    /// Begins a transaction as `context`. A connection the database closed while it lay in
    /// the pool is replaced once.
    ///
    /// # Errors
    /// 503 if no connection could be had, or the database did not answer in time.
    pub async fn begin(pool: &Pool, context: &Context) -> Result<Self, Problem> {
        let sql = context.begin_sql();
        let mut replaced = false;
        loop {
            let mut connection = pool.get().await.map_err(|error| {
                tracing::warn!(cause = %error, "no database connection");
                Problem::new(problem::UNAVAILABLE)
            })?;
            let begun = AnsiTransactionManager::begin_transaction_sql(&mut *connection, &sql);
            match tokio::time::timeout(BEGIN_WITHIN, begun).await {
                Ok(Ok(())) => {
                    return Ok(Self { connection, now: context.now });
                }
                Ok(Err(error)) if !replaced && is_away(&error) => {
                    replaced = true;
                    drop(deadpool::managed::Object::take(connection));
                    pool.retain(|_, _| false);
                }
                Ok(Err(error)) => {
                    drop(deadpool::managed::Object::take(connection));
                    return Err(error.into());
                }
                Err(_elapsed) => {
                    tracing::warn!("the database did not answer BEGIN");
                    drop(deadpool::managed::Object::take(connection));
                    return Err(Problem::new(problem::UNAVAILABLE));
                }
            }
        }
    }

    /// The business time of this transaction; the same wherever it is asked.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// As the database says; nothing is stored then, or it is not known (503: send again).
    pub async fn commit(mut self) -> Result<(), Problem> {
        Ok(AnsiTransactionManager::commit_transaction(&mut *self.connection).await?)
    }

    /// Undoes everything, keeping the connection.
    pub async fn rollback(mut self) {
        if AnsiTransactionManager::rollback_transaction(&mut *self.connection).await.is_err() {
            drop(deadpool::managed::Object::take(self.connection));
        }
    }
}

impl Deref for Tx {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &AsyncPgConnection {
        &self.connection
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.connection
    }
}
