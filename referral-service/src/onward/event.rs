//! What the other services are told: ids and codes, never what was shared.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::{Event, joined};
use uuid::Uuid;

use super::store::{Disclosure, FollowUpRow, NewFollowUp, Row};
use crate::referral::follow_up::FollowUpAnswer;

/// What every one of them says.
fn facts(row: &Row, more: Value) -> Value {
    let all = json!({
        "onward_referral_id": row.id, "referral_id": row.referral_id, "service_id": row.service_id, "status": row.status,
        "locality": row.locality,
    });
    joined(all, more)
}

/// A family was passed on.
pub fn sent(row: &Row, disclosure: &Disclosure, due: DateTime<Utc>) -> Event {
    let more = json!({
        "sent_at": row.sent_at, "answer_due_at": due, "expires_at": row.expires_at,
        "basis": disclosure.basis, "fields": disclosure.fields, "warnings": disclosure.warnings,
        "person_ids": disclosure.people,
    });
    Event::new("onward_referral.sent.v1", row.id, facts(row, more))
}

/// A new link was made for it.
pub fn sent_again(row: &Row, at: DateTime<Utc>, due: Option<DateTime<Utc>>) -> Event {
    let more = json!({ "sent_again_at": at, "answer_due_at": due, "expires_at": row.expires_at });
    Event::new("onward_referral.sent_again.v1", row.id, facts(row, more))
}

/// The service answered, or nobody waits for its answer any more.
pub fn answered(row: &Row, at: DateTime<Utc>, due: DateTime<Utc>) -> Event {
    let more = json!({
        "answered_at": at, "due_at": due, "in_time": at <= due, "by": row.answered_by,
    });
    Event::new("onward_referral.answered.v1", row.id, facts(row, more))
}

/// What came of it was said.
pub fn outcome(row: &Row, by: &str) -> Event {
    let more = json!({ "outcome": row.outcome, "outcome_on": row.outcome_on, "by": by });
    Event::new("onward_referral.outcome_recorded.v1", row.id, facts(row, more))
}

/// It was taken back.
pub fn withdrawn(row: &Row, at: DateTime<Utc>) -> Event {
    Event::new("onward_referral.withdrawn.v1", row.id, facts(row, json!({ "withdrawn_at": at })))
}

/// Its link ended unanswered.
pub fn expired(row: &Row) -> Event {
    Event::new("onward_referral.expired.v1", row.id, facts(row, json!({ "expired_at": row.expires_at })))
}

fn of_follow_up(row: &Row, id: Uuid, more: Value) -> Value {
    let all = json!({
        "follow_up_id": id, "after": "onward_referral", "onward_referral_id": row.id, "referral_id": row.referral_id,
        "locality": row.locality,
    });
    joined(all, more)
}

/// The family will be asked how it is.
pub fn follow_up_scheduled(row: &Row, it: &NewFollowUp) -> Event {
    let more = json!({ "months": it.months, "due_at": it.due_at, "started_on": it.started_on });
    Event::new("follow_up.scheduled.v1", it.id, of_follow_up(row, it.id, more))
}

/// The family was asked how it is.
pub fn follow_up_answered(row: &Row, it: &FollowUpRow, heard: &FollowUpAnswer, at: DateTime<Utc>) -> Event {
    let more = heard.facts(it.months, it.due_at, at);
    Event::new("follow_up.answered.v1", it.id, of_follow_up(row, it.id, more))
}

/// The family will not be asked.
pub fn follow_up_cancelled(row: &Row, id: Uuid, at: DateTime<Utc>) -> Event {
    Event::new("follow_up.cancelled.v1", id, of_follow_up(row, id, json!({ "cancelled_at": at })))
}

/// By whom something was answered.
pub const BY_LINK: &str = "link";
/// By a worker who was told.
pub const BY_WORKER: &str = "worker";

/// The scope of a link.
pub fn scope_of(link: Uuid) -> String {
    format!("user:{link}")
}
