//! What may be said of a family, and when.

pub mod eligibility;
pub mod household;
pub mod told;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use shared::calendar;
use shared::code::Rules;

shared::typed_id!(
    /// A family.
    FamilyId
);
shared::typed_id!(
    /// A case: what one service works on with one family.
    CaseId
);

shared::words! {
    /// What someone is in the family.
    MemberRole {
        /// A child of the family.
        Child = "child",
        /// A mother or father.
        Parent = "parent",
        /// Someone else who cares for a child.
        Carer = "carer",
        /// A grandparent.
        Grandparent = "grandparent",
        /// A brother or sister who is not a child the work is about.
        Sibling = "sibling",
        /// A parent's partner.
        Partner = "partner",
        /// Another adult.
        OtherAdult = "other_adult",
    }
}

shared::words! {
    /// What someone is to another; read "`person_id` kind `other_id`".
    RelationshipKind {
        /// A parent of the other.
        ParentOf = "parent_of",
        /// Married to or living with a parent of the other.
        StepParentOf = "step_parent_of",
        /// A brother or sister of the other.
        SiblingOf = "sibling_of",
        /// A brother or sister of the other by one parent.
        HalfSiblingOf = "half_sibling_of",
        /// A partner of the other.
        PartnerOf = "partner_of",
        /// Was the other's partner.
        FormerPartnerOf = "former_partner_of",
        /// A grandparent of the other.
        GrandparentOf = "grandparent_of",
        /// Cares for the other.
        CarerOf = "carer_of",
        /// Some other relative of the other.
        RelativeOf = "relative_of",
    }
}

shared::words! {
    /// Where a case stands.
    CaseStatus {
        /// The service works with the family.
        Open = "open",
        /// It has ended its work.
        Closed = "closed",
    }
}

shared::words! {
    /// Whether a service works with the family now.
    FamilyState {
        /// There is an open case.
        Open = "open",
        /// There is none.
        Known = "known",
    }
}

shared::words! {
    /// How a case came to be.
    Origin {
        /// A service accepted an allocation.
        Allocation = "allocation",
        /// The family came back after a planned exit.
        TopUp = "top_up",
        /// The family asked for itself.
        SelfRequest = "self_request",
    }
}

/// Somebody who can be asked whether they are under an age, or a child at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// What they are in the family.
    pub role: MemberRole,
    /// When they were born, if that is known.
    pub birth_date: Option<NaiveDate>,
    /// Whether they are not born yet.
    pub unborn: bool,
}

impl Age {
    /// Whether they are under 18 on a day. Without a birth date the role says.
    pub fn is_child(self, on: NaiveDate) -> bool {
        match self.birth_date {
            Some(birth) => years(birth, on) < 18,
            None => self.unborn || self.role == MemberRole::Child,
        }
    }

    /// Whether they are known to be born and under 5 on a day.
    pub fn is_under_five(self, on: NaiveDate) -> bool {
        self.birth_date.is_some_and(|birth| birth <= on && years(birth, on) < 5)
    }
}

/// Whole years from one day to another. Who was born on 29 February comes of age on 1 March.
pub fn years(from: NaiveDate, to: NaiveDate) -> u32 {
    to.years_since(from).unwrap_or(0)
}

/// When something of a case of this type is due: by the limit of its type, else by the general one.
pub fn due(rules: &Rules, limit: &str, case_type: &str, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
    rules.due(&format!("{limit}_{case_type}"), start).or_else(|| rules.due(limit, start))
}

/// The last moment of a day: from there a limit in weeks runs to the end of the day it falls on.
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    calendar::end_of_day(day) - TimeDelta::seconds(1)
}

/// Whether two half-open intervals of days share a day.
pub fn overlap(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    let before = |start: NaiveDate, end: Option<NaiveDate>| end.is_none_or(|end| start < end);
    let empty = |(start, end): (NaiveDate, Option<NaiveDate>)| end.is_some_and(|end| end <= start);
    !empty(a) && !empty(b) && before(a.0, b.1) && before(b.0, a.1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_child_comes_of_age_on_the_eighteenth_birthday() {
        let child = Age { role: MemberRole::Sibling, birth_date: Some(day("2008-03-04")), unborn: false };
        assert!(child.is_child(day("2026-03-03")));
        assert!(!child.is_child(day("2026-03-04")));
        let leap = Age { birth_date: Some(day("2008-02-29")), ..child };
        assert!(leap.is_child(day("2026-02-28")));
        assert!(!leap.is_child(day("2026-03-01")));
        let unknown = Age { role: MemberRole::Child, birth_date: None, unborn: false };
        assert!(unknown.is_child(day("2026-03-01")) && !unknown.is_under_five(day("2026-03-01")));
    }

    #[test]
    fn under_five_ends_on_the_fifth_birthday_and_begins_with_birth() {
        let child = Age { role: MemberRole::Child, birth_date: Some(day("2021-06-01")), unborn: false };
        assert!(child.is_under_five(day("2026-05-31")));
        assert!(!child.is_under_five(day("2026-06-01")));
        assert!(!child.is_under_five(day("2021-05-31")));
    }

    #[test]
    fn what_ends_on_a_day_does_not_touch_what_begins_on_it() {
        let (a, b, c) = (day("2026-01-01"), day("2026-02-01"), day("2026-03-01"));
        assert!(!overlap((a, Some(b)), (b, None)));
        assert!(overlap((a, Some(c)), (b, None)));
        assert!(!overlap((b, Some(b)), (a, None)), "what was entered in error took no day");
    }

    proptest! {
        #[test]
        fn overlapping_goes_both_ways(a in 0u64..50, m in 0u64..50, b in 0u64..50, n in 0u64..50) {
            let from = |d: u64| day("2026-01-01") + chrono::Days::new(d);
            let one = (from(a), Some(from(a + m)));
            let two = (from(b), Some(from(b + n)));
            prop_assert_eq!(overlap(one, two), overlap(two, one));
            let shared = (0u64..100).any(|d| (a..a + m).contains(&d) && (b..b + n).contains(&d));
            prop_assert_eq!(overlap(one, two), shared);
        }
    }
}
