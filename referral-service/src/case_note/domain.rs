//! What may be said in a note.

use chrono::{DateTime, Utc};
use shared::problem::FieldError;
use uuid::Uuid;

shared::typed_id!(
    /// A case note.
    NoteId
);

/// The kind of note that is a manager's.
pub const OVERSIGHT: &str = "management-oversight";

/// What a note says of whom its author saw.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// Whether a child was seen; not said where nobody could be.
    pub child_seen: Option<bool>,
    /// Whether without the adults.
    pub seen_alone: Option<bool>,
    /// Who was seen.
    pub seen: &'a [Uuid],
}

/// What is wrong with whom a note says was seen. `members` are all who ever belonged to the family,
/// and whether each was a child that day: the work may go on with somebody who has left it.
pub fn sight_errors(sight: &Sight<'_>, members: &[(Uuid, bool)]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (person, n) in sight.seen.iter().zip(0usize..) {
        let at = format!("/seen/{n}");
        if !members.iter().any(|(member, _)| member == person) {
            errors.push(FieldError::at(at, "unknown", "never belonged to the family"));
        } else if sight.seen.iter().take(n).any(|before| before == person) {
            errors.push(FieldError::at(at, "repeated", "is on the list twice"));
        }
    }
    let children = sight.seen.iter().any(|person| members.iter().any(|(member, child)| member == person && *child));
    match sight.child_seen {
        Some(true) if !children => {
            errors.push(FieldError::at("/seen", "required", "says no child: which child was seen?"));
        }
        Some(false) if children => {
            errors.push(FieldError::at("/child_seen", "contradicts", "a child is among those who were seen"));
        }
        None if children => {
            errors.push(FieldError::at("/child_seen", "required", "a child is among those who were seen: say true"));
        }
        _ => {}
    }
    if sight.seen_alone.is_some() && sight.child_seen != Some(true) {
        errors.push(FieldError::at("/seen_alone", "does_not_fit", "has a place only where a child was seen"));
    }
    errors
}

/// What is wrong with when something is said to have happened. After a case has ended, what was done
/// before can still be written up.
pub fn time_error(
    occurred_at: DateTime<Utc>,
    now: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
) -> Option<FieldError> {
    if occurred_at > now {
        return Some(FieldError::at("/occurred_at", "in_the_future", "is still to come"));
    }
    closed_at
        .is_some_and(|closed| occurred_at > closed)
        .then(|| FieldError::at("/occurred_at", "after_closure", "is after the case was closed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_one_says_one_saw_and_whether_it_was_a_child_agree() {
        let (child, parent, stranger) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let members = [(child, true), (parent, false)];
        let pointers = |child_seen, seen_alone, seen: &[Uuid]| -> Vec<String> {
            let errors = sight_errors(&Sight { child_seen, seen_alone, seen }, &members);
            errors.into_iter().filter_map(|error| error.pointer).collect()
        };
        assert!(pointers(Some(true), Some(true), &[child, parent]).is_empty());
        assert!(pointers(None, None, &[]).is_empty());
        assert!(pointers(Some(false), None, &[parent]).is_empty());
        assert_eq!(pointers(Some(true), None, &[parent]), ["/seen"]);
        assert_eq!(pointers(Some(false), None, &[child]), ["/child_seen"]);
        assert_eq!(pointers(None, Some(true), &[child]), ["/child_seen", "/seen_alone"]);
        assert_eq!(pointers(Some(true), None, &[child, child, stranger]), ["/seen/1", "/seen/2"]);
    }

    #[test]
    fn a_note_is_of_what_has_happened_while_the_case_was_open() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let later = now + chrono::TimeDelta::seconds(1);
        assert!(time_error(now, now, None).is_none());
        assert!(time_error(later, now, None).is_some());
        assert!(time_error(now, later, Some(now)).is_none());
        assert!(time_error(later, later, Some(now)).is_some());
    }
}
