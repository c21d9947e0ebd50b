//! Who steps a referral up or down, and what must be said of it.

use chrono::NaiveDate;
use shared::code::Rules;
use shared::problem::FieldError;

use super::api::Step;
use crate::referral::Happening;
use crate::referral::step_up::ACUTE;

shared::words! {
    /// Which way a referral goes.
    #[schema(as = StepDirection)]
    Direction {
        /// Up to children's social care.
        Up = "up",
        /// Down from it, to the hub of the family's district.
        Down = "down",
        /// Social care ends its work and nothing is to follow.
        End = "end",
    }
}

impl Direction {
    /// What it does to the referral.
    pub const fn happening(self) -> Happening {
        match self {
            Direction::Up => Happening::SteppedUp,
            Direction::Down => Happening::SteppedDown,
            Direction::End => Happening::EndedBySocialCare,
        }
    }

    /// What the referrer's feedback calls it.
    pub const fn about(self) -> &'static str {
        match self {
            Direction::Up => "stepped_up",
            Direction::Down => "stepped_down",
            Direction::End => "social_care_ended",
        }
    }

    /// What the referrer is told, unless it is said better.
    pub const fn told(self) -> &'static str {
        match self {
            Direction::Up => "Your referral was passed to children's social care.",
            Direction::Down => {
                "Children's social care has ended its part. The early help hub of the family's district decides what follows."
            }
            Direction::End => "Children's social care has ended its work with the family.",
        }
    }
}

/// In which capacity somebody takes the step, out of the scopes in which they hold the referral whole;
/// none if in none of them. `hub` is the scope of the family's district, `at_work` those of the teams
/// that are asked to help or do.
pub fn capacity(direction: Direction, held: &[String], hub: Option<&str>, at_work: &[String]) -> Option<String> {
    let may = |scope: &&String| match direction {
        Direction::Up => *scope == "front-door" || hub.is_some_and(|hub| *scope == hub) || at_work.contains(*scope),
        // First Response says it for social care.
        Direction::Down | Direction::End => *scope == "front-door",
    };
    // `front-door` before `hub:…` before `team:…`: the widest first.
    held.iter().filter(may).min().cloned()
}

/// What a schema can't state of a step, of a referral whose district is `known` or not.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check(step: &Step, known: Option<&str>, rules: &Rules, today: NaiveDate) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let down = step.direction == Direction::Down;
    let up = step.direction == Direction::Up;
    match step.level_of_need {
        Some(level) if up != (level == ACUTE) => {
            let detail =
                if up { "a step up is to level 4" } else { "level 4 is social care's: it would not end there" };
            errors.push(FieldError::at("/level_of_need", "does_not_fit", detail));
        }
        None if down => {
            errors.push(FieldError::at("/level_of_need", "required", "is needed: which level of need is left?"));
        }
        _ => {}
    }
    match &step.locality {
        Some(_) if !down => {
            errors.push(FieldError::at("/locality", "does_not_fit", "has a place only with a step down"));
        }
        Some(locality) if !rules.has_code("locality", locality.as_str(), today) => {
            errors.push(FieldError::at(
                "/locality",
                "unknown_code",
                "is no district; GET /v1/codes/locality lists them",
            ));
        }
        None if down && known.is_none() => {
            errors.push(FieldError::at("/locality", "required", "is needed: the hub of which district?"));
        }
        _ => {}
    }
    match &step.social_care_did {
        Some(_) if up => {
            errors.push(FieldError::at("/social_care_did", "does_not_fit", "social care has not begun"));
        }
        None if !up => {
            errors.push(FieldError::at("/social_care_did", "required", "is needed: what did social care do?"));
        }
        _ => {}
    }
    if down && step.social_care_reference.is_none() {
        let detail = "is needed: social care's own reference of the case";
        errors.push(FieldError::at("/social_care_reference", "required", detail));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_way_has_those_who_may_go_it() {
        let held = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
        let at_work = held(&["team:youth-work"]);
        let hub = Some("hub:charnwood");
        for (scopes, up, down) in [
            (vec!["front-door"], Some("front-door"), Some("front-door")),
            (vec!["hub:charnwood"], Some("hub:charnwood"), None),
            (vec!["hub:melton"], None, None),
            (vec!["team:youth-work"], Some("team:youth-work"), None),
            (vec!["team:childrens-centre"], None, None),
            (vec!["team:youth-work", "hub:charnwood", "front-door"], Some("front-door"), Some("front-door")),
            (vec![], None, None),
        ] {
            let scopes = held(&scopes);
            assert_eq!(capacity(Direction::Up, &scopes, hub, &at_work).as_deref(), up, "{scopes:?}");
            assert_eq!(capacity(Direction::Down, &scopes, hub, &at_work).as_deref(), down, "{scopes:?}");
            assert_eq!(capacity(Direction::End, &scopes, hub, &at_work).as_deref(), down, "{scopes:?}");
        }
    }

    #[test]
    fn a_direction_survives_its_text() {
        for direction in [Direction::Up, Direction::Down, Direction::End] {
            assert_eq!(direction.as_str().parse(), Ok(direction));
        }
    }
}
