//! What a step up to children's social care ends of the work with a family: the open cases that came from
//! the referral, their plans, actions, meetings and clocks. What was done stays in their files, and whoever
//! worked on them goes on seeing it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::domain::Age;
use super::event::Household;
use super::store::step_up::{self, Ended, Person};
use crate::referral::domain::ReferralId;

/// Ends them, and tells the other services. The answer is how many cases there were. Whoever takes the step
/// may see none of them.
///
/// # Errors
/// 500 if the caller does not see the referral.
pub async fn end_cases<T>(
    tx: &mut Write<'_, T>,
    referral: ReferralId,
    who: &Actor,
    because: &str,
    now: DateTime<Utc>,
) -> Result<usize, Problem> {
    let ended = step_up::end_cases(tx, referral, who, because, now).await?;
    for case in &ended {
        tx.publish(closed(case, referral, now)?);
        for action in &case.actions {
            tx.publish(with_case("action.cancelled.v1", action.id, case, &action.facts, json!({ "at": now })));
        }
        for goal in &case.goals {
            tx.publish(with_case("plan.goal_closed.v1", case.case_id, case, goal, json!({ "outcome": "dropped" })));
        }
        for meeting in &case.meetings {
            tx.publish(with_case("team_around.cancelled.v1", case.case_id, case, meeting, json!({})));
        }
    }
    Ok(ended.len())
}

/// As a closure tells of a case.
fn closed(case: &Ended, referral: ReferralId, now: DateTime<Utc>) -> Result<Event, Problem> {
    let people = household(&case.people, now)?;
    let facts = json!({
        "referral_id": referral, "locality": case.locality, "person_ids": people.person_ids,
        "children": people.children, "under_5": people.under_5, "closed_at": now, "outcome": "stepped_up",
        "planned_exit": false, "measured": case.measured, "not_measured_because": (!case.measured).then_some("stepped-up"),
        "family_feedback": false, "case_study_consent": false,
    });
    Ok(with_case("case.closed.v1", case.case_id, case, &facts, json!({})))
}

fn household(people: &[Person], now: DateTime<Utc>) -> Result<Household, Problem> {
    let today = now.local_day();
    let ages = people
        .iter()
        .map(|person| {
            let role = person.role.parse().map_err(|()| Problem::internal(&"unknown role in a family"))?;
            Ok(Age { role, birth_date: person.birth_date, unborn: person.unborn && person.birth_date.is_none() })
        })
        .collect::<Result<Vec<Age>, Problem>>()?;
    Ok(Household {
        person_ids: people.iter().map(|person| person.person_id).collect(),
        children: ages.iter().filter(|age| age.is_child(today)).count(),
        under_5: ages.iter().filter(|age| age.is_under_five(today)).count(),
    })
}

/// An event with what every event of a case's file says.
fn with_case(kind: &'static str, subject: Uuid, case: &Ended, facts: &Value, more: Value) -> Event {
    let mut all = json!({
        "case_id": case.case_id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
    });
    for said in [facts.clone(), more] {
        if let (Value::Object(all), Value::Object(said)) = (&mut all, said) {
            all.extend(said);
        }
    }
    Event::new(kind, subject, all)
}
