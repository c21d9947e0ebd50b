//! Naming someone, and what can be wrong with it.

use chrono::NaiveDate;
use serde::Deserialize;
use shared::access::View;
use shared::actor::{Actor, Role};
use shared::id::PersonId;
use shared::mistakes::Mistakes;
use utoipa::ToSchema;

use crate::people::birth::birth_date_error;

/// Who it is: someone of the index by id, or anyone by names and birth date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "given_name": "Hazel", "family_name": "Invented", "birth_date": "2012-06-14" }))]
pub struct Whom {
    /// The id of someone you see in the index; then no names.
    pub person_id: Option<PersonId>,
    /// Given name.
    #[schema(min_length = 1, max_length = 200)]
    pub given_name: Option<String>,
    /// Family name.
    #[schema(min_length = 1, max_length = 200)]
    pub family_name: Option<String>,
    /// Birth date; it is what tells two people of one name apart.
    pub birth_date: Option<NaiveDate>,
}

impl Whom {
    /// Notes what is wrong with how someone is named, at `at` in the body.
    pub fn check(&self, at: &str, mistakes: &mut Mistakes<'_>) {
        if self.person_id.is_some() {
            if self.given_name.is_some() || self.family_name.is_some() || self.birth_date.is_some() {
                let detail = "is given beside names: give the id, or names and birth date, and not both";
                mistakes.add(format!("{at}/person_id"), "both_ways", detail);
            }
            return;
        }
        for (name, value) in [("given_name", &self.given_name), ("family_name", &self.family_name)] {
            if value.is_none() {
                let detail = "is missing: name someone by person_id, or by names and birth date";
                mistakes.add(format!("{at}/{name}"), "required", detail);
            }
        }
        if let Some(birth) = self.birth_date {
            mistakes.extend(birth_date_error(birth, mistakes.today(), &format!("{at}/birth_date")));
        }
    }

    /// Where in the body the birth date, or what stands for it, was given.
    pub fn birth_pointer(&self, at: &str) -> String {
        format!("{at}/{}", if self.person_id.is_some() { "person_id" } else { "birth_date" })
    }
}

/// Who follows what someone told: a partner's whole agency where it stands; a worker where it stands,
/// and the worker's teams all of it.
pub fn teller_scopes(actor: &Actor) -> Vec<(String, View)> {
    let mut scopes = vec![(format!("user:{}", actor.user), View::Status)];
    if actor.holds_any(&[Role::Referrer]) {
        scopes.push((format!("agency:{}", actor.agency), View::Status));
    }
    let teams = actor.scopes().into_iter().filter(|scope| scope.starts_with("team:"));
    scopes.extend(teams.map(|team| (team, View::Full)));
    scopes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use shared::code::Rules;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn codes(whom: &Whom) -> Vec<(String, String)> {
        let rules = Rules::default();
        let mut mistakes = Mistakes::by(&rules, "2026-11-22T12:00:00Z".parse().unwrap());
        whom.check("/person", &mut mistakes);
        let errors = mistakes.refuse().map_or_else(|problem| problem.document().errors, |()| Vec::new());
        errors.into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    fn named(given: &str, family: &str, birth: Option<&str>) -> Whom {
        Whom {
            person_id: None,
            given_name: Some(given.to_owned()),
            family_name: Some(family.to_owned()),
            birth_date: birth.map(day),
        }
    }

    #[test]
    fn someone_is_named_in_one_way_and_only_one() {
        assert!(codes(&named("Hazel", "Invented", Some("2012-06-14"))).is_empty());
        assert!(codes(&Whom { person_id: Some(PersonId::new()), ..Whom::default() }).is_empty());
        let both = Whom { person_id: Some(PersonId::new()), ..named("Hazel", "Invented", None) };
        assert_eq!(codes(&both), [("/person/person_id".to_owned(), "both_ways".to_owned())]);
        let nothing: Vec<String> = codes(&Whom::default()).into_iter().map(|(at, _)| at).collect();
        assert_eq!(nothing, ["/person/given_name", "/person/family_name"]);
    }

    #[test]
    fn every_mistake_is_named() {
        let nameless = Whom { given_name: None, ..named("A", "B", Some("2026-11-23")) };
        let wrong: Vec<String> = codes(&nameless).into_iter().map(|(_, code)| code).collect();
        assert_eq!(wrong, ["required", "in_the_future"]);
        assert_eq!(codes(&named("A", "B", Some("1899-12-31"))).len(), 1);
    }
}
