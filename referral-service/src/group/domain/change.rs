//! What a change of a group's plan may not contradict: who has a place in it, its sessions, and what it is.

use chrono::NaiveDate;
use shared::problem::FieldError;

/// A group can't shrink under its enrolments: whoever has a place keeps it.
pub fn cannot_shrink_under_enrolments(capacity: i32, taken: i32) -> Option<FieldError> {
    (capacity < taken).then(|| {
        let detail = format!("is fewer than the {taken} who have a place: somebody must be taken out first");
        FieldError::at("/capacity", "under_enrolments", detail)
    })
}

/// A group's days hold all its sessions, the first and the last of which are given: one to come is moved or
/// cancelled first, and one whose register is taken stays where it is.
pub fn cannot_leave_out_a_session(
    (first_day, last_day): (NaiveDate, Option<NaiveDate>),
    sessions: Option<(NaiveDate, NaiveDate)>,
) -> Vec<FieldError> {
    let Some((first, last)) = sessions else { return Vec::new() };
    let left_out = |at, day: NaiveDate| {
        let detail =
            format!("leaves out the session of {day}: one that is not yet held can be moved or cancelled first");
        FieldError::at(at, "leaves_out_a_session", detail)
    };
    let mut errors = Vec::new();
    if first < first_day {
        errors.push(left_out("/first_day", first));
    }
    if last_day.is_some_and(|end| end < last) {
        errors.push(left_out("/last_day", last));
    }
    errors
}

/// A group can't end before somebody's place in it begins.
pub fn cannot_end_before_a_place_begins(
    last_day: Option<NaiveDate>,
    last_place: Option<NaiveDate>,
) -> Option<FieldError> {
    let (last_day, from) = (last_day?, last_place?);
    (last_day < from).then(|| {
        let detail = format!("is before {from}, from when somebody has a place");
        FieldError::at("/last_day", "before_a_place", detail)
    })
}

/// What a group is stays: its figures are counted by it, and its team and its hub see it by it. Another
/// programme, service or district is another group.
pub fn cannot_become_another_group<T: PartialEq>(kept: &[(&'static str, T, T)]) -> Vec<FieldError> {
    let differs = kept.iter().filter(|(_, was, will_be)| was != will_be);
    let detail = "is not what the group was planned as: cancel it and plan another";
    differs.map(|(at, _, _)| FieldError::at(*at, "fixed", detail)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fields(errors: impl IntoIterator<Item = FieldError>) -> Vec<String> {
        errors.into_iter().map(|error| error.pointer.unwrap()).collect()
    }

    #[test]
    fn a_group_may_be_as_small_as_its_enrolments_and_no_smaller() {
        assert!(cannot_shrink_under_enrolments(7, 7).is_none());
        assert!(cannot_shrink_under_enrolments(8, 7).is_none());
        assert_eq!(fields(cannot_shrink_under_enrolments(6, 7)), ["/capacity"]);
    }

    #[test]
    fn its_days_hold_every_session() {
        let sessions = Some((day("2027-01-12"), day("2027-03-09")));
        let of =
            |first: &str, last: Option<&str>| fields(cannot_leave_out_a_session((day(first), last.map(day)), sessions));
        assert!(of("2027-01-12", Some("2027-03-09")).is_empty());
        assert!(of("2027-01-01", None).is_empty());
        assert_eq!(of("2027-01-13", Some("2027-03-08")), ["/first_day", "/last_day"]);
        assert!(cannot_leave_out_a_session((day("2027-02-01"), Some(day("2027-02-02"))), None).is_empty());
    }

    #[test]
    fn it_ends_when_the_last_place_has_begun() {
        let of = |last: Option<&str>, place: Option<&str>| {
            fields(cannot_end_before_a_place_begins(last.map(day), place.map(day)))
        };
        assert!(of(Some("2027-03-09"), Some("2027-03-09")).is_empty());
        assert!(of(None, Some("2027-03-09")).is_empty());
        assert!(of(Some("2027-03-09"), None).is_empty());
        assert_eq!(of(Some("2027-03-08"), Some("2027-03-09")), ["/last_day"]);
    }

    #[test]
    fn what_it_is_stays() {
        let kept = [
            ("/programme", Some("kickboxing"), Some("other")),
            ("/locality", None, None),
            ("/service", None, Some("x")),
        ];
        assert_eq!(fields(cannot_become_another_group(&kept)), ["/programme", "/service"]);
    }
}
