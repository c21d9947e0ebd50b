//! Who sits around a family, and when a meeting can be what.

use std::fmt;

use serde::Deserialize;
use shared::actor::Word;
use shared::code::Rules;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

shared::typed_id!(
    /// A meeting of the team around the family.
    MeetingId
);

shared::words! {
    /// Where a meeting stands.
    #[schema(as = TeamAroundStatus)]
    MeetingStatus {
        /// It is to be held.
        Planned = "planned",
        /// It was held.
        Held = "held",
        /// It was not.
        Cancelled = "cancelled",
    }
}

/// Why a meeting can't be recorded or cancelled now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(MeetingStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            MeetingStatus::Planned => "this meeting is planned",
            MeetingStatus::Held => "this meeting has been recorded",
            MeetingStatus::Cancelled => "this meeting was cancelled",
        })
    }
}

/// Only what is planned is held or cancelled.
///
/// # Errors
/// If it is not planned any more.
pub const fn transition(from: MeetingStatus, to: MeetingStatus) -> Result<MeetingStatus, Refused> {
    match (from, to) {
        (MeetingStatus::Planned, MeetingStatus::Held | MeetingStatus::Cancelled) => Ok(to),
        _ => Err(Refused(from)),
    }
}

/// Somebody at the table: someone of the family, of an agency, or of a body that is no agency of the partnership (then
/// name and role alone, the role saying of which).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agency": "greenfield-academy", "name": "Ms A Teacher (invented)", "role": "special needs co-ordinator" }))]
pub struct Seat {
    /// Someone of the family.
    pub person_id: Option<Uuid>,
    /// An agency, one of `GET /v1/agencies`.
    pub agency: Option<Word>,
    /// The name; not with `person_id`.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// What they do there; not with `person_id`.
    #[schema(min_length = 1, max_length = 200)]
    pub role: Option<String>,
}

/// What is said of an agency that is none.
const NAMED_IN_WORDS: &str = "; seat somebody of a body that is none of them by name and role alone";

/// What is wrong with the seats, under `at`; `members` are those of the family.
pub fn seat_errors(seats: &[Seat], members: &[Uuid], rules: &Rules, at: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (seat, n) in seats.iter().zip(0usize..) {
        if let Some(agency) = &seat.agency {
            errors.extend(rules.agency_error(agency.as_str(), format!("{at}/{n}/agency"), NAMED_IN_WORDS));
        }
        let mut add = |field: &str, code: &str, detail: &str| {
            errors.push(FieldError::at(format!("{at}/{n}{field}"), code, detail));
        };
        match (&seat.agency, seat.person_id) {
            (Some(_), None) if seat.name.is_none() => add("/name", "required", "is needed with agency"),
            (Some(_), None) => {}
            (None, Some(person)) => {
                if !members.contains(&person) {
                    add("/person_id", "unknown", "does not belong to the family");
                }
                if seat.name.is_some() || seat.role.is_some() {
                    add("/name", "does_not_fit", "name and role have no place with person_id");
                }
            }
            (None, None) if seat.name.is_some() && seat.role.is_some() => {}
            _ => add("", "does_not_fit", "say either person_id or agency; of a body that is no agency, name and role"),
        }
        if seats.iter().take(n).any(|before| before == seat) {
            add("", "repeated", "is on the list twice");
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_what_is_planned_is_held_or_cancelled() {
        use MeetingStatus as S;
        for from in S::ALL {
            for to in S::ALL {
                let possible = from == S::Planned && to != S::Planned;
                assert_eq!(transition(from, to).is_ok(), possible, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn a_seat_is_the_family_s_or_an_agency_s() {
        let member = Uuid::from_u128(1);
        let none = Seat { person_id: None, agency: None, name: None, role: None };
        let family = Seat { person_id: Some(member), ..none.clone() };
        let agency = Seat { agency: Some("police".parse().unwrap()), name: Some("PC Example".into()), ..none.clone() };
        let pointers = |seats: &[Seat]| -> Vec<String> {
            seat_errors(seats, &[member], &Rules::default(), "/invited")
                .into_iter()
                .filter_map(|error| error.pointer)
                .collect()
        };
        let bank =
            Seat { name: Some("Mr B Banker (invented)".into()), role: Some("of First Bank".into()), ..none.clone() };
        assert!(pointers(&[family.clone(), agency.clone(), bank.clone()]).is_empty());
        assert_eq!(pointers(&[Seat { role: None, ..bank }]), ["/invited/0"]);
        assert_eq!(pointers(std::slice::from_ref(&none)), ["/invited/0"]);
        assert_eq!(pointers(&[family.clone(), family.clone()]), ["/invited/1"]);
        assert_eq!(pointers(&[Seat { name: None, ..agency.clone() }]), ["/invited/0/name"]);
        assert_eq!(pointers(&[Seat { name: Some("x".into()), ..family }]), ["/invited/0/name"]);
        assert_eq!(pointers(&[Seat { person_id: Some(Uuid::from_u128(2)), ..none }]), ["/invited/0/person_id"]);
    }
}
