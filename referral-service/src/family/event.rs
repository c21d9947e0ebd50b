//! What is told of families and cases: ids and coded facts.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use shared::events::{Event, joined};
use uuid::Uuid;

use super::store::case::Case;
use super::store::member::Member;
use super::store::problem::Evidence;

/// The people of a family as figures count them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Household {
    /// Everyone.
    pub person_ids: Vec<Uuid>,
    /// How many are under 18.
    pub children: usize,
    /// How many are under 5.
    pub under_5: usize,
}

/// The members on a day, counted.
pub fn household(members: &[Member], on: NaiveDate) -> Household {
    Household {
        person_ids: members.iter().map(|member| member.person_id).collect(),
        children: members.iter().filter(|member| member.age().is_child(on)).count(),
        under_5: members.iter().filter(|member| member.age().is_under_five(on)).count(),
    }
}

/// The facts every event of a case carries, with what this one adds.
pub fn of_case(case: &Case, locality: Option<&str>, household: &Household, more: Value) -> Value {
    let facts = json!({
        "case_id": case.id, "family_id": case.family_id, "referral_id": case.referral_id,
        "case_type": case.case_type, "team": case.team, "locality": locality,
        "person_ids": household.person_ids, "children": household.children, "under_5": household.under_5,
    });
    joined(facts, more)
}

/// That evidence of a headline problem was noted.
pub fn problem_noted(row: &Evidence, locality: Option<&str>) -> Event {
    let facts = json!({ "family_id": row.family_id, "problem": row.code, "person_id": row.person_id, "source": row.source,
        "noted_on": row.noted_on, "locality": locality });
    Event::new("family.problem_noted.v1", row.family_id, facts)
}
