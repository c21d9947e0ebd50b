//! Calls to the other processes: with time limits, the trace, and the right token.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::actor::Actor;
use crate::auth::ServiceIdentity;
use crate::problem::{self, Problem, ProblemDocument};

/// How long a call may take in all.
const WHOLE: Duration = Duration::from_secs(5);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_millis(800);

/// A client with the time limits that hold between processes.
///
/// # Errors
/// If it can't be built.
pub fn http() -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| error.to_string())
}

/// Another process, called on this process's own account at `/internal/*`.
#[derive(Clone)]
pub struct Peer {
    name: &'static str,
    url: String,
    http: reqwest::Client,
    identity: ServiceIdentity,
}

impl Peer {
    /// The process `name` at `url`.
    ///
    /// # Errors
    /// If the client can't be built.
    pub fn new(name: &'static str, url: &str, identity: ServiceIdentity) -> Result<Self, String> {
        Ok(Self { name, url: url.trim_end_matches('/').to_owned(), http: http()?, identity })
    }

    /// Which process it is.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Reads an `/internal/*` address.
    ///
    /// # Errors
    /// One line naming the process and what it answered.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let token = self.identity.token_for(self.name)?;
        let response = self
            .http
            .get(format!("{}{path}", self.url))
            .bearer_auth(token)
            .send()
            .await
            .map_err(|error| format!("{}: {error}", self.name))?;
        if !response.status().is_success() {
            return Err(format!("{} answered {}", self.name, response.status()));
        }
        response.json().await.map_err(|error| format!("{}: {error}", self.name))
    }
}

/// Another process, called under the rights of the user who asks.
#[derive(Clone)]
pub struct OnBehalf {
    name: &'static str,
    url: String,
    http: reqwest::Client,
}

impl OnBehalf {
    /// The process `name` at `url`.
    ///
    /// # Errors
    /// If the client can't be built.
    pub fn new(name: &'static str, url: &str) -> Result<Self, String> {
        Ok(Self { name, url: url.trim_end_matches('/').to_owned(), http: http()? })
    }

    /// Sends a change. `key` must be the same whenever the same change is sent again.
    ///
    /// # Errors
    /// The other process's own refusal; 503 if it is away or gave no usable answer.
    pub async fn post<B: Serialize>(
        &self,
        actor: &Actor,
        path: &str,
        key: &str,
        if_match: Option<&str>,
        body: &B,
    ) -> Result<(), Problem> {
        let mut request = self
            .http
            .post(format!("{}{path}", self.url))
            .bearer_auth(&actor.bearer)
            .header("idempotency-key", key)
            .json(body);
        if let Some(etag) = if_match {
            request = request.header("if-match", etag);
        }
        request = traced(request, actor);
        let response = request.send().await.map_err(|error| self.away(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        if status.is_server_error() || status == StatusCode::UNAUTHORIZED {
            return Err(self.away(&status));
        }
        let told: Option<ProblemDocument> = response.json().await.ok();
        let kind = problem::KINDS
            .iter()
            .find(|kind| told.as_ref().is_some_and(|told| told.kind.ends_with(&format!("#{}", kind.code))))
            .copied()
            .unwrap_or(problem::CONFLICT);
        let refusal = Problem::new(kind);
        Err(match told.and_then(|told| told.detail) {
            Some(detail) => refusal.detail(detail),
            None => refusal,
        })
    }

    /// Reads something as the user.
    ///
    /// # Errors
    /// 404 if the user may not see it; 503 if the process is away.
    pub async fn get<T: DeserializeOwned>(&self, actor: &Actor, path: &str) -> Result<(T, Option<String>), Problem> {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&actor.bearer);
        let response = traced(request, actor).send().await.map_err(|error| self.away(&error))?;
        match response.status() {
            status if status.is_success() => {
                let etag = response.headers().get("etag").and_then(|v| v.to_str().ok()).map(str::to_owned);
                Ok((response.json().await.map_err(|error| self.away(&error))?, etag))
            }
            StatusCode::NOT_FOUND => Err(Problem::not_found()),
            StatusCode::FORBIDDEN => Err(Problem::new(problem::NOT_ALLOWED)),
            status => Err(self.away(&status)),
        }
    }

    fn away(&self, cause: &dyn std::fmt::Display) -> Problem {
        tracing::warn!(service = self.name, cause = %cause, "service away");
        Problem::new(problem::UNAVAILABLE).detail(format!("{} is not answering", self.name))
    }
}

/// The request within the trace of whoever asked.
fn traced(request: reqwest::RequestBuilder, actor: &Actor) -> reqwest::RequestBuilder {
    match &actor.trace {
        Some(trace) => {
            let span = uuid::Uuid::new_v4().as_u64_pair().1;
            request.header("traceparent", format!("00-{trace}-{span:016x}-01"))
        }
        None => request,
    }
}
