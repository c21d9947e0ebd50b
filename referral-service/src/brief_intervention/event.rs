//! What other services are told of brief interventions: facts for the figures, no names and no words.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use shared::calendar::LocalDay;
use shared::events::{self, Event};
use uuid::Uuid;

use super::domain::{BriefAttendance, BriefContactId};
use super::store::Brief;

/// Its own facts, as every event about it says them, and more.
fn of(brief: &Brief, more: Value) -> Value {
    let facts = json!({
        "intervention_id": brief.id, "kind": brief.kind, "service": brief.service, "locality": brief.locality,
        "referral_id": brief.referral_id, "family_id": brief.family_id, "opened_on": brief.opened_on,
    });
    events::joined(facts, more)
}

/// It was opened.
pub fn opened(brief: &Brief, people: &[Uuid], due_at: DateTime<Utc>) -> Event {
    Event::new("brief.opened.v1", brief.id, of(brief, json!({ "person_ids": people, "due_at": due_at })))
}

/// A contact was recorded.
pub fn contact_recorded(
    brief: &Brief,
    (contact, at, how): (BriefContactId, DateTime<Utc>, &str),
    people: &[(Uuid, BriefAttendance)],
    corrects: Option<BriefContactId>,
) -> Event {
    let people: Vec<Value> =
        people.iter().map(|(person, attendance)| json!({ "person_id": person, "attendance": attendance })).collect();
    let more = json!({ "contact_id": contact, "at": at, "how": how, "attendances": people, "corrects": corrects });
    Event::new("brief.contact_recorded.v1", brief.id, of(brief, more))
}

/// What is told of an end.
pub struct End<'a> {
    /// The day.
    pub on: NaiveDate,
    /// A code of the set `brief_outcome`.
    pub outcome: &'a str,
    /// Whether that is an end as it was meant.
    pub planned: bool,
    /// A code of the set `brief_destination`.
    pub destination: &'a str,
    /// By when it was to end.
    pub due_at: DateTime<Utc>,
    /// How many contacts there were.
    pub contacts: i64,
    /// To how many of them somebody came.
    pub attended: i64,
}

/// It was closed.
pub fn closed(brief: &Brief, end: &End<'_>) -> Event {
    let more = json!({
        "closed_on": end.on, "outcome": end.outcome, "planned": end.planned, "destination": end.destination,
        "due_at": end.due_at, "in_time": end.on <= end.due_at.local_day(), "contacts": end.contacts, "attended": end.attended,
    });
    Event::new("brief.closed.v1", brief.id, of(brief, more))
}
