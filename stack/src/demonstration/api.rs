//! The gateway's API as the loader of the demonstration uses it.

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::Value;

use crate::error::{Attempt, Error, Result};
use crate::system::plain_client;

/// The API with somebody's token.
pub(super) struct Api {
    issuer: String,
    token: String,
    client: Client,
}

/// A record as it was read, with the version a change of it must name.
pub(super) struct Read {
    pub body: Value,
    etag: String,
}

/// An answer, read to the end.
struct Answer {
    status: StatusCode,
    etag: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    fn refused(&self, what: &str) -> Error {
        Error::new(format!("{what} of the demonstration was refused ({}): {}", self.status, self.text))
    }
}

impl Api {
    pub(super) fn new(issuer: &str, token: String) -> Result<Self> {
        Ok(Self { issuer: issuer.to_owned(), token, client: plain_client()? })
    }

    /// Creates a record, unless it is there.
    pub(super) async fn create(&self, path: &str, record: &Value) -> Result<()> {
        let answer = self.post(path, record, None).await?;
        if answer.status.is_success() || answer.status == StatusCode::CONFLICT {
            return Ok(());
        }
        Err(answer.refused(&format!("POST {path}")))
    }

    /// Sends something and answers what came of it.
    pub(super) async fn send(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.post(path, body, None).await?;
        if answer.status.is_success() { Ok(answer.json()) } else { Err(answer.refused(&format!("POST {path}"))) }
    }

    /// Takes a step on a record, on the version that is read now.
    pub(super) async fn step(&self, record: &str, step: &str, body: &Value) -> Result<()> {
        let read = self.read(record).await?.ok_or_else(|| Error::new(format!("{record} is not there")))?;
        let path = format!("{record}/{step}");
        let answer = self.post(&path, body, Some(&read.etag)).await?;
        if answer.status.is_success() { Ok(()) } else { Err(answer.refused(&format!("POST {path}"))) }
    }

    /// Reads a record; none if it is not there.
    pub(super) async fn read(&self, path: &str) -> Result<Option<Read>> {
        let answer = self.ask(self.client.request(Method::GET, self.address(path))).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => Ok(Some(Read { body: answer.json(), etag: answer.etag })),
            _ => Err(answer.refused(&format!("GET {path}"))),
        }
    }

    async fn post(&self, path: &str, record: &Value, if_match: Option<&str>) -> Result<Answer> {
        let body = record.to_string();
        let mut request = self
            .client
            .post(self.address(path))
            .header("Idempotency-Key", key_of(path, &body))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(etag) = if_match {
            request = request.header(header::IF_MATCH, etag);
        }
        self.ask(request).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Result<Answer> {
        let reached = || format!("reach {}", self.issuer);
        let answer = request.bearer_auth(&self.token).send().await.attempt(reached)?;
        let status = answer.status();
        let etag = answer.headers().get(header::ETAG).and_then(|value| value.to_str().ok());
        let etag = etag.unwrap_or_default().to_owned();
        let text = answer.text().await.attempt(reached)?;
        Ok(Answer { status, etag, text })
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

/// The same for the same content, so that loading again is a replay.
fn key_of(path: &str, body: &str) -> String {
    let hash = digest(&SHA256, format!("{path}\n{body}").as_bytes());
    let (start, _) = hash.as_ref().split_at(16);
    start.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_follows_the_content() {
        assert_eq!(key_of("/v1/teams", "{}"), key_of("/v1/teams", "{}"));
        assert_ne!(key_of("/v1/teams", "{}"), key_of("/v1/users", "{}"));
        assert_eq!(key_of("/v1/teams", "{}").len(), 32);
    }
}
