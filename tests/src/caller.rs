//! Someone who calls the gateway.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use uuid::Uuid;

/// Someone with a token, or nobody.
#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    gateway: String,
    token: Option<String>,
}

/// An answer, read to the end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

impl Answer {
    /// Holds the status to what was expected, showing the body if it is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The ETag.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// The id in the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    /// The items of a page.
    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.body["items"].as_array().expect("a page")
    }
}

impl Caller {
    /// A caller of the gateway at this address.
    pub fn new(gateway: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build().expect("a client");
        Self { http, gateway: gateway.to_owned(), token }
    }

    /// Any request; an error if no answer came.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.gateway));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        self.try_send(method, path, headers, body).await.expect("an answer")
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// Makes something, with a fresh key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, &[("idempotency-key", &Uuid::now_v7().to_string())], Some(body)).await
    }

    /// Sends a file, with a fresh key.
    pub async fn post_file(&self, path: &str, media: &str, content: &str) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.gateway)).body(content.to_owned());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let request = request.header("content-type", media).header("idempotency-key", Uuid::now_v7().to_string());
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    /// Takes a step on a record, on the version it reads now.
    pub async fn step(&self, record: &str, step: &str, body: &Value) -> Answer {
        let etag = self.get(record).await.expect(200).etag();
        let key = Uuid::now_v7().to_string();
        self.send(
            Method::POST,
            &format!("{record}/{step}"),
            &[("idempotency-key", &key), ("if-match", &etag)],
            Some(body),
        )
        .await
    }
}

/// Reads again until the answer satisfies, for at most ten seconds.
///
/// # Panics
/// If it never does; the last answer is shown.
pub async fn until(caller: &Caller, path: &str, satisfied: impl Fn(&Answer) -> bool) -> Answer {
    let mut answer = caller.get(path).await;
    for _ in 0..100 {
        if satisfied(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = caller.get(path).await;
    }
    panic!("not satisfied within ten seconds: {} {}", answer.status, answer.body);
}
