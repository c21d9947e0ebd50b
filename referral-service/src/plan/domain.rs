//! What may happen to an action and to a goal, and whose an action is.

use std::fmt;

use chrono::NaiveDate;
use serde::Deserialize;
use shared::actor::Word;
use shared::id::UserId;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

shared::typed_id!(
    /// A plan.
    PlanId
);
shared::typed_id!(
    /// A goal of a plan.
    GoalId
);
shared::typed_id!(
    /// An action.
    ActionId
);

shared::words! {
    /// Where an action stands.
    ActionStatus {
        /// Somebody has been asked.
        Proposed = "proposed",
        /// They have said that they will.
        Accepted = "accepted",
        /// They have said that they will not.
        Declined = "declined",
        /// It has been done.
        Completed = "completed",
        /// It is not wanted any more.
        Cancelled = "cancelled",
    }
}

impl ActionStatus {
    /// Whether nothing more can happen to it.
    pub const fn is_ended(self) -> bool {
        matches!(self, ActionStatus::Declined | ActionStatus::Completed | ActionStatus::Cancelled)
    }
}

/// What happens to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Whoever was asked will do it.
    Accept,
    /// They will not.
    Decline,
    /// It has been done.
    Complete,
    /// The team wants it no more.
    Cancel,
}

/// Why that can't happen to the action now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(ActionStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ActionStatus::Proposed => "this action has not been accepted",
            ActionStatus::Accepted => "this action has been accepted already",
            ActionStatus::Declined => "this action has been declined",
            ActionStatus::Completed => "this action has been completed",
            ActionStatus::Cancelled => "this action was cancelled",
        })
    }
}

/// Where an action stands after a step.
///
/// # Errors
/// If the step can't be taken from there.
pub const fn transition(from: ActionStatus, step: Step) -> Result<ActionStatus, Refused> {
    match (from, step) {
        (ActionStatus::Proposed, Step::Accept) => Ok(ActionStatus::Accepted),
        (ActionStatus::Proposed, Step::Decline) => Ok(ActionStatus::Declined),
        (ActionStatus::Proposed | ActionStatus::Accepted, Step::Complete) => Ok(ActionStatus::Completed),
        (ActionStatus::Proposed | ActionStatus::Accepted, Step::Cancel) => Ok(ActionStatus::Cancelled),
        (status, _) => Err(Refused(status)),
    }
}

shared::words! {
    /// How a goal ended.
    GoalOutcome {
        /// It was reached.
        Achieved = "achieved",
        /// A part of it was.
        PartlyAchieved = "partly_achieved",
        /// It was not.
        NotAchieved = "not_achieved",
        /// It is not aimed at any more.
        Dropped = "dropped",
    }
}

/// Whose an action is: exactly one of an agency, a worker, someone of the family, and a body that is no agency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agency": "district-charnwood" }))]
pub struct OwnerForm {
    /// Another agency, one of `GET /v1/agencies`: its people and systems answer at `/v1/actions`.
    pub agency: Option<Word>,
    /// A worker.
    pub user_id: Option<UserId>,
    /// The worker's name; with `user_id`.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Someone of the family.
    pub person_id: Option<Uuid>,
    /// A body that is no agency of the partnership, in words: a bank, a benefits office. The case's team records its
    /// answer.
    #[schema(min_length = 1, max_length = 200)]
    pub other: Option<String>,
}

/// What is said of an owner that is no agency.
pub const NAMED_IN_WORDS: &str = "; name a body that is none of them (a bank, a benefits office) in owner.other";

/// Whose an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Another agency's.
    Agency(String),
    /// A worker's.
    Worker(Uuid, String),
    /// The family's own: this member's.
    Family(Uuid),
    /// That of a body which is no agency of the partnership.
    Other(String),
}

impl Owner {
    /// As tables spell the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Owner::Agency(_) => "agency",
            Owner::Worker(..) => "worker",
            Owner::Family(_) => "family",
            Owner::Other(_) => "other",
        }
    }

    /// From a form.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(form: &OwnerForm) -> Result<Self, FieldError> {
        let wrong = |at: &str, code, detail| Err(FieldError::at(at, code, detail));
        match (&form.agency, form.user_id, form.person_id, &form.other) {
            (Some(_) | None, None, None, None) | (None, None, Some(_), None) | (None, None, None, Some(_))
                if form.name.is_some() =>
            {
                wrong("/owner/name", "does_not_fit", "has a place only with user_id")
            }
            (Some(agency), None, None, None) => Ok(Owner::Agency(agency.as_str().to_owned())),
            (None, Some(user), None, None) => match &form.name {
                Some(name) => Ok(Owner::Worker(user.0, name.clone())),
                None => wrong("/owner/name", "required", "is needed with user_id"),
            },
            (None, None, Some(person), None) => Ok(Owner::Family(person)),
            (None, None, None, Some(body)) => Ok(Owner::Other(body.clone())),
            _ => wrong("/owner", "does_not_fit", "say one of agency, user_id, person_id and other"),
        }
    }
}

/// What is wrong with the day by which something is to be done.
pub fn due_error(due_on: NaiveDate, today: NaiveDate) -> Option<FieldError> {
    (due_on < today).then(|| FieldError::at("/due_on", "in_the_past", "is past already"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_six_of_the_twenty_pairs_are_possible() {
        use ActionStatus as S;
        let mut possible = 0;
        for from in S::ALL {
            for step in [Step::Accept, Step::Decline, Step::Complete, Step::Cancel] {
                match transition(from, step) {
                    Ok(to) => {
                        possible += 1;
                        assert!(!from.is_ended(), "{from:?} has ended");
                        assert_ne!(from, to);
                    }
                    Err(refused) => assert_eq!(refused, Refused(from)),
                }
            }
        }
        assert_eq!(possible, 6);
    }

    #[test]
    fn an_action_has_one_owner() {
        let none = OwnerForm { agency: None, user_id: None, name: None, person_id: None, other: None };
        let user = Some(UserId(Uuid::from_u128(1)));
        let agency = Some("police".parse().unwrap());
        let pointer = |form: &OwnerForm| Owner::of(form).unwrap_err().pointer.unwrap();
        assert_eq!(pointer(&none), "/owner");
        assert_eq!(pointer(&OwnerForm { user_id: user, ..none.clone() }), "/owner/name");
        assert_eq!(pointer(&OwnerForm { agency: agency.clone(), user_id: user, ..none.clone() }), "/owner");
        assert_eq!(
            pointer(&OwnerForm { agency: agency.clone(), name: Some("x".into()), ..none.clone() }),
            "/owner/name"
        );
        assert_eq!(Owner::of(&OwnerForm { agency, ..none.clone() }), Ok(Owner::Agency("police".into())));
        let bank = OwnerForm { other: Some("First Bank (invented)".into()), ..none.clone() };
        assert_eq!(Owner::of(&bank), Ok(Owner::Other("First Bank (invented)".into())));
        assert_eq!(pointer(&OwnerForm { user_id: user, ..bank.clone() }), "/owner");
        assert_eq!(pointer(&OwnerForm { name: Some("x".into()), ..bank }), "/owner/name");
        let worker = OwnerForm { user_id: user, name: Some("x".into()), ..none };
        assert_eq!(Owner::of(&worker).unwrap().kind(), "worker");
    }
}
