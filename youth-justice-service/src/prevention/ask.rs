//! Asking referral-service, which owns the allocation, under the rights of the user who asks.

use serde::Deserialize;
use serde_json::Value;
use shared::actor::Actor;
use shared::client::OnBehalf;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::domain::{PreventionCaseId, Status, Step};

/// What is asked.
pub struct Ask {
    /// The step it is about.
    pub step: Step,
    /// The last part of its address at referral-service.
    pub address: &'static str,
    /// What is said.
    pub body: Value,
    /// Names this ask and no other, so that asking again does it once.
    pub key: String,
}

impl Ask {
    /// To accept.
    pub fn acceptance(case: PreventionCaseId) -> Self {
        let key = format!("prevention-case-{case}-acceptance");
        Self { step: Step::Accept, address: "acceptance", body: serde_json::json!({}), key }
    }

    /// To decline. The key holds what was said, so that other words are another ask.
    pub fn decline(case: PreventionCaseId, fingerprint: &[u8], reason: &str) -> Self {
        let key = format!("prevention-case-{case}-decline-{}", hex(fingerprint));
        Self { step: Step::Refuse, address: "decline", body: serde_json::json!({ "reason": reason }), key }
    }

    /// To close. The key holds what was said, so that other words are another ask.
    pub fn closure(case: PreventionCaseId, fingerprint: &[u8], outcome: &str, summary: &str) -> Self {
        let key = format!("prevention-case-{case}-closure-{}", hex(fingerprint));
        let body = serde_json::json!({ "outcome": outcome, "summary": summary });
        Self { step: Step::Close, address: "closure", body, key }
    }
}

/// The first 16 bytes in hexadecimal: a key has at most 128 characters.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What referral-service answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done: now, or when this very ask was first made.
    Agreed,
    /// It isn't, because the allocation stands elsewhere.
    Stands {
        /// Where.
        status: Status,
        /// With what outcome, if it is closed.
        outcome: Option<String>,
    },
}

/// An allocation as referral-service shows it.
#[derive(Deserialize)]
struct Allocation {
    status: String,
    outcome: Option<String>,
}

/// How often an ask is made before its caller is told to send the request again.
const TRIES: u32 = 2;

/// Asks, and asks once more with the same key if the answer was lost or the allocation had
/// changed between reading and asking.
///
/// # Errors
/// 503 if referral-service is away or its answers are lost: it is then not known whether it was
/// done. Its own refusal, if that is not explained by where the allocation stands.
pub async fn ask(owner: &OnBehalf, actor: &Actor, allocation: Uuid, ask: &Ask) -> Result<Answer, Problem> {
    let address = format!("/v1/allocations/{allocation}");
    let mut tries = 0;
    loop {
        tries += 1;
        let (_, etag) = owner.get::<Allocation>(actor, &address).await?;
        let path = format!("{address}/{}", ask.address);
        let refusal = match owner.post(actor, &path, &ask.key, etag.as_deref(), &ask.body).await {
            Ok(()) => return Ok(Answer::Agreed),
            Err(refusal) => refusal,
        };
        let kind = refusal.kind();
        if kind == problem::CONFLICT || kind == problem::STALE {
            let (seen, _) = owner.get::<Allocation>(actor, &address).await?;
            let stands = Status::of_allocation(&seen.status).filter(|status| status.transition(ask.step).is_err());
            if let Some(status) = stands {
                return Ok(Answer::Stands { status, outcome: seen.outcome });
            }
        }
        let worth_it = kind == problem::UNAVAILABLE || kind == problem::STALE;
        if !worth_it || tries >= TRIES {
            return Err(refusal);
        }
    }
}
