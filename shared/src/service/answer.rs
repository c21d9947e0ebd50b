//! What a request is answered with, and what is kept of a change's answer for a retry.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use chrono::Utc;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bytea, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use uuid::Uuid;

use crate::db::KeepPrepared;
use crate::etag;
use crate::problem::Problem;
use crate::request::Command;

/// Keeps what a change is answered with, for a retry.
///
/// # Errors
/// As the database says.
pub(super) async fn keep_answer<T, B>(
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
    pub(super) status: u16,
    location: Option<String>,
    version: Option<i64>,
    pub(super) body: B,
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

    pub(super) fn stored(&self) -> Stored {
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
