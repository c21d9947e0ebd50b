//! What other services are told of a check: codes, no words.

use serde_json::{Value, json};
use shared::events::Event;

use super::api::DevelopmentForm;
use super::store::Check;

/// A child's development was checked.
pub fn checked(check: &Check, form: &DevelopmentForm) -> Event {
    let judgements: Vec<Value> =
        form.judgements.iter().map(|one| json!({ "area": one.area, "judgement": one.judgement })).collect();
    let facts = json!({
        "check_id": check.id, "person_ids": [check.person_id], "family_id": check.family_id, "service": check.service,
        "locality": check.locality, "checked_on": check.checked_on, "age_months": check.age_months, "judgements": judgements,
        "corrects": check.corrects, "recorded_at": check.recorded_at,
    });
    Event::new("development.checked.v1", check.person_id, facts)
}
