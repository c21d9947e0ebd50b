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
    fn a_birth_today_is_a_birth() {
        assert!(birth_date_error(day("2026-11-22"), day("2026-11-22"), "").is_none());
        assert_eq!(birth_date_error(day("2026-11-23"), day("2026-11-22"), "").unwrap().code, "in_the_future");
        assert_eq!(birth_date_error(day("1899-12-31"), day("2026-11-22"), "").unwrap().code, "too_long_ago");
    }
}
