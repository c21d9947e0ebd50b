//! What the other services are told: ids and codes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::{Event, joined};

use super::store::ShortBreak;

fn of(row: &ShortBreak, kind: &'static str, more: Value) -> Event {
    let all = json!({
        "short_break_id": row.id, "locality": row.locality, "status": row.status, "asked_at": row.asked_at,
        "level": row.level, "hours_per_year": row.hours_per_year, "pounds_per_year": row.pounds_per_year,
    });
    Event::new(kind, row.id, joined(all, more))
}

/// Somebody asked for a short break.
pub fn requested(row: &ShortBreak, person: uuid::Uuid, needs: &[String], agency: &str, due: DateTime<Utc>) -> Event {
    let more = json!({ "person_ids": [person], "needs": needs, "agency": agency, "decision_due_at": due });
    of(row, "short_break.requested.v1", more)
}

/// It was decided.
pub fn decided(row: &ShortBreak, criteria: &[String], at: DateTime<Utc>, due: DateTime<Utc>) -> Event {
    let more = json!({ "criteria": criteria, "decided_at": at, "due_at": due, "in_time": at <= due });
    of(row, "short_break.decided.v1", more)
}

/// It was looked at again, and goes on.
pub fn reviewed(row: &ShortBreak, criteria: &[String], at: DateTime<Utc>, due: Option<DateTime<Utc>>) -> Event {
    let in_time = due.map(|due| at <= due);
    let more = json!({ "criteria": criteria, "reviewed_at": at, "due_at": due, "in_time": in_time });
    of(row, "short_break.reviewed.v1", more)
}

/// It ended, or the request was taken back.
pub fn ended(row: &ShortBreak, at: DateTime<Utc>) -> Event {
    of(row, "short_break.ended.v1", json!({ "ended_at": at }))
}
