//! The stretch of days a figure is of, as England's clocks count days.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::calendar::{end_of_day, start_of_day};
use utoipa::ToSchema;

/// A period, both days included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FigurePeriod)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What the source calls it.
    #[schema(example = "Rolling 12 months to Q2 2016/17")]
    pub label: String,
}

/// A period that moves with the business clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DashboardWindow)]
pub enum Window {
    /// The month of today, beside the month before.
    CurrentMonth,
    /// The month of today and the eleven before it, beside the twelve before those.
    #[serde(rename = "rolling_12_months")]
    Rolling12Months,
}

impl Period {
    /// From the first instant of it to the first after it.
    pub fn instants(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        (start_of_day(self.from), end_of_day(self.to))
    }

    /// How many months it covers, to the nearest.
    pub fn months(&self) -> i64 {
        ((self.to - self.from).num_days() + 1 + 15) * 12 / 365
    }

    /// Whether some days are in both.
    pub fn overlaps(&self, other: &Period) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// Whether its last day is over.
    pub fn is_over(&self, today: NaiveDate) -> bool {
        self.to < today
    }
}

impl Window {
    /// The window as it stands today, and the one before it.
    pub fn periods(self, today: NaiveDate) -> (Period, Period) {
        let months = match self {
            Window::CurrentMonth => 1,
            Window::Rolling12Months => 12,
        };
        let first = today.with_day(1).unwrap_or(today);
        let next = first.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
        let begin = |end: NaiveDate| end.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN);
        let (from, before) = (begin(next), begin(begin(next)));
        (between(from, next), between(before, from))
    }
}

/// From one first of a month up to another.
fn between(from: NaiveDate, next: NaiveDate) -> Period {
    let to = next.checked_sub_days(Days::new(1)).unwrap_or(from);
    let (first, last) = (from.format("%B %Y").to_string(), to.format("%B %Y").to_string());
    let label = if first == last { first } else { format!("{first} to {last}") };
    Period { from, to, label }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn labels(window: Window, today: &str) -> (String, String) {
        let (latest, previous) = window.periods(day(today));
        (latest.label, previous.label)
    }

    #[test]
    fn windows_move_by_whole_months() {
        assert_eq!(labels(Window::CurrentMonth, "2026-03-31"), ("March 2026".into(), "February 2026".into()));
        assert_eq!(
            labels(Window::Rolling12Months, "2026-11-22"),
            ("December 2025 to November 2026".into(), "December 2024 to November 2025".into())
        );
    }

    #[test]
    fn months_begin_at_england_s_midnight() {
        let (june, _) = Window::CurrentMonth.periods(day("2026-06-15"));
        let (from, to) = june.instants();
        assert_eq!(
            (from.to_rfc3339(), to.to_rfc3339()),
            ("2026-05-31T23:00:00+00:00".into(), "2026-06-30T23:00:00+00:00".into())
        );
    }

    #[test]
    fn months_are_counted_to_the_nearest() {
        let period = |from, to| Period { from: day(from), to: day(to), label: String::new() }.months();
        assert_eq!(period("2015-04-01", "2016-03-31"), 12);
        assert_eq!(period("2015-04-01", "2015-12-31"), 9);
        assert_eq!(period("2016-02-01", "2016-02-29"), 1);
        assert_eq!(period("2016-07-01", "2016-09-30"), 3);
    }

    proptest! {
        #[test]
        fn windows_meet_without_gap_or_overlap(days in 0u64..20_000) {
            let today = day("2015-01-01").checked_add_days(Days::new(days)).unwrap();
            for window in [Window::CurrentMonth, Window::Rolling12Months] {
                let (latest, previous) = window.periods(today);
                prop_assert!(latest.from <= today && today <= latest.to);
                prop_assert_eq!(previous.instants().1, latest.instants().0);
                prop_assert!(!latest.overlaps(&previous));
            }
        }
    }
}
