//! Ages and judgements.

use chrono::{Datelike, NaiveDate};

shared::typed_id!(
    /// A check of a child's development.
    DevelopmentCheckId
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

/// A child's age in whole months on a day; none before its birth.
pub fn age_in_months(birth: NaiveDate, on: NaiveDate) -> Option<i16> {
    if on < birth {
        return None;
    }
    let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let whole = months(on) - months(birth) - i64::from(on.day() < birth.day());
    i16::try_from(whole).ok()
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
            assert_eq!(age_in_months(birth, day(on)), months, "{on}");
        }
    }
}
