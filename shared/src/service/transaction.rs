//! The transactions that work is done in: to read, to change, to go on with what was asked for before.

use std::ops::{Deref, DerefMut};

use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use super::answer::Stored;
use crate::access::Action;
use crate::audit::Entry;
use crate::db::{KeepPrepared, Tx};
use crate::etag;
use crate::events::Event;
use crate::problem::{self, Problem};
use crate::request::Command;

/// A transaction that reads.
pub struct Read {
    pub(super) tx: Tx,
    /// What the audit row will say.
    pub entry: Entry,
}

impl Deref for Read {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Read {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

/// A transaction that goes on with what was asked for before.
pub struct Carried {
    pub(super) tx: Tx,
    /// What the audit row will say, if it names a record.
    pub entry: Entry,
    pub(super) events: Vec<Event>,
}

impl Carried {
    /// Tells the other services, if the work is carried out.
    pub fn publish(&mut self, event: Event) {
        self.events.push(event);
    }
}

impl Deref for Carried {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Carried {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

/// A transaction that changes.
pub struct Write<'a, T> {
    pub(super) tx: Tx,
    pub(super) command: &'a Command<T>,
    pub(super) action: &'static Action,
    /// What the audit row will say.
    pub entry: Entry,
    pub(super) events: Vec<Event>,
    /// Whether [`Write::proceed`] was called: without it nothing may be changed.
    pub(super) claimed: bool,
}

/// Why a change did not go on.
#[derive(Debug)]
pub enum Stop {
    /// It is refused.
    Problem(Problem),
    /// It was carried out before.
    Replay(Stored),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Problem(problem)
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Stop::Problem(error.into())
    }
}

#[derive(diesel::QueryableByName)]
struct Claim {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<SmallInt>)]
    status: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    location: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    version: Option<i64>,
}

impl Claim {
    fn stored(&self, status: i16) -> Stored {
        let status = u16::try_from(status).unwrap_or(200);
        Stored { status, location: self.location.clone(), version: self.version }
    }
}

impl<T> Write<'_, T> {
    /// The checks between "there is such a record" and "what does the body say", in their order:
    /// 403, replay, then 428 or 412 if the record exists already (`current` is its version).
    ///
    /// # Errors
    /// [`Stop::Replay`] if the same request was carried out before.
    pub async fn proceed(&mut self, current: Option<i64>) -> Result<(), Stop> {
        self.action.require(&self.command.actor)?;
        let key = self.command.key()?;
        let claim = self.claim(key).await?;
        match (claim.state.as_str(), claim.status) {
            ("new", _) => {}
            ("done", Some(status)) => return Err(Stop::Replay(claim.stored(status))),
            ("other", _) => return Err(Problem::new(problem::KEY_REUSED).into()),
            _ => return Err(Problem::new(problem::BUSY).into()),
        }
        if let Some(version) = current {
            etag::require(self.command.if_match()?, version)?;
        }
        self.claimed = true;
        Ok(())
    }

    /// For a record that is not there, perhaps because this very request removed it: if it did, it is
    /// answered as the first time. Then nothing may be changed, only refused.
    ///
    /// # Errors
    /// [`Stop::Replay`] if the same request was carried out before.
    pub async fn replay(&mut self) -> Result<(), Stop> {
        let Ok(key) = self.command.key() else { return Ok(()) };
        let claim = self.claim(key).await?;
        match (claim.state.as_str(), claim.status) {
            ("done", Some(status)) => Err(Stop::Replay(claim.stored(status))),
            _ => Ok(()),
        }
    }

    async fn claim(&mut self, key: &str) -> Result<Claim, diesel::result::Error> {
        sql_query("SELECT * FROM idempotency_claim($1, $2, $3)")
            .bind::<Text, _>(&self.command.route)
            .bind::<Text, _>(key)
            .bind::<Bytea, _>(self.command.fingerprint())
            .prepared()
            .get_result(&mut *self.tx)
            .await
    }

    /// Tells the other services, if the change is carried out.
    pub fn publish(&mut self, event: Event) {
        self.events.push(event);
    }
}

impl<T> Deref for Write<'_, T> {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl<T> DerefMut for Write<'_, T> {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
