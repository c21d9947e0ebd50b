//! The gateway under test: on free ports, over a database of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::PROGRAM;
use gateway::limit::{Limiter, Limits};
use gateway::peer::TrustedProxies;
use gateway::route::Upstreams;
use gateway::serve::{Wiring, listen, listen_internal, work};
use gateway::token::{Issuer, Keyring};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::auth::{AccessClaims, ServiceIdentity, SigningKey, Verifier};
use shared::background::Background;
use shared::clock::Clock;
use shared::code::SharedRules;
use shared::testing::{Person, TestDatabase, TokenMaker};
use uuid::Uuid;

/// The issuer of the tests; the same as that of `shared::testing`.
pub const ISSUER: &str = "http://threshold.test";
/// Nobody listens here.
pub const NOWHERE: &str = "http://127.0.0.1:9";

pub struct Gateway {
    pub url: String,
    pub internal: String,
    pub database: TestDatabase,
    pub keys: Keyring,
    pub folder: PathBuf,
    pub peer: ServiceIdentity,
    pub http: reqwest::Client,
    key: SigningKey,
}

pub struct Options {
    pub upstream: String,
    pub youth_justice: String,
    pub limits: Limits,
    pub redis: Option<String>,
    pub answer_within: Duration,
    pub issuer: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            upstream: NOWHERE.to_owned(),
            youth_justice: NOWHERE.to_owned(),
            limits: Limits::default(),
            redis: std::env::var("THRESHOLD_TEST_REDIS_URL").ok(),
            answer_within: Duration::from_secs(10),
            issuer: ISSUER,
        }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Reply {
    pub async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Self { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null), text }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().rsplit('#').next().unwrap_or_default()
    }

    pub fn id(&self) -> String {
        self.header("location").unwrap().rsplit('/').next().unwrap().to_owned()
    }

    pub fn pointers(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

/// A new key pair: its PEM, and the key.
pub fn new_key(kid: &str) -> (String, SigningKey) {
    let pair = Ed25519KeyPair::generate().unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    let key = SigningKey::from_pem(kid, &pem).unwrap();
    (pem, key)
}

impl Gateway {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let database = TestDatabase::create(PROGRAM.roles, PROGRAM.migrations).await;
        let folder = std::env::temp_dir().join(format!("gateway-test-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let (pem, key) = new_key("2026-01");
        std::fs::write(folder.join("2026-01.pem"), pem).unwrap();
        let keys = Keyring::open(&folder, Duration::from_millis(600)).unwrap();
        let clock = Clock::default();
        let background = Background::new("gateway", &database.worker(), None, clock.clone()).unwrap();
        let rules = SharedRules::default();
        rules.refresh(background.pool()).await.unwrap();
        let (identity, peer) = TokenMaker::services("gateway", "referral-service");
        let wiring = Wiring {
            web_url: database.web(),
            clock,
            rules,
            verifier: Arc::new(Verifier::new(options.issuer)),
            identity,
            issuer: Issuer { address: options.issuer.to_owned(), keys: keys.clone(), pool: background.pool().clone() },
            limiter: Limiter::new(options.limits, TrustedProxies::default(), options.redis.as_deref()).unwrap(),
            upstreams: Upstreams {
                referral: options.upstream.clone(),
                youth_justice: options.youth_justice,
                performance: options.upstream,
            },
            answer_within: options.answer_within,
        };
        work(&wiring);
        let verifier = wiring.verifier.clone();
        let (internal, within) = listen_internal(&wiring, "127.0.0.1:0").unwrap();
        let (server, bound) = listen(wiring, "127.0.0.1:0").unwrap();
        actix_web::rt::spawn(internal);
        actix_web::rt::spawn(server);
        while !verifier.is_ready() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .build()
            .unwrap();
        let (url, internal) = (format!("http://{bound}"), format!("http://{within}"));
        Self { url, internal, database, keys, folder, peer, http, key }
    }

    /// The claims of a good token.
    pub fn claims(&self, who: &Person) -> AccessClaims {
        TokenMaker::default().claims(who)
    }

    /// A token that this gateway might have made.
    pub fn token(&self, who: &Person) -> String {
        self.key.sign("at+jwt", &self.claims(who)).unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        Reply::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, who: &Person, path: &str) -> Reply {
        self.get_as(&self.token(who), path).await
    }

    pub async fn get_as(&self, token: &str, path: &str) -> Reply {
        self.send(Method::GET, path, &[("authorization", &format!("Bearer {token}"))], None).await
    }

    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Reply {
        self.post_with(who, path, &Uuid::now_v7().to_string(), None, body).await
    }

    pub async fn post_on(&self, who: &Person, path: &str, etag: &str, body: &Value) -> Reply {
        self.post_with(who, path, &Uuid::now_v7().to_string(), Some(etag), body).await
    }

    pub async fn post_with(&self, who: &Person, path: &str, key: &str, etag: Option<&str>, body: &Value) -> Reply {
        let bearer = format!("Bearer {}", self.token(who));
        let mut headers =
            vec![("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", "application/json")];
        headers.extend(etag.map(|etag| ("if-match", etag)));
        self.send(Method::POST, path, &headers, Some(body.to_string().into_bytes())).await
    }

    /// A form, as the token endpoint takes it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        Reply::of(self.http.post(format!("{}{path}", self.url)).form(fields).send().await.unwrap()).await
    }

    /// Agencies, teams and people to work with; the administrator who made them.
    pub async fn county(&self) -> Person {
        let admin = administrator();
        for (code, kind) in [("county-council", "council"), ("greenfield-academy", "school")] {
            self.post(&admin, "/v1/agencies", &json!({ "code": code, "name": code, "kind": kind })).await.expect(201);
        }
        self.post(
            &admin,
            "/v1/teams",
            &json!({ "code": "youth-work", "name": "Youth Work", "agency": "county-council" }),
        )
        .await
        .expect(201);
        admin
    }

    /// A user with the password of these tests.
    pub async fn user(&self, admin: &Person, username: &str) -> Reply {
        let body = json!({ "username": username, "display_name": "Someone", "agency": "county-council",
            "roles": ["referrer"], "password": PASSWORD });
        self.post(admin, "/v1/users", &body).await.expect(201)
    }

    /// A client, and the key it signs with.
    pub async fn client(&self, admin: &Person, client_id: &str) -> (Reply, SigningKey) {
        let (_, key) = new_key(&format!("{client_id}-key"));
        (self.client_with(admin, client_id, &key).await, key)
    }

    /// A client with this key.
    pub async fn client_with(&self, admin: &Person, client_id: &str, key: &SigningKey) -> Reply {
        let body = json!({ "client_id": client_id, "name": "A school's system", "agency": "greenfield-academy",
            "roles": ["referrer"], "jwks": { "keys": [key.jwk()] } });
        self.post(admin, "/v1/clients", &body).await.expect(201)
    }

    /// The revocation feed, as another service reads it.
    pub async fn revocations(&self) -> Value {
        let token = self.peer.token_for("gateway").unwrap();
        let answer = self.http.get(format!("{}/internal/revocations", self.internal)).bearer_auth(token).send().await;
        Reply::of(answer.unwrap()).await.expect(200).body
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub const PASSWORD: &str = "three random words";

pub fn administrator() -> Person {
    Person::new("admin", "county-council", Role::PartnershipAdministrator)
}
