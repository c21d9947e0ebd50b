//! What is told of a case that ended: ids and codes.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::{Event, joined};

use super::domain::Closure;
use crate::family::CaseId;

/// A case was closed; `facts` is what every event of a case says.
pub fn closed(case: CaseId, facts: Value, closure: &Closure, measured: bool, at: DateTime<Utc>) -> Event {
    let more = json!({
        "closed_at": at, "outcome": closure.outcome, "planned_exit": closure.exit_plan.is_some(), "measured": measured,
        "not_measured_because": closure.not_measured_because, "family_feedback": closure.family_feedback.is_some(),
        "case_study_consent": closure.without_the_service.as_ref().is_some_and(|said| said.case_study_consent),
    });
    Event::new("case.closed.v1", case, joined(facts, more))
}
