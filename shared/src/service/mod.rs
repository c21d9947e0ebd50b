//! A request as one transaction: may they, has it been done, is it still so; then the
//! change, its events, its audit row and the answer kept for a retry, or none of it.

mod answer;
mod transaction;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::access::Action;
use crate::actor::Actor;
use crate::audit::{self, Entry, Outcome};
use crate::clock::Clock;
use crate::code::{Rules, SharedRules};
use crate::db::{Context, Pool, Tx};
use crate::events;
use crate::problem::Problem;
use crate::request::Command;
use answer::keep_answer;

pub use answer::{Done, Stored, Written, found};
pub use transaction::{Carried, Read, Stop, Write};

/// What a handler needs of its service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    pool: Pool,
    clock: Clock,
    rules: SharedRules,
}

impl Service {
    /// A service over the web role's pool.
    pub fn new(pool: Pool, clock: Clock, rules: SharedRules) -> Self {
        Self { pool, clock, rules }
    }

    /// The web role's pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The business time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The dated rules in force.
    pub fn rules(&self) -> Arc<Rules> {
        self.rules.current()
    }

    async fn begin(&self, actor: &Actor) -> Result<Tx, Problem> {
        Tx::begin(&self.pool, &Context::of(actor, self.clock.now())).await
    }

    /// Reads, in a transaction under the actor's rights, and audits what was read before it leaves.
    ///
    /// # Errors
    /// The work's own; 503 if the audit row can't be written: then no data leaves.
    pub async fn read<R>(
        &self,
        actor: &Actor,
        action: &'static Action,
        work: impl AsyncFnOnce(&mut Read) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        let mut read = Read { tx: self.begin(actor).await?, entry: Entry::default() };
        match work(&mut read).await {
            Ok(answer) => {
                let Read { mut tx, entry } = read;
                if entry.record.is_some() || !entry.people.is_empty() || !entry.records.is_empty() {
                    audit::write(&mut tx, actor, actor.trace.as_deref(), action.name, Outcome::Done, 200, &entry)
                        .await?;
                }
                tx.commit().await?;
                Ok(answer)
            }
            Err(problem) => {
                read.tx.rollback().await;
                self.refuse(actor, action, &read.entry, problem).await
            }
        }
    }

    /// Changes, in a transaction under the actor's rights, with everything that belongs to it.
    /// The work calls [`Write::proceed`] once it knows what the actor sees, and before it changes
    /// anything.
    ///
    /// # Errors
    /// The work's own; 503 if it is not known whether the change was stored.
    pub async fn write<T, B>(
        &self,
        command: &Command<T>,
        action: &'static Action,
        work: impl AsyncFnOnce(&mut Write<'_, T>) -> Result<Done<B>, Stop>,
    ) -> Result<Written<B>, Problem> {
        let actor = &command.actor;
        let tx = self.begin(actor).await?;
        let mut write = Write { tx, command, action, entry: Entry::default(), events: Vec::new(), claimed: false };
        match work(&mut write).await {
            Ok(done) => {
                if !write.claimed {
                    return Err(Problem::internal(&"a change without proceed()"));
                }
                let Write { mut tx, entry, events, .. } = write;
                let now = tx.now();
                events::append(&mut tx, &events, now, actor.trace.as_deref()).await?;
                audit::write(&mut tx, actor, actor.trace.as_deref(), action.name, Outcome::Done, done.status, &entry)
                    .await?;
                keep_answer(&mut tx, command, &done).await?;
                tx.commit().await?;
                Ok(Written { stored: done.stored(), body: Some(done.body) })
            }
            Err(Stop::Replay(stored)) => {
                write.tx.rollback().await;
                Ok(Written { stored, body: None })
            }
            Err(Stop::Problem(problem)) => {
                write.tx.rollback().await;
                self.refuse(actor, action, &write.entry, problem).await
            }
        }
    }

    /// Goes on, in the background, with what somebody asked for: a transaction under their rights, with its events
    /// and its audit row. There is no request to answer, and so no key.
    ///
    /// # Errors
    /// 403; the work's own; as the database says. Then nothing is stored.
    pub async fn carry_on<R>(
        &self,
        actor: &Actor,
        action: &'static Action,
        work: impl AsyncFnOnce(&mut Carried) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        action.require(actor)?;
        let mut carried = Carried { tx: self.begin(actor).await?, entry: Entry::default(), events: Vec::new() };
        match work(&mut carried).await {
            Ok(done) => {
                let Carried { mut tx, entry, events } = carried;
                let now = tx.now();
                events::append(&mut tx, &events, now, actor.trace.as_deref()).await?;
                if entry.record.is_some() {
                    audit::write(&mut tx, actor, actor.trace.as_deref(), action.name, Outcome::Done, 200, &entry)
                        .await?;
                }
                tx.commit().await?;
                Ok(done)
            }
            Err(problem) => {
                carried.tx.rollback().await;
                Err(problem)
            }
        }
    }

    /// Records a refusal in a transaction of its own, then gives it. A failure on our side is no
    /// refusal and is not recorded as one.
    async fn refuse<R>(&self, actor: &Actor, action: &Action, entry: &Entry, problem: Problem) -> Result<R, Problem> {
        if problem.status() < 500 {
            let mut tx = self.begin(actor).await?;
            let status = problem.status();
            audit::write(&mut tx, actor, actor.trace.as_deref(), action.name, Outcome::Refused, status, entry).await?;
            tx.commit().await?;
        }
        Err(problem)
    }
}
