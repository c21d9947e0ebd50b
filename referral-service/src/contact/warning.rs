//! What is no reason to refuse a form, and yet worth saying to whoever filled it in: what is missing, and what
//! contradicts itself. A worry about a child is never turned away for it.

use chrono::{Datelike, NaiveDate};
use shared::problem::FieldError;

use super::domain::USUAL_BASIS;
use super::form::{PersonForm, ReferralForm, Relation};
use crate::people::{ADULT_AT, years_old};
use crate::referral::told::ConsentGiven;

/// Nobody younger than this has a child.
const YOUNGEST_PARENT: i32 = 12;

/// What should be said about a form on a day.
pub fn warnings(form: &ReferralForm, today: NaiveDate) -> Vec<FieldError> {
    let mut said = Vec::new();
    consent(form, &mut said);
    for (index, person) in form.people.iter().enumerate() {
        let at = format!("/people/{index}");
        age(person, today, &at, &mut said);
        home(form, person, &at, &mut said);
        if form.people.iter().take(index).any(|other| is_the_same(other, person)) {
            let detail = "is named twice: one person has one place in this list";
            said.push(FieldError::at(at, "repeated", detail));
        }
    }
    parents(form, &mut said);
    let nobody_at_main = |form: &ReferralForm| {
        form.households.len() > 1
            && form.people.iter().all(|person| person.relation != Relation::Child || person.household != 0)
    };
    if nobody_at_main(form) {
        let detail = "no child lives there: the first household is the one where a child mainly lives";
        said.push(FieldError::at("/households/0", "no_child", detail));
    }
    for (index, household) in form.households.iter().enumerate() {
        let same = |other: &&crate::referral::told::NamedHousehold| {
            other.address.is_some() && folded(other.address.as_deref()) == folded(household.address.as_deref())
        };
        if form.households.iter().take(index).any(|other| same(&other)) {
            said.push(FieldError::at(format!("/households/{index}"), "repeated", "has the address of another of them"));
        }
    }
    if form.locality.is_none() {
        said.push(FieldError::at("/locality", "missing", "is missing: First Response will have to find the district"));
    }
    said
}

/// What is said of the family's agreement, and what would need it.
fn consent(form: &ReferralForm, said: &mut Vec<FieldError>) {
    let basis = form.lawful_basis.as_ref().map(|basis| basis.basis.as_str());
    match (&form.consent, basis) {
        (None, _) => {
            let detail = "is not recorded: nobody will know whether the family agrees to a service";
            said.push(FieldError::at("/consent", "not_recorded", detail));
        }
        (Some(consent), Some("consent")) if consent.given != ConsentGiven::Yes => {
            let detail = "is consent, and the family has not given it: is it another basis on which you share this?";
            said.push(FieldError::at("/lawful_basis/basis", "contradicts", detail));
        }
        _ => {}
    }
    let agreed = form.consent.as_ref().is_some_and(|consent| consent.given == ConsentGiven::Yes);
    if agreed && !form.family_knows {
        let detail = "is not so, and yet the family is said to agree to a service";
        said.push(FieldError::at("/family_knows", "contradicts", detail));
    }
    if basis.is_none() && form.kind().is_professional() {
        let detail = format!("names no lawful basis: {USUAL_BASIS} stands");
        said.push(FieldError::at("/lawful_basis", "presumed", detail));
    }
}

fn age(person: &PersonForm, today: NaiveDate, at: &str, said: &mut Vec<FieldError>) {
    if person.relation != Relation::Child {
        return;
    }
    match (person.birth_date, person.expected_on) {
        (None, None) => {
            let detail = "is missing: without it nobody can tell whether this child is known already";
            said.push(FieldError::at(format!("{at}/birth_date"), "missing", detail));
        }
        (Some(birth), _) => {
            if let Some(age) = years_old(birth, today).filter(|age| *age >= ADULT_AT) {
                let detail =
                    format!("makes this child {age}: a child is under {ADULT_AT}, or to 25 with special needs");
                said.push(FieldError::at(format!("{at}/birth_date"), "over_18", detail));
            }
        }
        (None, Some(_)) => {}
    }
}

/// Somebody of the main household who is said to live elsewhere: two main homes.
fn home(form: &ReferralForm, person: &PersonForm, at: &str, said: &mut Vec<FieldError>) {
    let household = usize::try_from(person.household).ok().and_then(|place| form.households.get(place));
    let Some(household) = household else { return };
    let differs =
        |own: Option<&str>, theirs: Option<&str>| own.is_some() && theirs.is_some() && folded(own) != folded(theirs);
    if differs(person.address.as_deref(), household.address.as_deref())
        || differs(person.postcode.as_deref(), household.postcode.as_deref())
    {
        let detail = "is not where their household lives: give each home as a household of its own";
        said.push(FieldError::at(format!("{at}/address"), "two_homes", detail));
    }
}

