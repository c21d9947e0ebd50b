//! What the other services are told: ids and codes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::Event;
use uuid::Uuid;

use super::store::agreement::Agreement;
use super::store::family::Family;
use super::store::list::{Forgotten, List};

/// An agreement was reviewed that was to be by then.
pub fn reviewed(agreement: &Agreement, at: DateTime<Utc>, due_at: DateTime<Utc>) -> Event {
    let facts = json!({
        "agreement_id": agreement.id, "agency": agreement.agency, "reviewed_at": at, "due_at": due_at,
        "in_time": at <= due_at, "review_on": agreement.review_on,
    });
    Event::new("partner_list.agreement_reviewed.v1", agreement.id, facts)
}

/// A list came.
pub fn received(list: &List) -> Event {
    let facts = json!({
        "list_id": list.id, "agreement_id": list.agreement_id, "agency": list.agency, "drawn_on": list.drawn_on,
        "received_at": list.received_at, "rows": list.row_count, "taken_rows": list.taken_rows,
        "families": list.family_count,
    });
    Event::new("partner_list.received.v1", list.id, facts)
}

/// A family stands on a list.
pub fn found(family: Uuid, list: &List, standing: &str, reasons: &[&str]) -> Event {
    let facts = json!({
        "partner_family_id": family, "list_id": list.id, "agency": list.agency, "found_at": list.received_at,
        "standing": standing, "reasons": reasons,
    });
    Event::new("partner_list.family_found.v1", family, facts)
}

fn of_family(family: &Family, more: Value) -> Value {
    let mut all = json!({
        "partner_family_id": family.id, "list_id": family.list_id, "agency": family.agency, "standing": family.standing,
        "offer": family.offer,
    });
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

/// An officer decided who somebody in a family is.
pub fn decided(family: &Family, at: DateTime<Utc>) -> Event {
    Event::new("partner_list.family_decided.v1", family.id, of_family(family, json!({ "decided_at": at })))
}

/// The offer of help to a family moved on.
pub fn offer(family: &Family, at: DateTime<Utc>, due_at: Option<DateTime<Utc>>) -> Event {
    let more = json!({ "at": at, "due_at": due_at, "referral_id": family.referral_id });
    Event::new("partner_list.offer_changed.v1", family.id, of_family(family, more))
}

/// The families of a list were forgotten.
pub fn forgotten(list: &Forgotten, at: DateTime<Utc>) -> Event {
    let facts = json!({
        "list_id": list.list_id, "agency": list.agency, "families": list.families, "deleted_at": at,
    });
    Event::new("partner_list.deleted.v1", list.list_id, facts)
}
