//! What is told of plans and actions.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use shared::calendar::LocalDay;
use shared::events::{Event, joined};

use super::store::Action;
use crate::family::Case;

/// An event about an action, with what every such event carries and what this one adds.
pub fn of_action(kind: &'static str, action: &Action, more: Value) -> Event {
    let facts = json!({
        "action_id": action.id, "case_id": action.case_id, "family_id": action.family_id, "case_type": action.case_type,
        "team": action.team, "locality": action.locality, "owner_kind": action.owner_kind, "agency": action.owner_agency,
        "due_on": action.due_on, "proposed_at": action.proposed_at, "status": action.status,
    });
    Event::new(kind, action.id, joined(facts, more))
}

/// An event about a plan.
pub fn of_plan(kind: &'static str, case: &Case, more: Value) -> Event {
    let facts = json!({
        "case_id": case.id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
    });
    Event::new(kind, case.id, joined(facts, more))
}

/// Whether something was done by the end of the day it was due on.
pub fn in_time(due_on: NaiveDate, at: DateTime<Utc>) -> bool {
    at.local_day() <= due_on
}
