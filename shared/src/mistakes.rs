//! What is wrong with a body beyond its schema, gathered so that all of it is named at once.

use chrono::{DateTime, NaiveDate, Utc};

use crate::actor::Word;
use crate::calendar::LocalDay;
use crate::code::Rules;
use crate::problem::{FieldError, Problem};

/// The mistakes found in a body so far.
pub struct Mistakes<'a> {
    rules: &'a Rules,
    now: DateTime<Utc>,
    found: Vec<FieldError>,
}

impl<'a> Mistakes<'a> {
    /// None yet, as of an instant and by the rules in force.
    pub fn by(rules: &'a Rules, now: DateTime<Utc>) -> Self {
        Self { rules, now, found: Vec::new() }
    }

    /// The business day.
    pub fn today(&self) -> NaiveDate {
        self.now.local_day()
    }

    /// Adds one.
    pub fn add(&mut self, at: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.found.push(FieldError::at(at, code, detail));
    }

    /// Adds some.
    pub fn extend(&mut self, found: impl IntoIterator<Item = FieldError>) {
        self.found.extend(found);
    }

    /// A word that its set did not have on a day.
    pub fn code(&mut self, set: &str, code: &Word, day: NaiveDate, at: impl Into<String>) {
        if !self.rules.has_code(set, code.as_str(), day) {
            self.add(at, "unknown_code", format!("is no code of that day; GET /v1/codes/{set} lists them"));
        }
    }

    /// Words that their set did not have on a day, or that stand there twice.
    pub fn codes(&mut self, set: &str, codes: &[Word], day: NaiveDate, at: &str) {
        for (index, code) in codes.iter().enumerate() {
            self.code(set, code, day, format!("{at}/{index}"));
            if codes.iter().take(index).any(|earlier| earlier == code) {
                self.add(format!("{at}/{index}"), "repeated", "stands there twice");
            }
        }
    }

    /// An agency that the partnership has not; see [`Rules::agency_error`].
    pub fn agency(&mut self, code: &str, at: impl Into<String>, instead: &str) {
        self.found.extend(self.rules.agency_error(code, at, instead));
    }

    /// An instant that is still to come.
    pub fn future(&mut self, instant: DateTime<Utc>, at: impl Into<String>) {
        if instant > self.now {
            self.add(at, "in_the_future", "is still to come");
        }
    }

    /// A day that is still to come.
    pub fn future_day(&mut self, day: NaiveDate, at: impl Into<String>) {
        if day > self.today() {
            self.add(at, "in_the_future", "is still to come");
        }
    }

    /// Something that is before what it follows.
    pub fn before<T: PartialOrd>(&mut self, this: T, first: T, at: impl Into<String>, detail: &str) {
        if this < first {
            self.add(at, "out_of_order", detail);
        }
    }

    /// Refuses the body if there was any mistake.
    ///
    /// # Errors
    /// 422 naming each.
    pub fn refuse(self) -> Result<(), Problem> {
        Problem::refuse_any(self.found)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_mistake_is_named_and_none_is_no_refusal() {
        let rules = Rules::default();
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert!(Mistakes::by(&rules, now).refuse().is_ok());
        let mut mistakes = Mistakes::by(&rules, now);
        let word: Word = "blue".parse().unwrap();
        mistakes.codes("colour", &[word.clone(), word], now.local_day(), "/colours");
        mistakes.future(now + chrono::TimeDelta::seconds(1), "/at");
        mistakes.future_day(now.local_day(), "/today");
        mistakes.before(1, 2, "/second", "is before the first");
        let found: Vec<(String, String)> = mistakes
            .refuse()
            .unwrap_err()
            .document()
            .errors
            .into_iter()
            .map(|error| (error.pointer.unwrap(), error.code))
            .collect();
        let pair = |at: &str, code: &str| (at.to_owned(), code.to_owned());
        assert_eq!(
            found,
            [
                pair("/colours/0", "unknown_code"),
                pair("/colours/1", "unknown_code"),
                pair("/colours/1", "repeated"),
                pair("/at", "in_the_future"),
                pair("/second", "out_of_order"),
            ]
        );
    }
}
