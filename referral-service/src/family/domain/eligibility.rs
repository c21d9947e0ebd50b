//! Whether a family is eligible for the programme: so many different headline problems, by the
//! framework of the day. One problem in two people counts once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use uuid::Uuid;

/// The rule of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// The framework whose problems are counted.
    pub framework: String,
    /// How many make a family eligible.
    pub threshold: i16,
    /// The case types whose opening asks.
    pub case_types: Vec<String>,
    /// Who says so.
    pub source: String,
    /// Whether that source was seen.
    pub verified: bool,
}

/// A piece of evidence, as far as counting goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The headline problem.
    pub code: String,
    /// Whose it is, if one person's.
    pub person: Option<Uuid>,
    /// When it was noted.
    pub noted_on: NaiveDate,
    /// The day on which it was withdrawn, if it was.
    pub withdrawn_on: Option<NaiveDate>,
}

/// The different problems a family has on a day and the people they were noted of. `counts` says
/// whether a code belongs to the framework of the day.
pub fn distinct(noted: &[Noted], on: NaiveDate, counts: impl Fn(&str) -> bool) -> BTreeMap<String, BTreeSet<Uuid>> {
    let mut found: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    let stands = |one: &&Noted| one.noted_on <= on && one.withdrawn_on.is_none_or(|withdrawn| on < withdrawn);
    for one in noted.iter().filter(stands).filter(|one| counts(&one.code)) {
        found.entry(one.code.clone()).or_default().extend(one.person);
    }
    found
}

impl Programme {
    /// Whether so many problems are enough.
    pub fn is_eligible(&self, problems: usize) -> bool {
        usize::try_from(self.threshold).is_ok_and(|threshold| problems >= threshold)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn noted(code: &str, person: u128) -> Noted {
        Noted {
            code: code.into(),
            person: Some(Uuid::from_u128(person)),
            noted_on: day("2016-05-01"),
            withdrawn_on: None,
        }
    }

    fn six() -> Programme {
        Programme {
            framework: "six-headline-problems".into(),
            threshold: 2,
            case_types: Vec::new(),
            source: String::new(),
            verified: true,
        }
    }

    /// G22: one of six is not enough, two are, and one problem in two people is one.
    #[test]
    fn one_problem_in_two_people_counts_once() {
        let any = |_: &str| true;
        let on = day("2016-06-01");
        let one = distinct(&[noted("health-problems", 1), noted("health-problems", 2)], on, any);
        assert_eq!(one.len(), 1);
        assert_eq!(one.get("health-problems").unwrap().len(), 2);
        assert!(!six().is_eligible(one.len()));
        let two = distinct(&[noted("health-problems", 1), noted("not-attending-school", 1)], on, any);
        assert!(six().is_eligible(two.len()));
    }

    #[test]
    fn what_was_withdrawn_or_noted_later_or_belongs_to_another_framework_does_not_count() {
        let on = day("2016-06-01");
        let withdrawn = Noted { withdrawn_on: Some(on), ..noted("health-problems", 1) };
        let later = Noted { noted_on: day("2016-06-02"), ..noted("health-problems", 1) };
        assert!(distinct(&[withdrawn.clone(), later], on, |_| true).is_empty());
        assert_eq!(distinct(&[withdrawn], day("2016-05-31"), |_| true).len(), 1, "it counted until then");
        assert!(distinct(&[noted("secure-housing", 1)], on, |code| code != "secure-housing").is_empty());
    }
}
