//! What is asked of the feed, read from a query.

use shared::query::Query;
use uuid::Uuid;

use super::domain::{Taxonomies, TaxonomySet, day_of_week, time_of_day};
use super::shape::OpenReferralPage;
use super::store::Asked;
use crate::directory::service::domain::{postcode_parts, wanted_words};

/// How many a page holds unless asked otherwise, and at most.
const PER_PAGE: i64 = 50;
const MOST_PER_PAGE: i64 = 100;
/// Which page is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// Its number, from 1.
    pub page: i64,
    /// How many it holds.
    pub per_page: i64,
}

impl Paging {
    /// What the query says.
    pub fn of(query: &mut Query) -> Self {
        let whole = "a whole number from 1 on";
        let page = query.optional::<Counted>("page", whole).map_or(1, |page| page.0);
        let per_page = query.optional::<Few>("per_page", "a whole number from 1 to 100").map_or(PER_PAGE, |few| few.0);
        Self { page, per_page }
    }

    /// How many come before it.
    pub fn offset(self) -> i64 {
        (self.page - 1) * self.per_page
    }

    /// The page of a list that is there whole.
    pub fn of_all<T>(self, all: Vec<T>) -> OpenReferralPage<T> {
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let (skip, take) = (usize::try_from(self.offset()), usize::try_from(self.per_page));
        let contents = all.into_iter().skip(skip.unwrap_or(usize::MAX)).take(take.unwrap_or_default()).collect();
        OpenReferralPage::of(contents, total, self.page, self.per_page)
    }
}

/// A number of a page: no list has more pages than this.
struct Counted(i64);

impl std::str::FromStr for Counted {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().filter(|page| (1..=1_000_000_000).contains(page)).map(Self).ok_or(())
    }
}

/// How many a page holds.
struct Few(i64);

impl std::str::FromStr for Few {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().filter(|few| (1..=MOST_PER_PAGE).contains(few)).map(Self).ok_or(())
    }
}

/// A number that is one.
pub struct Number(pub f64);

impl std::str::FromStr for Number {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0).map(Self).ok_or(())
    }
}

/// A time of day.
struct Time(String);

impl std::str::FromStr for Time {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        time_of_day(text).map(Self).ok_or(())
    }
}

/// A day of the week.
struct Day(&'static str);

impl std::str::FromStr for Day {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        day_of_week(text).map(Self).ok_or(())
    }
}

/// A postcode, taken apart.
pub struct PostcodeText(pub String, pub Option<String>);

impl std::str::FromStr for PostcodeText {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        postcode_parts(text).map(|(outward, inward)| Self(outward, inward)).ok_or(())
    }
}

/// What was asked, as far as parameters say; and the ids of a taxonomy and a term, which are looked up.
pub struct Parameters {
    /// What needs no looking up.
    pub asked: Asked,
    term: Option<Uuid>,
    taxonomy: Option<Uuid>,
}

impl Parameters {
    /// What the query says.
    pub fn of(query: &mut Query) -> Self {
        let asked = Asked {
            words: wanted_words(&query.optional::<String>("search", "words").unwrap_or_default()),
            minimum_age: query.optional::<Number>("minimum_age", "a number of years").map(|age| age.0),
            maximum_age: query.optional::<Number>("maximum_age", "a number of years").map(|age| age.0),
            start_time: query.optional::<Time>("start_time", "a time such as 09:30").map(|time| time.0),
            end_time: query.optional::<Time>("end_time", "a time such as 17:00").map(|time| time.0),
            day: query.optional::<Day>("day", "a day such as MO or Monday").map(|day| day.0),
            ..Asked::default()
        };
        let term = query.optional("taxonomy_term_id", "the id of a term");
        let taxonomy = query.optional("taxonomy_id", "the id of a taxonomy");
        Self { asked, term, taxonomy }
    }

    /// With the term and the taxonomy found; none if there is no such, so that nothing can be found.
    pub fn resolved(self, taxonomies: &Taxonomies) -> Option<Asked> {
        let mut asked = self.asked;
        if let Some(id) = self.term {
            let term = taxonomies.by_id(id)?;
            asked.term = Some((term.set, term.code.clone()));
        }
        if let Some(id) = self.taxonomy {
            asked.taxonomy = Some(TaxonomySet::ALL.into_iter().find(|set| set.id() == id)?);
        }
        Some(asked)
    }
}
