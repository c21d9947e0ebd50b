//! What is told of meetings: ids, counts and codes, never what was said.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::{Event, joined};
use uuid::Uuid;

use super::store::{Attendee, Meeting};
use crate::family::Case;

/// A meeting is to be held.
pub fn planned(case: &Case, meeting: &Meeting, at: DateTime<Utc>) -> Event {
    let more = json!({ "starts_at": meeting.starts_at, "planned_at": at });
    of_meeting("team_around.planned.v1", case, meeting, more)
}

/// A meeting was held; `people` are those who were asked and those who came.
pub fn held(case: &Case, meeting: &Meeting, people: &[Attendee], at: DateTime<Utc>) -> Event {
    let came: Vec<&Attendee> = people.iter().filter(|one| one.attended == Some(true)).collect();
    let mut agencies: Vec<&str> = came.iter().filter_map(|one| one.agency.as_deref()).collect();
    agencies.sort_unstable();
    agencies.dedup();
    let family: Vec<Uuid> = came.iter().filter_map(|one| one.person_id).collect();
    let more = json!({
        "held_at": meeting.starts_at, "recorded_at": at, "invited": people.iter().filter(|one| one.invited).count(),
        "attended": came.len(), "agencies": agencies, "family_attended": family, "decisions": meeting.decisions.len(),
        "next_on": meeting.next_on,
    });
    of_meeting("team_around.held.v1", case, meeting, more)
}

/// A meeting is not held.
pub fn cancelled(case: &Case, meeting: &Meeting) -> Event {
    of_meeting("team_around.cancelled.v1", case, meeting, json!({ "starts_at": meeting.starts_at }))
}

fn of_meeting(kind: &'static str, case: &Case, meeting: &Meeting, more: Value) -> Event {
    let facts = json!({
        "case_id": case.id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
        "meeting_id": meeting.id,
    });
    Event::new(kind, case.id, joined(facts, more))
}
