//! What other services are told of the pathway: days and codes, no names, no words, and no birthday.

use chrono::NaiveDate;
use serde_json::{Value, json};
use shared::events::{self, Event};

use super::store::Membership;

/// A membership's own facts, as both events say them, and more.
fn of(membership: &Membership, more: Value) -> Value {
    let facts = json!({
        "membership_id": membership.id, "person_ids": [membership.person_id], "family_id": membership.family_id,
        "service": membership.service, "locality": membership.locality, "joined_on": membership.joined_on,
    });
    events::joined(facts, more)
}

/// A child joined: how old it was, and for how many whole months more the pathway is for it.
pub fn joined(membership: &Membership, age_months: i16, months_to_go: i16) -> Event {
    let more =
        json!({ "age_months": age_months, "months_to_go": months_to_go, "recorded_at": membership.joined_recorded_at });
    Event::new("pathway.joined.v1", membership.person_id, of(membership, more))
}

/// A child left.
pub fn left(membership: &Membership, on: NaiveDate, because: &str) -> Event {
    let more = json!({ "left_on": on, "because": because });
    Event::new("pathway.left.v1", membership.person_id, of(membership, more))
}
