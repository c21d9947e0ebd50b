//! What other services are told of group work: facts for the figures, no names and no words.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use shared::events::{self, Event};
use uuid::Uuid;

use super::domain::{GroupAttendance, GroupEnrolmentStatus, GroupSessionId};
use super::store::{Group, NewEnrolment, Tally};

/// A group's own facts, as every event about it says them, and more.
fn of(group: &Group, more: Value) -> Value {
    let facts = json!({
        "group_id": group.id, "programme": group.programme, "service": group.service, "locality": group.locality,
    });
    events::joined(facts, more)
}

/// A group was planned.
pub fn planned(group: &Group, at: DateTime<Utc>) -> Event {
    let more = json!({ "capacity": group.capacity, "first_day": group.first_day, "last_day": group.last_day, "planned_at": at });
    Event::new("group.planned.v1", group.id, of(group, more))
}

/// Its plan was changed.
pub fn changed(group: &Group, at: DateTime<Utc>) -> Event {
    let more = json!({ "capacity": group.capacity, "first_day": group.first_day, "last_day": group.last_day, "changed_at": at });
    Event::new("group.changed.v1", group.id, of(group, more))
}

/// A team may enrol in it.
pub fn opened_to(group: &Group, team: &str, at: DateTime<Utc>) -> Event {
    Event::new("group.opened_to_team.v1", group.id, of(group, json!({ "to_service": team, "at": at })))
}

/// Somebody was enrolled, with a place or waiting for one.
pub fn enrolled(group: &Group, new: &NewEnrolment<'_>, at: DateTime<Utc>) -> Event {
    let more = json!({
        "enrolment_id": new.id, "person_ids": [new.person.id], "basis": new.basis, "referral_id": new.referral_id,
        "family_id": new.family_id, "case_id": new.case_id, "status": new.status, "placed_on": new.placed_on, "enrolled_at": at,
    });
    Event::new("group.enrolled.v1", group.id, of(group, more))
}

/// Somebody who waited was given a place.
pub fn placed(group: &Group, enrolment: impl Into<Uuid>, on: NaiveDate) -> Event {
    Event::new("group.placed.v1", group.id, of(group, json!({ "enrolment_id": enrolment.into(), "placed_on": on })))
}

/// Somebody left before the end.
pub fn withdrawn(group: &Group, enrolment: impl Into<Uuid>, because: &str, on: NaiveDate) -> Event {
    let more = json!({ "enrolment_id": enrolment.into(), "because": because, "ended_on": on });
    Event::new("group.withdrawn.v1", group.id, of(group, more))
}

/// A line of a register, as its event says it.
pub struct Line {
    /// Whose.
    pub enrolment: Uuid,
    /// Whether they came.
    pub attendance: GroupAttendance,
    /// Whether it takes the place of another line.
    pub correction: bool,
}

/// The register of a session was taken, or corrected.
pub fn register_taken(
    group: &Group,
    (session, held_on): (GroupSessionId, NaiveDate),
    lines: &[Line],
    at: DateTime<Utc>,
) -> Event {
    let lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({ "enrolment_id": line.enrolment, "attendance": line.attendance, "correction": line.correction })
        })
        .collect();
    let more = json!({ "session_id": session, "held_on": held_on, "attendances": lines, "recorded_at": at });
    Event::new("group.attendance_recorded.v1", group.id, of(group, more))
}

/// A session is held on another day.
pub fn session_moved(
    group: &Group,
    session: GroupSessionId,
    (from, to): (NaiveDate, NaiveDate),
    because: &str,
) -> Event {
    let more = json!({ "session_id": session, "moved_from": from, "held_on": to, "because": because });
    Event::new("group.session_moved.v1", group.id, of(group, more))
}

/// A session was called off.
pub fn session_cancelled(group: &Group, session: GroupSessionId, held_on: NaiveDate, because: &str) -> Event {
    let more = json!({ "session_id": session, "held_on": held_on, "because": because });
    Event::new("group.session_cancelled.v1", group.id, of(group, more))
}

/// The group ended as it was meant to, with what became of everyone.
pub fn finished(
    group: &Group,
    on: NaiveDate,
    tallies: &[Tally],
    outcomes: &[(Uuid, GroupEnrolmentStatus)],
    at_least_percent: i16,
) -> Event {
    let ended: Vec<Value> = tallies
        .iter()
        .zip(outcomes)
        .map(|(tally, (enrolment, outcome))| {
            json!({ "enrolment_id": enrolment, "outcome": outcome, "attended": tally.attended, "expected": tally.expected })
        })
        .collect();
    let more = json!({ "finished_on": on, "enrolments": ended, "at_least_percent": at_least_percent });
    Event::new("group.finished.v1", group.id, of(group, more))
}

/// The group was called off.
pub fn cancelled(group: &Group, because: &str, on: NaiveDate) -> Event {
    Event::new("group.cancelled.v1", group.id, of(group, json!({ "because": because, "cancelled_on": on })))
}
