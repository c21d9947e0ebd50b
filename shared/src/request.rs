//! A request that changes something: who, with what key, on which version, saying what.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, Payload as RawPayload};
use actix_web::{FromRequest, HttpRequest, dev};
use aws_lc_rs::digest;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use crate::actor::Actor;
use crate::etag;
use crate::payload::{self, MAX_BODY, MAX_FILE};
use crate::problem::{self, FieldError, Problem};

/// How long a body may take to come.
const BODY_WITHIN: Duration = Duration::from_secs(10);
/// How long a file may take to come.
const FILE_WITHIN: Duration = Duration::from_secs(120);
/// How many files one process reads at a time: each lies in memory whole.
static FILES: Semaphore = Semaphore::const_new(4);

/// A state-changing request, taken apart but not yet judged: the body is read only when the
/// handler asks for it, after 404, 403, replay and version.
pub struct Command<T> {
    /// Who asks.
    pub actor: Actor,
    /// Method and path, without the query: what an idempotency key is for.
    pub route: String,
    key: Option<String>,
    if_match: Result<Option<i64>, Problem>,
    media: Result<(), Problem>,
    body: Bytes,
    shape: PhantomData<T>,
}

impl<T> Command<T> {
    /// The idempotency key.
    ///
    /// # Errors
    /// 400 naming the header if it is absent or not 1 to 128 visible ASCII characters.
    pub fn key(&self) -> Result<&str, Problem> {
        match self.key.as_deref() {
            None => Err(Problem::parameter(
                "Idempotency-Key",
                "required",
                "send a new random key, such as a UUID, with each new request, and the same key when you send it again",
            )),
            Some(key) if key.is_empty() || key.len() > 128 || !key.bytes().all(|b| b.is_ascii_graphic()) => {
                Err(Problem::parameter("Idempotency-Key", "wrong_form", "expected 1 to 128 visible ASCII characters"))
            }
            Some(key) => Ok(key),
        }
    }

    /// The version the caller read, if it said.
    ///
    /// # Errors
    /// 428 if the header does not name one version.
    pub fn if_match(&self) -> Result<Option<i64>, Problem> {
        self.if_match.clone()
    }

    /// A digest of the body, so that a key can't come back with another.
    pub fn fingerprint(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, &self.body).as_ref().to_vec()
    }
}

impl<T: DeserializeOwned + ToSchema + 'static> Command<T> {
    /// What the caller said.
    ///
    /// # Errors
    /// 415 if it isn't called JSON, 400 or 422 as [`payload::read`] says.
    pub fn body(&self) -> Result<T, Problem> {
        self.media.clone()?;
        payload::read(&self.body)
    }
}

impl<T: 'static> FromRequest for Command<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let actor = Actor::from_request(request, payload);
        let bytes =
            read_all(request.clone(), RawPayload::from_request(request, payload).into_inner(), MAX_BODY, BODY_WITHIN);
        let request = request.clone();
        Box::pin(async move {
            let actor = actor.await?;
            let body = bytes.await?;
            Ok(Self::taken_apart(&request, actor, body))
        })
    }
}

impl<T> Command<T> {
    fn taken_apart(request: &HttpRequest, actor: Actor, body: Bytes) -> Self {
        Self {
            actor,
            route: format!("{} {}", request.method(), request.path()),
            key: request
                .headers()
                .get("idempotency-key")
                .map(|value| value.to_str().map(str::to_owned).unwrap_or_default()),
            if_match: etag::if_match(request),
            media: is_json(request),
            body,
            shape: PhantomData,
        }
    }
}

/// A file that is sent as it is, with all that a [`Command`] has besides.
pub struct Upload {
    /// Who, with what key, on which version.
    pub command: Command<()>,
    /// What the sender says it is: `text/csv`, without parameters, in lower case.
    pub media: String,
    _place: SemaphorePermit<'static>,
}

impl Upload {
    /// The file.
    pub fn bytes(&self) -> Bytes {
        self.command.body.clone()
    }
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let actor = Actor::from_request(request, payload);
        let bytes =
            read_all(request.clone(), RawPayload::from_request(request, payload).into_inner(), MAX_FILE, FILE_WITHIN);
        let request = request.clone();
        Box::pin(async move {
            let actor = actor.await?;
            let place = FILES.try_acquire().map_err(|_| {
                Problem::new(problem::UNAVAILABLE).detail("other files are being read: send it again in a moment")
            })?;
            let body = bytes.await?;
            let media = media_of(&request);
            Ok(Self { command: Command::taken_apart(&request, actor, body), media, _place: place })
        })
    }
}

/// Reads a body to the end, if it is no longer than `most` bytes.
async fn read_all(
    request: HttpRequest,
    payload: Result<RawPayload, actix_web::Error>,
    most: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    let payload = payload.map_err(|error| Problem::internal(&error))?;
    let announced =
        request.headers().get("content-length").and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(Problem::new(problem::TOO_LARGE));
    }
    // Without an end to it, bodies that never come hold as many connections as anyone likes.
    match tokio::time::timeout(within, payload.to_bytes_limited(most)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Problem::new(problem::MALFORMED).detail("the body ended too soon")),
        Ok(Err(_)) => Err(Problem::new(problem::TOO_LARGE)),
        Err(_elapsed) => Err(Problem::new(problem::MALFORMED).detail("the body took too long to come")),
    }
}

fn media_of(request: &HttpRequest) -> String {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(request: &HttpRequest) -> Result<(), Problem> {
    let media = media_of(request);
    if media == "application/json" || media.ends_with("+json") {
        Ok(())
    } else {
        Err(Problem::new(problem::UNSUPPORTED_MEDIA).errors(vec![FieldError::parameter(
            "Content-Type",
            "not_json",
            "send application/json",
        )]))
    }
}

/// A request with a body that changes nothing: a search. Needs no key; the rest is as in
/// [`Command`].
pub struct Question<T>(Command<T>);

impl<T> std::ops::Deref for Question<T> {
    type Target = Command<T>;
    fn deref(&self) -> &Command<T> {
        &self.0
    }
}

impl<T: 'static> FromRequest for Question<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let command = Command::<T>::from_request(request, payload);
        Box::pin(async move { command.await.map(Self) })
    }
}