/// Parents and grandparents who are too young to be it.
fn parents(form: &ReferralForm, said: &mut Vec<FieldError>) {
    let eldest = form.people.iter().filter(|person| person.relation == Relation::Child);
    let Some(eldest) = eldest.filter_map(|person| person.birth_date).min() else { return };
    for (index, person) in form.people.iter().enumerate() {
        let elder = matches!(person.relation, Relation::Parent | Relation::Grandparent);
        if elder && person.birth_date.is_some_and(|birth| birth.year() + YOUNGEST_PARENT > eldest.year()) {
            let detail = "makes them too young for a parent of the eldest child";
            said.push(FieldError::at(format!("/people/{index}/birth_date"), "contradicts", detail));
        }
    }
}

/// Whether two entries are one person, as far as the form says: the same names, and no birth date that tells them apart.
fn is_the_same(one: &PersonForm, other: &PersonForm) -> bool {
    let names = |person: &PersonForm| (folded(Some(&person.given_name)), folded(Some(&person.family_name)));
    let apart = one.birth_date.is_some() && other.birth_date.is_some() && one.birth_date != other.birth_date;
    let both_unborn = one.expected_on.is_some() && other.expected_on.is_some();
    names(one) == names(other) && !apart && !both_unborn
}

fn folded(text: Option<&str>) -> String {
    let letters = text.unwrap_or_default().chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use serde_json::{Value, json};

    fn said(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut form = json!({
            "referrer": { "name": "Ms A Teacher (invented)", "role": "teacher" }, "family_knows": true,
            "people": [{ "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03" },
                { "relation": "parent", "given_name": "Willow", "family_name": "Testcase", "birth_date": "1990-01-01" }],
            "households": [{ "address": "1 Example Street", "postcode": "ZZ99 1AA" }, { "address": "2 Sample Road" }],
            "locality": "charnwood", "concerns": ["good-education"], "worries": "x",
            "consent": { "given": "yes", "by": "mother" }, "lawful_basis": { "basis": "consent" }
        });
        change(&mut form);
        let form: ReferralForm = serde_json::from_value(form).unwrap();
        let said = warnings(&form, "2026-11-22".parse().unwrap());
        said.into_iter().map(|one| format!("{} {}", one.pointer.unwrap_or_default(), one.code)).collect()
    }

    #[test]
    fn a_form_without_contradictions_is_left_alone() {
        assert_eq!(said(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn each_contradiction_is_told_with_its_place() {
        let child = json!({ "relation": "child", "given_name": "juniper ", "family_name": "TESTCASE" });
        assert_eq!(
            said(|form| form["people"].as_array_mut().unwrap().push(child)),
            ["/people/2/birth_date missing", "/people/2 repeated"]
        );
        assert_eq!(
            said(|form| form["people"][0]["birth_date"] = json!("2004-01-01")),
            ["/people/0/birth_date over_18"]
        );
        assert_eq!(
            said(|form| form["people"][1]["birth_date"] = json!("2012-01-01")),
            ["/people/1/birth_date contradicts"]
        );
        assert_eq!(said(|form| form["people"][0]["address"] = json!("9 Elsewhere")), ["/people/0/address two_homes"]);
        assert_eq!(said(|form| form["people"][0]["household"] = json!(1)), ["/households/0 no_child"]);
        assert_eq!(
            said(|form| form["households"][1]["address"] = json!("1, example street")),
            ["/households/1 repeated"]
        );
        assert_eq!(
            said(|form| form["consent"] = json!({ "given": "no", "reason": "x" })),
            ["/lawful_basis/basis contradicts"]
        );
        assert_eq!(said(|form| form["family_knows"] = json!(false)), ["/family_knows contradicts"]);
    }

    #[test]
    fn twins_and_a_father_of_the_same_name_are_several_people() {
        let twin = json!({ "relation": "child", "given_name": "Rowan", "family_name": "Testcase", "birth_date": "2019-02-03" });
        let son = json!({ "relation": "child", "given_name": "Willow", "family_name": "Testcase", "birth_date": "2018-02-03" });
        assert_eq!(said(|form| form["people"].as_array_mut().unwrap().extend([twin, son])), Vec::<String>::new());
    }
}
