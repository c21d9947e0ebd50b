//! Birth dates and what follows from them.

use chrono::{Datelike, NaiveDate};
use shared::problem::FieldError;

/// Nobody alive was born before.
const EARLIEST_BIRTH: i32 = 1900;

/// What is wrong with a birth date, if anything.
pub fn birth_date_error(birth: NaiveDate, today: NaiveDate, at: &str) -> Option<FieldError> {
    if birth > today {
        Some(FieldError::at(at, "in_the_future", "is still to come; leave it out for an unborn child"))
    } else if birth.year() < EARLIEST_BIRTH {
        Some(FieldError::at(at, "too_long_ago", "is more than a lifetime ago"))
    } else {
        None
    }
}

/// From this age on someone is no child.
pub const ADULT_AT: u32 = 18;

/// What is wrong with someone's age for help that is for children alone, if it is known.
pub fn child_error(birth: Option<NaiveDate>, on: NaiveDate, at: &str) -> Option<FieldError> {
    let years = years_old(birth?, on).filter(|years| *years >= ADULT_AT)?;
    let detail = format!("makes them {years} years old: this is for children under {ADULT_AT}");
    Some(FieldError::at(at, "not_a_child", detail))
}

/// Whole years lived on a day, by birthdays; none for someone born later.
pub fn years_old(birth: NaiveDate, on: NaiveDate) -> Option<u32> {
    on.years_since(birth)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn years_change_on_the_birthday() {
        assert_eq!(years_old(day("2015-03-10"), day("2026-03-09")), Some(10));
        assert_eq!(years_old(day("2015-03-10"), day("2026-03-10")), Some(11));
        assert_eq!(years_old(day("2016-02-29"), day("2017-02-28")), Some(0));
        assert_eq!(years_old(day("2016-02-29"), day("2017-03-01")), Some(1));
        assert_eq!(years_old(day("2026-11-23"), day("2026-11-22")), None);
    }

    #[test]
    fn a_child_is_one_until_the_day_before_the_eighteenth_birthday() {
        assert_eq!(child_error(Some(day("2008-11-22")), day("2026-11-22"), "/x").unwrap().code, "not_a_child");
        assert!(child_error(Some(day("2008-11-23")), day("2026-11-22"), "/x").is_none());
        assert!(child_error(None, day("2026-11-22"), "/x").is_none());
    }

    #[test]
    fn a_birth_today_is_a_birth() {
        assert!(birth_date_error(day("2026-11-22"), day("2026-11-22"), "").is_none());
        assert_eq!(birth_date_error(day("2026-11-23"), day("2026-11-22"), "").unwrap().code, "in_the_future");
        assert_eq!(birth_date_error(day("1899-12-31"), day("2026-11-22"), "").unwrap().code, "too_long_ago");
    }
}
