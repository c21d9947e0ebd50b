//! The gateway's API as the loader of the demonstration uses it.

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::error::{Attempt, Error, Result};
use crate::system::plain_client;

/// The API with an administrator's token.
pub(super) struct Api {
    issuer: String,
    token: String,
    client: Client,
}

impl Api {
    pub(super) fn new(issuer: &str, token: String) -> Result<Self> {
        Ok(Self { issuer: issuer.to_owned(), token, client: plain_client()? })
    }

    /// Creates a record, unless it is there.
    pub(super) async fn create(&self, path: &str, record: &Value) -> Result<()> {
        let body = record.to_string();
        let answer = self
            .client
            .post(format!("{}{path}", self.issuer))
            .bearer_auth(&self.token)
            .header("Idempotency-Key", key_of(path, &body))
            .header("Content-Type", "application/json")
            .body(body)
            .send()
            .await
            .attempt(|| format!("reach {}", self.issuer))?;
        let status = answer.status();
        if status.is_success() || status == StatusCode::CONFLICT {
            return Ok(());
        }
        let said = answer.text().await.unwrap_or_default();
        Err(Error::new(format!("POST {path} of the demonstration was refused ({status}): {said}")))
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
