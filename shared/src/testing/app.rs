//! The service itself, on a free port, over a database of its own.

use std::sync::Arc;

use chrono::TimeDelta;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

use super::token::ISSUER;
use super::{Person, TestDatabase, TokenMaker};
use crate::audit;
use crate::auth::{RevocationFeed, ServiceIdentity, Verifier};
use crate::background::Background;
use crate::clock::Clock;
use crate::code::SharedRules;
use crate::server::{Program, Wiring, listen};

/// A running service under test.
pub struct TestApp {
    /// Where it listens.
    pub url: String,
    /// Its database.
    pub database: TestDatabase,
    /// Makes tokens it believes.
    pub tokens: TokenMaker,
    /// What it believes; a test may teach it revocations.
    pub verifier: Arc<Verifier>,
    /// Its dated rules; a test may teach it which agencies there are. Until then any will do.
    pub rules: SharedRules,
    /// Another process whose service tokens it accepts.
    pub peer: ServiceIdentity,
    /// Its background connections.
    pub background: Background,
    clock: Clock,
    http: reqwest::Client,
}

/// An answer, read to the end.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Reply {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The ETag.
    pub fn etag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// The id at the end of `Location`.
    pub fn id(&self) -> String {
        self.header("location").and_then(|location| location.rsplit('/').next()).expect("a Location").to_owned()
    }

    /// The pointers (or parameters) of the problem's errors, sorted.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.body.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let name = |error: &Value| {
            error.get("pointer").or_else(|| error.get("parameter")).and_then(Value::as_str).map(str::to_owned)
        };
        let mut pointers: Vec<String> = errors.iter().filter_map(name).collect();
        pointers.sort();
        pointers
    }

    /// Holds the status to what was expected, showing the body if it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl TestApp {
    /// Starts the service over a fresh database, with the audit sequencer running.
    pub async fn start(program: &'static Program) -> Self {
        crate::telemetry::start();
        let database = TestDatabase::create(program.roles, program.migrations).await;
        let tokens = TokenMaker::default();
        let (identity, peer) = TokenMaker::services(program.name, "test-peer");
        let clock = Clock::default();
        let redis = std::env::var("THRESHOLD_TEST_REDIS_URL").ok();
        let rules = SharedRules::default();
        let verifier = Arc::new(Verifier::new(ISSUER));
        verifier.learn_keys(&tokens.jwks());
        verifier.learn_revocations(&RevocationFeed::default());
        let background = Background::new(program.name, &database.worker(), redis.as_deref(), clock.clone())
            .and_then(|background| background.acting(&database.web(), rules.clone()))
            .expect("background")
            .believing(verifier.clone());
        rules.refresh(background.pool()).await.expect("rules");
        actix_web::rt::spawn(audit::run_sequencer(background.pool().clone()));
        let wiring = Wiring {
            web_url: database.web(),
            clock: clock.clone(),
            rules: rules.clone(),
            verifier: verifier.clone(),
            identity,
            background: background.clone(),
        };
        let (server, bound) = listen(program, wiring, "127.0.0.1:0").expect("a free port");
        actix_web::rt::spawn(server);
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { url: format!("http://{bound}"), database, tokens, verifier, rules, peer, background, clock, http }
    }

    /// Moves the business clock.
    pub fn advance(&self, by: TimeDelta) {
        self.clock.set_ahead(by);
    }

    /// A request as it is, with whatever headers a test wants.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a body");
        Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    /// Reads as someone.
    pub async fn get(&self, who: &Person, path: &str) -> Reply {
        let bearer = format!("Bearer {}", self.tokens.token(who));
        self.send(Method::GET, path, &[("authorization", &bearer)], None).await
    }

    /// Sends a change as someone, with a fresh key.
    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Reply {
        self.post_with(who, path, &Uuid::now_v7().to_string(), None, body).await
    }

    /// Sends a change of a version someone read, with a fresh key.
    pub async fn post_on(&self, who: &Person, path: &str, etag: &str, body: &Value) -> Reply {
        self.post_with(who, path, &Uuid::now_v7().to_string(), Some(etag), body).await
    }

    /// Sends a change with everything said.
    pub async fn post_with(&self, who: &Person, path: &str, key: &str, etag: Option<&str>, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.tokens.token(who));
        let mut headers =
            vec![("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", "application/json")];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        self.send(Method::POST, path, &headers, Some(body.to_string().into_bytes())).await
    }
}
