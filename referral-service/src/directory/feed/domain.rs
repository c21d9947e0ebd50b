//! Taxonomies, and what may be asked of the feed.

use chrono::NaiveDate;
use shared::id::derived;
use uuid::Uuid;

use crate::directory::service::domain::DAYS;

/// The taxonomies of the feed: each is a set of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaxonomySet {
    /// What a service helps with: the set `concern`.
    Needs,
    /// What sort of service it is: the set `service_kind`.
    Kinds,
    /// How it works: the set `service_delivery`.
    Delivery,
}

impl TaxonomySet {
    /// Each of them.
    pub const ALL: [TaxonomySet; 3] = [TaxonomySet::Needs, TaxonomySet::Kinds, TaxonomySet::Delivery];

    /// The set of codes.
    pub const fn set(self) -> &'static str {
        match self {
            TaxonomySet::Needs => "concern",
            TaxonomySet::Kinds => "service_kind",
            TaxonomySet::Delivery => "service_delivery",
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            TaxonomySet::Needs => "Needs of families",
            TaxonomySet::Kinds => "Kinds of service",
            TaxonomySet::Delivery => "Ways of working",
        }
    }

    /// What it is for.
    pub const fn description(self) -> &'static str {
        match self {
            TaxonomySet::Needs => {
                "What a service helps with: the headline problems of the Troubled Families programme of 2014 and the \
                 outcomes of Supporting Families of 2022."
            }
            TaxonomySet::Kinds => "What sort of service it is.",
            TaxonomySet::Delivery => "How a service works with people.",
        }
    }

    /// What a term of it says of a service.
    pub const fn link_type(self) -> &'static str {
        match self {
            TaxonomySet::Needs => "need",
            TaxonomySet::Kinds => "service_type",
            TaxonomySet::Delivery => "delivery",
        }
    }

    /// Its id.
    pub fn id(self) -> Uuid {
        derived(&format!("taxonomy/{}", self.set()))
    }
}

/// A term: a code of one of the sets.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its taxonomy.
    pub set: TaxonomySet,
    /// Its code.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Who says so.
    pub source: String,
    /// The first day it no longer means this.
    pub valid_to: Option<NaiveDate>,
}

impl Term {
    /// Its id.
    pub fn id(&self) -> Uuid {
        derived(&format!("taxonomy/{}/{}", self.set.set(), self.code))
    }

    /// What it is, and where it is from.
    pub fn description(&self) -> String {
        match self.valid_to {
            Some(day) => format!("{} ({}; until {day}).", self.label, self.source),
            None => format!("{} ({}).", self.label, self.source),
        }
    }
}

/// Every term there is, and what districts are called.
#[derive(Debug, Default)]
pub struct Taxonomies {
    /// The terms, by set and code.
    pub terms: Vec<Term>,
    /// Districts: code and name.
    pub districts: Vec<(String, String)>,
}

impl Taxonomies {
    /// The terms of one taxonomy.
    pub fn of(&self, set: TaxonomySet) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.set == set)
    }

    /// One term.
    pub fn term(&self, set: TaxonomySet, code: &str) -> Option<&Term> {
        self.of(set).find(|term| term.code == code)
    }

    /// The term with this id.
    pub fn by_id(&self, id: Uuid) -> Option<&Term> {
        self.terms.iter().find(|term| term.id() == id)
    }

    /// What a district is called.
    pub fn district(&self, code: &str) -> String {
        self.districts.iter().find(|(one, _)| one == code).map_or_else(|| code.to_owned(), |(_, name)| name.clone())
    }
}

/// A time of day in a question, as `HH:MM`: seconds and an offset may follow, and are passed over,
/// since schedules are kept as England's clocks show them.
pub fn time_of_day(text: &str) -> Option<String> {
    let (time, rest) = text.split_at_checked(5)?;
    let (hours, minutes) = time.split_once(':')?;
    let two_digits = |part: &str, below: u8| {
        part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n < below)
    };
    let rest_is_plain =
        rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'Z' | b'+' | b'-' | b' '));
    (two_digits(hours, 24) && two_digits(minutes, 60) && rest_is_plain && rest.len() <= 16).then(|| time.to_owned())
}

/// A day of the week in a question: `MO`, or its English name.
pub fn day_of_week(text: &str) -> Option<&'static str> {
    let text = text.trim();
    DAYS.iter()
        .find(|(code, name)| code.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text))
        .map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_and_days_are_read_as_people_write_them() {
        for (text, time) in [
            ("09:30", Some("09:30")),
            ("09:30:00", Some("09:30")),
            ("17:00Z", Some("17:00")),
            ("17:00+01:00", Some("17:00")),
            ("24:00", None),
            ("9:30", None),
            ("nine", None),
            ("", None),
            ("09:30; DROP", None),
        ] {
            assert_eq!(time_of_day(text).as_deref(), time, "{text}");
        }
        assert_eq!(day_of_week("mo"), Some("MO"));
        assert_eq!(day_of_week(" Monday "), Some("MO"));
        assert_eq!(day_of_week("Moonday"), None);
    }

    #[test]
    fn ids_are_the_same_each_time_and_differ() {
        let term = |code: &str| Term {
            set: TaxonomySet::Needs,
            code: code.to_owned(),
            label: String::new(),
            source: String::new(),
            valid_to: None,
        };
        assert_eq!(term("a").id(), term("a").id());
        assert_ne!(term("a").id(), term("b").id());
        assert_ne!(TaxonomySet::Needs.id(), TaxonomySet::Kinds.id());
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in ".*") {
            let _ = time_of_day(&text);
            let _ = day_of_week(&text);
        }
    }
}
