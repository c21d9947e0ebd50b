//! Who the people named are, who lives with whom and what they are to one another: the rules of it.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};
use shared::code::Rules;
use shared::problem::FieldError;

use super::form::{PersonForm, ReferralForm, Relation};
use crate::people::{birth_date_error, years_old};
use crate::referral::told::{Kinship, NamedRelationship};

/// Support for children with special educational needs goes on to 25.
const OLDEST_CHILD: u32 = 25;
/// A child expected later than this is not on the way; one expected longer ago has been born.
const EXPECTED_WITHIN_DAYS: u64 = 300;
const OVERDUE_DAYS: u64 = 30;

/// Holds what a form says of people, households and relationships against the rules.
pub fn check(form: &ReferralForm, rules: &Rules, today: NaiveDate, errors: &mut Vec<FieldError>) {
    for (index, person) in form.people.iter().enumerate() {
        let at = format!("/people/{index}");
        check_person(person, today, &at, errors);
        if let Some(code) = &person.ethnicity
            && !rules.has_code("ethnicity", code.as_str(), today)
        {
            let detail = "is no such group; GET /v1/codes/ethnicity lists them";
            errors.push(FieldError::at(format!("{at}/ethnicity"), "unknown_code", detail));
        }
        let household = usize::try_from(person.household).unwrap_or_default();
        if household > 0 && !form.households.is_empty() && household >= form.households.len() {
            errors.push(FieldError::at(format!("{at}/household"), "unknown", "is no place in households"));
        }
    }
    let mut known: HashSet<(i16, i16)> = HashSet::new();
    for (index, relationship) in form.relationships.iter().enumerate() {
        if let Err((part, code, detail)) = judge(relationship, &form.people, &known) {
            errors.push(FieldError::at(format!("/relationships/{index}{part}"), code, detail));
        }
        known.insert((relationship.person, relationship.of));
    }
}

fn check_person(person: &PersonForm, today: NaiveDate, at: &str, errors: &mut Vec<FieldError>) {
    if let Some(birth) = person.birth_date {
        errors.extend(birth_date_error(birth, today, &format!("{at}/birth_date")));
        if let Some(age) =
            years_old(birth, today).filter(|age| person.relation == Relation::Child && *age > OLDEST_CHILD)
        {
            let detail = format!("makes this child {age} years old");
            errors.push(FieldError::at(format!("{at}/birth_date"), "not_a_child", detail));
        }
    }
    let expected = person.expected_on.and_then(|expected| expected_error(person, expected, today));
    errors.extend(expected.map(|(code, detail)| FieldError::at(format!("{at}/expected_on"), code, detail)));
}

fn expected_error(person: &PersonForm, expected: NaiveDate, today: NaiveDate) -> Option<(&'static str, &'static str)> {
    if person.birth_date.is_some() {
        Some(("does_not_fit", "has no place beside a birth date: the child is born or is not"))
    } else if !matches!(person.relation, Relation::Child | Relation::Sibling) {
        Some(("does_not_fit", "has a place only with a child"))
    } else if today.checked_add_days(Days::new(EXPECTED_WITHIN_DAYS)).is_some_and(|last| expected > last) {
        Some(("too_far_ahead", "is more than ten months ahead"))
    } else if today.checked_sub_days(Days::new(OVERDUE_DAYS)).is_some_and(|first| expected < first) {
        Some(("too_long_ago", "is more than a month past: give the birth date"))
    } else {
        None
    }
}

/// What is wrong with a relationship, if anything: which part of it, the code, the words.
fn judge(
    relationship: &NamedRelationship,
    people: &[PersonForm],
    known: &HashSet<(i16, i16)>,
) -> Result<(), (&'static str, &'static str, &'static str)> {
    let NamedRelationship { person, kinship, of } = *relationship;
    let someone = |place: i16| usize::try_from(place).ok().and_then(|place| people.get(place));
    let one = someone(person).ok_or(("/person", "nobody", "is nobody's place in people"))?;
    let other = someone(of).ok_or(("/of", "nobody", "is nobody's place in people"))?;
    if person == of {
        return Err(("/of", "does_not_fit", "is the same person"));
    }
    if known.contains(&(person, of)) || known.contains(&(of, person)) {
        return Err(("", "repeated", "was said of these two already, from one side or the other"));
    }
    let elder = matches!(kinship, Kinship::ParentOf | Kinship::GrandparentOf);
    let born_after = one.birth_date.zip(other.birth_date).is_some_and(|(one, other)| one >= other);
    if elder && (born_after || one.expected_on.is_some()) {
        return Err(("/kinship", "does_not_fit", "can't be: the birth dates say otherwise"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn someone(relation: &str, birth: Option<&str>) -> PersonForm {
        let form =
            serde_json::json!({ "relation": relation, "given_name": "A", "family_name": "B", "birth_date": birth });
        serde_json::from_value(form).unwrap()
    }

    fn said(person: i16, kinship: Kinship, of: i16) -> NamedRelationship {
        NamedRelationship { person, kinship, of }
    }

    #[test]
    fn a_relationship_is_between_two_people_named_and_fits_their_ages() {
        let people =
            [someone("child", Some("2015-01-01")), someone("parent", Some("1985-01-01")), someone("parent", None)];
        let nothing = HashSet::new();
        assert!(judge(&said(1, Kinship::ParentOf, 0), &people, &nothing).is_ok());
        assert!(judge(&said(2, Kinship::ParentOf, 0), &people, &nothing).is_ok());
        assert_eq!(judge(&said(0, Kinship::ParentOf, 1), &people, &nothing).unwrap_err().0, "/kinship");
        assert_eq!(judge(&said(3, Kinship::ParentOf, 0), &people, &nothing).unwrap_err().0, "/person");
        assert_eq!(judge(&said(1, Kinship::ParentOf, 9), &people, &nothing).unwrap_err().0, "/of");
        assert_eq!(judge(&said(1, Kinship::SiblingOf, 1), &people, &nothing).unwrap_err().0, "/of");
        let known = HashSet::from([(1, 0)]);
        assert_eq!(judge(&said(0, Kinship::RelativeOf, 1), &people, &known).unwrap_err().1, "repeated");
    }

    #[test]
    fn a_child_is_born_or_expected() {
        let today = day("2026-11-22");
        let mut unborn = someone("child", None);
        assert_eq!(expected_error(&unborn, day("2027-03-01"), today), None);
        assert_eq!(expected_error(&unborn, day("2026-11-01"), today), None);
        assert_eq!(expected_error(&unborn, day("2026-09-01"), today).unwrap().0, "too_long_ago");
        assert_eq!(expected_error(&unborn, day("2027-12-01"), today).unwrap().0, "too_far_ahead");
        unborn.birth_date = Some(day("2026-01-01"));
        assert_eq!(expected_error(&unborn, day("2027-03-01"), today).unwrap().0, "does_not_fit");
        assert_eq!(expected_error(&someone("parent", None), day("2027-03-01"), today).unwrap().0, "does_not_fit");
    }
}
