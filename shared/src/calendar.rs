//! England's working days, and when something that takes so many of them is due.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Europe::London;

/// Weekdays that are no bank holiday in England.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// A calendar with these bank holidays.
    pub fn new(holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { holidays: holidays.into_iter().collect() }
    }

    /// Whether people are at work on that day.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&day)
    }

    /// The end of the `count`th working day after the day of `start`, as England's clocks show
    /// both: what starts on a Friday and takes one working day is due when Monday ends.
    ///
    /// The day of the start never counts, whatever the hour, so nobody loses a day by being
    /// told at 16:59.
    pub fn working_days_after(&self, start: DateTime<Utc>, count: u32) -> DateTime<Utc> {
        let mut day = start.local_day();
        let mut left = count;
        while left > 0 {
            day = day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            if self.is_working_day(day) {
                left -= 1;
            }
        }
        end_of_day(day)
    }
}

/// How far England's clocks are from UTC at an instant, as ISO 8601 writes it after a time: `Z` in
/// winter, `+01:00` in summer.
pub fn offset_at(at: DateTime<Utc>) -> String {
    let offset = at.with_timezone(&London).format("%:z").to_string();
    if offset == "+00:00" { "Z".to_owned() } else { offset }
}

/// An instant as England's clocks and calendars show it, for people to read: `09:30 on 22 November 2026`.
pub fn in_words(at: DateTime<Utc>) -> String {
    at.with_timezone(&London).format("%H:%M on %-d %B %Y").to_string()
}

/// The day that England's calendars show at an instant. Days people speak of, today, the day something was done,
/// are these: in summer UTC is still on yesterday until one in the morning.
pub trait LocalDay {
    /// That day.
    fn local_day(&self) -> NaiveDate;
}

impl LocalDay for DateTime<Utc> {
    fn local_day(&self) -> NaiveDate {
        self.with_timezone(&London).date_naive()
    }
}

/// The instant at which England's clocks show this; the first of two, where they show it twice. What they leap over
/// in spring is read as winter time.
pub fn local_instant(shown: NaiveDateTime) -> DateTime<Utc> {
    shown.and_local_timezone(London).earliest().map_or_else(|| shown.and_utc(), |local| local.with_timezone(&Utc))
}

/// The instant the day begins by England's clocks.
pub fn start_of_day(day: NaiveDate) -> DateTime<Utc> {
    local_instant(day.and_time(NaiveTime::MIN))
}

/// The first instant after the day, by England's clocks.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    start_of_day(day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX))
}

/// The bank holidays of England in a year by the standing rules: New Year, Good Friday, Easter
/// Monday, early May, spring, summer, Christmas, Boxing Day, with substitute days.
///
/// Proclaimed exceptions (2020, 2022, 2023) are not known here; the `bank_holiday` table is
/// what counts, and is what this was used to make.
pub fn standing_bank_holidays(year: i32) -> Vec<(NaiveDate, &'static str)> {
    let mut days = Vec::new();
    let date = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    let mut add = |day: Option<NaiveDate>, name| days.extend(day.map(|day| (day, name)));
    add(date(1, 1).map(next_weekday), "New Year's Day");
    let easter = easter_sunday(year);
    add(easter.and_then(|day| day.checked_sub_days(Days::new(2))), "Good Friday");
    add(easter.and_then(|day| day.checked_add_days(Days::new(1))), "Easter Monday");
    add(date(5, 1).map(monday_on_or_after), "Early May bank holiday");
    add(date(5, 25).map(monday_on_or_after), "Spring bank holiday");
    add(date(8, 25).map(monday_on_or_after), "Summer bank holiday");
    let christmas = date(12, 25).map(next_weekday);
    add(christmas, "Christmas Day");
    // Boxing Day moves past Christmas Day's substitute: the two together take the next two weekdays.
    let boxing = date(12, 26).map(next_weekday);
    let boxing = if boxing == christmas { boxing.and_then(|day| day.succ_opt()).map(next_weekday) } else { boxing };
    add(boxing, "Boxing Day");
    days.sort_unstable();
    days
}

