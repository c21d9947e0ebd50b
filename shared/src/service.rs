//! A request as one transaction: may they, has it been done, is it still so; then the
//! change, its events, its audit row and the answer kept for a retry, or none of it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use uuid::Uuid;

use crate::access::Action;
use crate::actor::Actor;
use crate::audit::{self, Entry, Outcome};
use crate::clock::Clock;
use crate::code::{Rules, SharedRules};
use crate::db::{Context, KeepPrepared, Pool, Tx};
use crate::etag;
use crate::events::{self, Event};
use crate::problem::{self, Problem};
use crate::request::Command;

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

/// A transaction that reads.
pub struct Read {
    tx: Tx,
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
    tx: Tx,
    /// What the audit row will say, if it names a record.
    pub entry: Entry,
    events: Vec<Event>,
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
    tx: Tx,
    command: &'a Command<T>,
    action: &'static Action,
    /// What the audit row will say.
    pub entry: Entry,
    events: Vec<Event>,
    claimed: bool,
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

async fn keep_answer<T, B>(
    connection: &mut AsyncPgConnection,
    command: &Command<T>,
    done: &Done<B>,
) -> Result<(), Problem> {
    sql_query(
        "INSERT INTO idempotency (caller, route, key, fingerprint, status, location, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(command.actor.user)
    .bind::<Text, _>(&command.route)
    .bind::<Text, _>(command.key()?)
    .bind::<Bytea, _>(command.fingerprint())
    .bind::<SmallInt, _>(i16::try_from(done.status).unwrap_or(200))
    .bind::<Nullable<Text>, _>(done.location.as_deref())
    .bind::<Nullable<BigInt>, _>(done.version)
    .bind::<Timestamptz, _>(Utc::now())
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// A change that is about to be committed, and what it is answered with.
pub struct Done<B> {
    status: u16,
    location: Option<String>,
    version: Option<i64>,
    body: B,
}

impl<B> Done<B> {
    /// 201: a record was made, at this address, in its first version.
    pub fn created(location: String, version: i64, body: B) -> Self {
        Self { status: 201, location: Some(location), version: Some(version), body }
    }

    /// 202: a record was made, at this address, and what it asks for is still to be done.
    pub fn accepted(location: String, version: i64, body: B) -> Self {
        Self { status: 202, location: Some(location), version: Some(version), body }
    }

    /// 200: a record was changed, to this version.
    pub fn changed(version: i64, body: B) -> Self {
        Self { status: 200, location: None, version: Some(version), body }
    }

    /// 204: a record was removed; the body is not sent.
    pub fn removed() -> Self
    where
        B: Default,
    {
        Self { status: 204, location: None, version: None, body: B::default() }
    }

    fn stored(&self) -> Stored {
        Stored { status: self.status, location: self.location.clone(), version: self.version }
    }
}

/// What is kept of an answer for a retry.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The status.
    pub status: u16,
    /// Where the record is.
    pub location: Option<String>,
    /// Its version after the change.
    pub version: Option<i64>,
}

impl Stored {
    /// The id at the end of the location.
    ///
    /// # Errors
    /// 500 if the answer had none.
    pub fn id(&self) -> Result<Uuid, Problem> {
        self.location
            .as_deref()
            .and_then(|location| location.rsplit('/').next())
            .and_then(|id| Uuid::try_parse(id).ok())
            .ok_or_else(|| Problem::internal(&"a stored answer without an id"))
    }
}

/// A change that was carried out, now or when it was first asked for.
#[derive(Debug)]
pub struct Written<B> {
    /// What it was answered with.
    pub stored: Stored,
    /// The body, unless it has to be read again.
    pub body: Option<B>,
}

impl<B: Serialize> Written<B> {
    /// The answer. For a retry `read_again` reads the body under today's rights.
    ///
    /// # Errors
    /// Those of `read_again`.
    pub async fn respond(
        self,
        view: &str,
        read_again: impl AsyncFnOnce(&Stored) -> Result<B, Problem>,
    ) -> Result<HttpResponse, Problem> {
        let body = match self.body {
            Some(body) => body,
            None => read_again(&self.stored).await?,
        };
        let status = StatusCode::from_u16(self.stored.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        if let Some(location) = &self.stored.location {
            response.insert_header((LOCATION, location.as_str()));
        }
        if let Some(version) = self.stored.version {
            response.insert_header((ETAG, etag::etag(version, view)));
        }
        Ok(if status == StatusCode::NO_CONTENT { response.finish() } else { response.json(body) })
    }
}

/// An answer to a read, with its version.
pub fn found<B: Serialize>(version: i64, view: &str, body: &B) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, etag::etag(version, view))).json(body)
}
