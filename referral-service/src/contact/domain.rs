//! From what was sent to what is kept, with every mistake named.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use shared::code::Rules;
use shared::problem::FieldError;

use super::api::{PersonForm, ReferralForm, Relation};

/// Nobody alive was born before.
const EARLIEST_BIRTH: i32 = 1900;
/// Support for children with special educational needs goes on to 25.
const OLDEST_CHILD: i32 = 25;
/// A contact told longer ago than this is a new one to be told afresh.
const OLDEST_CONTACT_DAYS: u64 = 366;

/// Holds a form against the rules that a schema can't state.
///
/// # Errors
/// Every field that breaks one.
pub fn check(form: &ReferralForm, rules: &Rules, now: DateTime<Utc>) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let today = now.date_naive();
    if form.made_at.is_some_and(|made| made > now) {
        errors.push(FieldError::at("/made_at", "in_the_future", "is still to come"));
    }
    let oldest = today.checked_sub_days(Days::new(OLDEST_CONTACT_DAYS)).unwrap_or(today);
    if form.made_at.is_some_and(|made| made.date_naive() < oldest) {
        errors.push(FieldError::at("/made_at", "too_long_ago", "is more than a year ago: tell it afresh"));
    }
    let told_on = form.made_at.map_or(today, |made| made.date_naive());
    for (index, concern) in form.concerns.iter().enumerate() {
        if !rules.has_code("concern", concern.as_str(), told_on) {
            let detail = "is no concern of that day; GET /v1/codes/concern lists them";
            errors.push(FieldError::at(format!("/concerns/{index}"), "unknown_code", detail));
        }
    }
    if form.locality.as_ref().is_some_and(|locality| !rules.has_code("locality", locality.as_str(), today)) {
        errors.push(FieldError::at("/locality", "unknown_code", "is no district; GET /v1/codes/locality lists them"));
    }
    if !form.people.iter().any(|person| person.relation == Relation::Child) {
        errors.push(FieldError::at("/people", "no_child", "names no child: a referral is about at least one"));
    }
    for (index, person) in form.people.iter().enumerate() {
        check_person(person, today, &format!("/people/{index}"), &mut errors);
    }
    blank(&form.worries, "/worries", &mut errors);
    blank(&form.referrer.name, "/referrer/name", &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_person(person: &PersonForm, today: NaiveDate, at: &str, errors: &mut Vec<FieldError>) {
    if let Some(birth) = person.birth_date {
        errors.extend(birth_date_error(birth, today, &format!("{at}/birth_date")));
        if person.relation == Relation::Child && birth <= today && age(birth, today) > OLDEST_CHILD {
            let detail = format!("makes this child {} years old", age(birth, today));
            errors.push(FieldError::at(format!("{at}/birth_date"), "not_a_child", detail));
        }
    }
    blank(&person.given_name, &format!("{at}/given_name"), errors);
    blank(&person.family_name, &format!("{at}/family_name"), errors);
}

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

fn blank(text: &str, at: &str, errors: &mut Vec<FieldError>) {
    if text.trim().is_empty() {
        errors.push(FieldError::at(at, "blank", "holds only spaces"));
    }
}

/// Whole years lived, by birthdays.
pub fn age(birth: NaiveDate, on: NaiveDate) -> i32 {
    let years = on.year() - birth.year();
    if (on.month(), on.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn age_changes_on_the_birthday() {
        assert_eq!(age(day("2015-03-10"), day("2026-03-09")), 10);
        assert_eq!(age(day("2015-03-10"), day("2026-03-10")), 11);
        assert_eq!(age(day("2016-02-29"), day("2017-02-28")), 0);
        assert_eq!(age(day("2016-02-29"), day("2017-03-01")), 1);
    }

    #[test]
    fn a_birth_today_is_a_birth() {
        assert!(birth_date_error(day("2026-11-22"), day("2026-11-22"), "").is_none());
        assert_eq!(birth_date_error(day("2026-11-23"), day("2026-11-22"), "").unwrap().code, "in_the_future");
        assert_eq!(birth_date_error(day("1899-12-31"), day("2026-11-22"), "").unwrap().code, "too_long_ago");
    }
}
