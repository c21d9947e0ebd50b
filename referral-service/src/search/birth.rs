//! A birth date that is looked for, and the days it is taken for.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::domain::Matched;

/// A birth date that is looked for.
#[derive(Clone, Debug)]
pub struct Birth {
    /// The day itself.
    pub day: NaiveDate,
    /// It and the days that are taken for it: day and month the other way round, or one digit another.
    pub alike: BTreeSet<NaiveDate>,
}

impl Birth {
    /// This day.
    pub fn on(day: NaiveDate) -> Self {
        let mut alike: BTreeSet<NaiveDate> =
            NaiveDate::from_ymd_opt(day.year(), day.day(), day.month()).into_iter().chain([day]).collect();
        let text: Vec<char> = day.format("%Y-%m-%d").to_string().chars().collect();
        for (at, old) in text.iter().enumerate().filter(|(_, old)| old.is_ascii_digit()) {
            for digit in ('0'..='9').filter(|digit| digit != old) {
                let changed: String = text.iter().enumerate().map(|(i, c)| if i == at { digit } else { *c }).collect();
                alike.extend(changed.parse::<NaiveDate>().ok());
            }
        }
        Self { day, alike }
    }

    /// How like it somebody's birth date is: whole for the same day, 0.7 for one that is taken for it, half where
    /// it isn't known.
    pub fn likeness(&self, known: Option<NaiveDate>) -> (f64, Option<Matched>) {
        match known {
            Some(known) if known == self.day => (1.0, Some(Matched::BirthDate)),
            Some(known) if self.alike.contains(&known) => (0.7, Some(Matched::BirthDateAlike)),
            Some(_) => (0.0, None),
            None => (0.5, None),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_taken_for_those_one_slip_away() {
        let birth = Birth::on(day("2016-07-08"));
        for (known, expected) in [
            ("2016-07-08", (1.0, Some(Matched::BirthDate))),
            ("2016-08-07", (0.7, Some(Matched::BirthDateAlike))),
            ("2016-07-09", (0.7, Some(Matched::BirthDateAlike))),
            ("2006-07-08", (0.7, Some(Matched::BirthDateAlike))),
            ("2016-08-09", (0.0, None)),
        ] {
            assert_eq!(birth.likeness(Some(day(known))), expected, "{known}");
        }
        assert_eq!(birth.likeness(None), (0.5, None));
        // The 31st of a month that has none is no day.
        assert!(Birth::on(day("2015-04-30")).alike.iter().all(|day| day.month() != 4 || day.day() <= 30));
    }
}
