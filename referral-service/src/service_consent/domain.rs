//! What of a record of consent can't be.

use chrono::NaiveDate;
use shared::problem::FieldError;

use super::api::ConsentRecord;
use crate::referral::told::ConsentSaid;

/// What is known of a family's consent before a record.
#[derive(Clone, Debug)]
pub struct Before {
    /// The day of what the referral itself tells: the consent's, else that on which the worry was told.
    pub told_on: NaiveDate,
    /// What the referral itself tells, if it does: `yes`, `no`, `not_asked`.
    pub told: Option<String>,
    /// What was recorded since, oldest first.
    pub since: Vec<(NaiveDate, ConsentSaid)>,
}

impl Before {
    /// What held on a day, if anything was said.
    pub fn standing(&self, on: NaiveDate) -> Option<&str> {
        let last = self.since.iter().rev().find(|(day, _)| *day <= on);
        last.map(|(_, said)| said.as_str()).or(self.told.as_deref())
    }
}

/// What is wrong with a record, every field at once.
pub fn check(form: &ConsentRecord, before: &Before, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if form.on > today {
        errors.push(FieldError::at("/on", "in_the_future", "is still to come"));
    } else if form.on < before.told_on {
        let detail = format!("is before the referral's own consent, of {}", before.told_on);
        errors.push(FieldError::at("/on", "before_consent", detail));
    } else if form.given == ConsentSaid::Withdrawn && before.standing(form.on) != Some(ConsentSaid::Yes.as_str()) {
        let detail = "nobody had agreed by that day, so nothing can be taken back: say no";
        errors.push(FieldError::at("/given", "does_not_fit", detail));
    }
    errors
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn wrong(given: ConsentSaid, on: &str, before: &Before) -> Vec<String> {
        let form = ConsentRecord { given, by: "mother".into(), on: day(on), how: None, words: None };
        let errors = check(&form, before, day("2026-11-22"));
        errors.into_iter().filter_map(|error| error.pointer).collect()
    }

    #[test]
    fn only_what_was_agreed_is_taken_back_and_on_a_day_that_can_be() {
        let asked = Before { told_on: day("2026-11-01"), told: Some("not_asked".into()), since: Vec::new() };
        assert!(wrong(ConsentSaid::Yes, "2026-11-01", &asked).is_empty());
        assert_eq!(wrong(ConsentSaid::Yes, "2026-10-31", &asked), ["/on"]);
        assert_eq!(wrong(ConsentSaid::No, "2026-11-23", &asked), ["/on"]);
        assert_eq!(wrong(ConsentSaid::Withdrawn, "2026-11-10", &asked), ["/given"]);
        let agreed = Before { since: vec![(day("2026-11-05"), ConsentSaid::Yes)], ..asked };
        assert!(wrong(ConsentSaid::Withdrawn, "2026-11-05", &agreed).is_empty());
        assert_eq!(wrong(ConsentSaid::Withdrawn, "2026-11-04", &agreed), ["/given"]);
        let told = Before { told: Some("yes".into()), since: Vec::new(), ..agreed };
        assert_eq!(told.standing(day("2026-11-02")), Some("yes"));
        assert!(wrong(ConsentSaid::Withdrawn, "2026-11-02", &told).is_empty());
    }
}
