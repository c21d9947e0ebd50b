//! What other services are told of the pathway: days and codes, no names, no words, and no birthday.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use shared::events::Event;

use super::store::Membership;

/// A membership's own facts, as both events say them, and more.
fn of(membership: &Membership, more: Value) -> Value {
    let mut facts = Map::from_iter([
        ("membership_id".to_owned(), json!(membership.id)),
        ("person_ids".to_owned(), json!([membership.person_id])),
        ("family_id".to_owned(), json!(membership.family_id)),
        ("service".to_owned(), json!(membership.service)),
        ("locality".to_owned(), json!(membership.locality)),
        ("joined_on".to_owned(), json!(membership.joined_on)),
    ]);
    if let Value::Object(more) = more {
        facts.extend(more);
    }
    Value::Object(facts)
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
