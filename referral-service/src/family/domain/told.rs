//! What a referral tells of where its people live and what they are to one another, as what a family begins with, so
//! that nobody types it again.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::MemberRole;
use super::household::{Tie, tie_errors};

/// An address that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address, without the postcode.
    pub address: String,
    /// The postcode.
    pub postcode: Option<String>,
}

impl Place {
    /// From what stands in a referral; none without an address.
    pub fn told(address: Option<String>, postcode: Option<String>) -> Option<Self> {
        let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Some(Self { address: filled(address)?, postcode: filled(postcode) })
    }

    /// Whether it is the same place, however it is written.
    fn same(&self, other: &Self) -> bool {
        let letters = |text: &str| -> String {
            text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let postcodes = self.postcode.as_deref().zip(other.postcode.as_deref());
        letters(&self.address) == letters(&other.address)
            && postcodes.is_none_or(|(one, other)| letters(one) == letters(other))
    }
}

/// Someone whom a referral names, as the index knows them. Who lives in two households is named twice.
#[derive(Clone, Debug)]
pub struct Named {
    /// The person.
    pub person: Uuid,
    /// What the referrer said they are.
    pub role: MemberRole,
    /// Their family name as told.
    pub family_name: String,
    /// Their birth date as told.
    pub birth_date: Option<NaiveDate>,
    /// The household they live in, 0 the main one.
    pub household: i16,
    /// Their own address, if it is not that of the household.
    pub own: Option<Place>,
}

/// Someone who belongs to the family from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starting {
    /// The person.
    pub person: Uuid,
    /// What they are in the family.
    pub role: MemberRole,
    /// Whether they live in its household.
    pub in_household: bool,
}

/// What a family begins with.
#[derive(Clone, Debug, Default)]
pub struct Beginning {
    /// Who belongs to it, each once.
    pub members: Vec<Starting>,
    /// Where it lives: the main address, if one was told, and the others.
    pub addresses: Vec<(bool, Place)>,
    /// Who is what to whom.
    pub ties: Vec<Tie>,
}

/// What a family begins with, by what a referral tells. The first household somebody lives in is the family's; where
/// its address was not told, that of those in it is, a child's before others'. What is said of relationships and can't
/// be is left out.
pub fn beginning(named: &[Named], households: Vec<(i16, Place)>, said: &[Tie], today: NaiveDate) -> Beginning {
    let main = named.iter().map(|one| one.household).min().unwrap_or_default();
    let mut homes: BTreeMap<i16, Place> = households.into_iter().collect();
    let (children, others): (Vec<&Named>, Vec<&Named>) = named.iter().partition(|one| one.role == MemberRole::Child);
    for one in children.into_iter().chain(others) {
        if let Some(own) = &one.own {
            homes.entry(one.household).or_insert_with(|| own.clone());
        }
    }
    let lives_here = |one: &Named| {
        let elsewhere = one.own.as_ref().zip(homes.get(&main)).is_some_and(|(own, home)| !own.same(home));
        one.household == main && !elsewhere
    };
    let mut members: Vec<Starting> = Vec::new();
    for one in named {
        match members.iter_mut().find(|member| member.person == one.person) {
            Some(member) => member.in_household |= lives_here(one),
            None => {
                members.push(Starting { person: one.person, role: one.role, in_household: lives_here(one) });
            }
        }
    }
    let mut addresses: Vec<(bool, Place)> = homes.get(&main).map(|home| (true, home.clone())).into_iter().collect();
    let second = homes.iter().filter(|(place, _)| **place != main).map(|(_, home)| home);
    for home in second.chain(named.iter().filter_map(|one| one.own.as_ref())) {
        if !addresses.iter().any(|(_, there)| there.same(home)) {
            addresses.push((false, home.clone()));
        }
    }
    let born = |person: Uuid| named.iter().find(|one| one.person == person).and_then(|one| one.birth_date);
    let mut ties: Vec<Tie> = Vec::new();
    for tie in said {
        if tie_errors(tie, &ties, (born(tie.person), born(tie.other)), today).is_empty() {
            ties.push(*tie);
        }
    }
    Beginning { members, addresses, ties }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::family::domain::RelationshipKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn place(address: &str) -> Place {
        Place::told(Some(address.into()), None).unwrap()
    }

    fn named(person: u128, role: MemberRole, household: i16, own: Option<&str>) -> Named {
        let family_name = "Testcase".to_owned();
        let person = Uuid::from_u128(person);
        Named { person, role, family_name, birth_date: None, household, own: own.map(place) }
    }

    fn here(beginning: &Beginning) -> Vec<bool> {
        beginning.members.iter().map(|member| member.in_household).collect()
    }

    fn homes(beginning: &Beginning) -> Vec<(bool, &str)> {
        beginning.addresses.iter().map(|(main, place)| (*main, place.address.as_str())).collect()
    }

    #[test]
    fn a_child_of_two_households_lives_in_the_main_one() {
        let people = [
            named(1, MemberRole::Child, 1, None),
            named(2, MemberRole::Parent, 0, None),
            named(3, MemberRole::Parent, 1, None),
            named(1, MemberRole::Child, 0, None),
        ];
        let houses = vec![(0, place("1 Example Street")), (1, place("2 Sample Road"))];
        let told = beginning(&people, houses, &[], day("2026-11-22"));
        assert_eq!(here(&told), [true, true, false]);
        assert_eq!(homes(&told), [(true, "1 Example Street"), (false, "2 Sample Road")]);
    }

    #[test]
    fn people_s_own_addresses_stand_in_for_a_household_s() {
        let people = [
            named(1, MemberRole::Parent, 0, Some("2 Sample Road")),
            named(2, MemberRole::Child, 0, Some("1 Example Street")),
            named(3, MemberRole::Parent, 0, Some(" 1, EXAMPLE street ")),
        ];
        let told = beginning(&people, Vec::new(), &[], day("2026-11-22"));
        assert_eq!(here(&told), [false, true, true]);
        assert_eq!(homes(&told), [(true, "1 Example Street"), (false, "2 Sample Road")]);
        let nowhere = beginning(&[named(1, MemberRole::Child, 0, None)], Vec::new(), &[], day("2026-11-22"));
        assert_eq!((here(&nowhere), homes(&nowhere)), (vec![true], Vec::new()));
        // Nobody is named of the first household: the family is that of the second.
        let second = beginning(&[named(1, MemberRole::Child, 1, None)], Vec::new(), &[], day("2026-11-22"));
        assert_eq!(here(&second), [true]);
        assert_eq!(Place::told(Some("  ".into()), Some("ZZ99 1AA".into())), None);
    }

    #[test]
    fn relationships_come_along_once_and_only_as_they_can_be() {
        let people = [named(1, MemberRole::Child, 0, None), named(2, MemberRole::Parent, 0, None)];
        let (child, parent) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let tie = |person, kind, other| Tie { person, kind, other, from: None, to: None };
        let said = [
            tie(parent, RelationshipKind::ParentOf, child),
            tie(child, RelationshipKind::ParentOf, parent),
            tie(parent, RelationshipKind::ParentOf, child),
            tie(child, RelationshipKind::RelativeOf, parent),
        ];
        let told = beginning(&people, Vec::new(), &said, day("2026-11-22"));
        let kinds: Vec<RelationshipKind> = told.ties.iter().map(|tie| tie.kind).collect();
        assert_eq!(kinds, [RelationshipKind::ParentOf, RelationshipKind::RelativeOf]);
    }
}
