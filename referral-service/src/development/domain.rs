//! Ages, judgements, and whom the pathway is for.

use chrono::{Datelike, NaiveDate};
use shared::calendar::{LocalDay, start_of_day};
use shared::code::Rules;
use shared::problem::FieldError;

shared::typed_id!(
    /// A check of a child's development.
    DevelopmentCheckId
);
shared::typed_id!(
    /// A child's time on the 0 to 2 pathway.
    PathwayMembershipId
);

shared::words! {
    /// How a child does in an area, for its age.
    DevelopmentJudgement {
        /// As expected.
        Meeting = "meeting",
        /// Ahead of it.
        Exceeding = "exceeding",
        /// Not yet there.
        Below = "below",
    }
}

/// Whole months from a day to another; none if that is before it. From its birth on it is a child's age.
pub fn whole_months(from: NaiveDate, to: NaiveDate) -> Option<i16> {
    if to < from {
        return None;
    }
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let whole = months(to) - months(from) - i64::from(to.day() < from.day());
    i16::try_from(whole).ok()
}

/// A child of the pathway's age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnPathway {
    /// How old it is, in whole months.
    pub age_months: i16,
    /// For how many whole months more the pathway is for it.
    pub months_to_go: i16,
}

/// How old a child is on a day that stands at `at`, if the pathway is for it: from its birth until the age of
/// the time limit `development_pathway`.
///
/// # Errors
/// What is wrong with the day: the child's birth is not known, or to come, or it is too old.
pub fn on_pathway(birth: Option<NaiveDate>, on: NaiveDate, at: &str, rules: &Rules) -> Result<OnPathway, FieldError> {
    let error = |code: &str, detail: &str| FieldError::at(at, code, detail);
    let birth = birth.ok_or_else(|| error("no_birth_date", "has no age: the child's birth date is not known"))?;
    let age_months = whole_months(birth, on).ok_or_else(|| error("out_of_order", "is before the child was born"))?;
    let end = rules.due("development_pathway", start_of_day(birth)).map(|end| end.local_day());
    let months_to_go = end.and_then(|end| whole_months(on, end)).ok_or_else(|| {
        error("too_old", "finds the child older than the pathway is for; GET /v1/time-limits says how old")
    })?;
    Ok(OnPathway { age_months, months_to_go })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_month_is_full_on_its_day_and_not_before() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let birth = day("2025-01-31");
        for (on, months) in [
            ("2025-01-31", Some(0)),
            ("2025-02-28", Some(0)),
            ("2025-03-01", Some(1)),
            ("2025-03-30", Some(1)),
            ("2025-03-31", Some(2)),
            ("2027-01-31", Some(24)),
            ("2025-01-30", None),
        ] {
            assert_eq!(whole_months(birth, day(on)), months, "{on}");
        }
    }
}