fn next_weekday(day: NaiveDate) -> NaiveDate {
    let forward = match day.weekday() {
        Weekday::Sat => 2,
        Weekday::Sun => 1,
        _ => 0,
    };
    day + TimeDelta::days(forward)
}

fn monday_on_or_after(day: NaiveDate) -> NaiveDate {
    day + TimeDelta::days(i64::from((7 - day.weekday().num_days_from_monday()) % 7))
}

/// Easter Sunday by the anonymous Gregorian computus.
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::new((2015..2031).flat_map(standing_bank_holidays).map(|(day, _)| day))
    }

    #[test]
    fn a_day_is_what_england_s_calendars_show() {
        assert_eq!(at("2026-06-01T22:59:59Z").local_day(), day("2026-06-01"));
        assert_eq!(at("2026-06-01T23:00:00Z").local_day(), day("2026-06-02"));
        assert_eq!(at("2026-12-01T23:59:59Z").local_day(), day("2026-12-01"));
        for text in ["2026-03-29", "2026-06-01", "2026-10-25", "2026-12-01"] {
            let last = end_of_day(day(text)) - TimeDelta::seconds(1);
            assert_eq!(last.local_day(), day(text));
        }
    }

    #[test]
    fn the_standing_rules_give_the_published_days() {
        let of = |year| standing_bank_holidays(year).into_iter().map(|(day, _)| day.to_string()).collect::<Vec<_>>();
        assert_eq!(
            of(2026),
            [
                "2026-01-01",
                "2026-04-03",
                "2026-04-06",
                "2026-05-04",
                "2026-05-25",
                "2026-08-31",
                "2026-12-25",
                "2026-12-28"
            ]
        );
        assert_eq!(
            of(2021),
            [
                "2021-01-01",
                "2021-04-02",
                "2021-04-05",
                "2021-05-03",
                "2021-05-31",
                "2021-08-30",
                "2021-12-27",
                "2021-12-28"
            ]
        );
        assert_eq!(of(2016).last().unwrap(), "2016-12-27");
        assert_eq!(of(2016).get(6).unwrap(), "2016-12-26");
    }

    #[test]
    fn one_working_day_from_a_friday_ends_with_monday() {
        // Friday 20 November 2026, winter time.
        assert_eq!(calendar().working_days_after(at("2026-11-20T16:59:00Z"), 1), at("2026-11-24T00:00:00Z"));
    }

    #[test]
    fn one_working_day_over_christmas_skips_the_substitute_day() {
        // Thursday 24 December 2026: Friday is Christmas, Monday the substitute for Boxing Day.
        assert_eq!(calendar().working_days_after(at("2026-12-24T10:00:00Z"), 1), at("2026-12-30T00:00:00Z"));
    }

    #[test]
    fn the_day_is_england_s_also_in_summer() {
        // 23:30 UTC on Monday 1 June 2026 is already Tuesday in England.
        assert_eq!(calendar().working_days_after(at("2026-06-01T23:30:00Z"), 1), at("2026-06-03T23:00:00Z"));
    }

    #[test]
    fn substitute_days_are_not_working_days() {
        assert!(!calendar().is_working_day(day("2026-12-28")));
        assert!(calendar().is_working_day(day("2026-12-29")));
    }

    proptest! {
        #[test]
        fn more_days_are_never_due_sooner(seconds in 1_450_000_000i64..1_900_000_000, count in 1u32..60) {
            let start = DateTime::from_timestamp(seconds, 0).unwrap();
            let calendar = calendar();
            let due = calendar.working_days_after(start, count);
            prop_assert!(due > start);
            prop_assert!(calendar.working_days_after(start, count + 1) > due);
        }
    }

    #[test]
    fn england_s_clocks_go_forward_in_summer() {
        assert_eq!(offset_at("2026-01-15T12:00:00Z".parse().unwrap()), "Z");
        assert_eq!(offset_at("2026-07-15T12:00:00Z".parse().unwrap()), "+01:00");
    }

    #[test]
    fn people_read_the_time_on_their_own_clocks() {
        assert_eq!(in_words(at("2026-11-22T09:05:00Z")), "09:05 on 22 November 2026");
        assert_eq!(in_words(at("2026-06-01T23:30:00Z")), "00:30 on 2 June 2026");
    }
}
