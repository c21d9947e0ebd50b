//! The weeks of the year, and the days on which limits end.

use chrono::{Datelike, Days, NaiveDate};

/// The year: week 0 begins on this day, and everything happens at noon of the week's first day.
pub struct Calendar(NaiveDate);

impl Calendar {
    pub fn from(first: NaiveDate) -> Self {
        Self(first)
    }

    pub fn day(&self, week: i64) -> NaiveDate {
        self.0 + Days::new(u64::try_from(week).expect("a week of the year") * 7)
    }

    /// The day on which a limit ends that runs for some weeks from the end of a week's first day. It runs in
    /// hours: when summer time begins meanwhile, it ends an hour into the next day.
    pub fn limit(&self, from: i64, weeks: i64) -> NaiveDate {
        let (begun, ends) = (self.day(from), self.day(from + weeks));
        if !summer(begun) && summer(ends) { ends + Days::new(1) } else { ends }
    }
}

/// Whether a day ends in England's summer time.
fn summer(day: NaiveDate) -> bool {
    let last_sunday = |month| {
        let last = NaiveDate::from_ymd_opt(day.year(), month, 31).expect("a day");
        last - Days::new(last.weekday().num_days_from_sunday().into())
    };
    (last_sunday(3)..last_sunday(10)).contains(&day)
}
