//! Dates that contradict one another, in the life of a household.

use chrono::NaiveDate;
use shared::problem::FieldError;
use uuid::Uuid;

use super::{MemberRole, RelationshipKind, overlap};

/// An interval of days, the end not included.
pub type Days = (NaiveDate, Option<NaiveDate>);

/// A membership that is claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// What they are said to be.
    pub role: MemberRole,
    /// Whether they are said to be unborn.
    pub unborn: bool,
    /// When they are said to be expected.
    pub expected_on: Option<NaiveDate>,
    /// Whether they are said to live there mainly.
    pub main_household: bool,
    /// Whether they are said to live there.
    pub in_household: bool,
    /// Since when, and until when.
    pub days: Days,
    /// The person's birth date, if known.
    pub birth_date: Option<NaiveDate>,
}

/// What is wrong with a claim, each at its place under `at`. `others` are the person's other
/// memberships of the same family.
pub fn membership_errors(claim: &Claim, others: &[Days], today: NaiveDate, at: &str) -> Vec<FieldError> {
    let mut errors = interval_errors(claim.days, today, at);
    let mut add = |field: &str, code: &str, detail: &str| {
        errors.push(FieldError::at(format!("{at}/{field}"), code, detail));
    };
    let born = claim.birth_date.is_some_and(|birth| birth <= today);
    if !claim.unborn && claim.birth_date.is_some_and(|birth| claim.days.0 < birth) {
        add("from_date", "before_birth", "is before this person was born");
    }
    if claim.unborn && born {
        add("unborn", "does_not_fit", "this person has a birth date: leave it out");
    }
    if claim.unborn && claim.role != MemberRole::Child && claim.role != MemberRole::Sibling {
        add("unborn", "does_not_fit", "only a child is unborn");
    }
    if !claim.unborn && claim.expected_on.is_some() {
        add("expected_on", "does_not_fit", "has a place only with unborn");
    }
    if claim.main_household && !claim.in_household {
        add("main_household", "does_not_fit", "who does not live in the household can't mainly live there");
    }
    if others.iter().any(|other| overlap(*other, claim.days)) {
        add("person_id", "overlaps", "belongs to this family already on some of these days");
    }
    errors
}

/// Where somebody of the family lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Living {
    /// Whether they live in the household.
    pub in_household: bool,
    /// Whether they mainly live there.
    pub main_household: bool,
}

impl Living {
    /// How they live after a change. Who moves out has the main household elsewhere; who comes back has it here again,
    /// unless it is another family's by now.
    pub fn changed(self, in_household: Option<bool>, main_household: Option<bool>, main_elsewhere: bool) -> Self {
        let lives = in_household.unwrap_or(self.in_household || main_household == Some(true));
        let returns = lives && !self.in_household && !main_elsewhere;
        Self {
            in_household: lives,
            main_household: main_household.unwrap_or(lives && (self.main_household || returns)),
        }
    }
}

/// What is wrong with a change of a membership that began on a day, from a day on.
pub fn living_errors(
    before: Living,
    after: Living,
    (began, from): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = from_errors((began, from), today);
    if after.main_household && !after.in_household {
        let detail = "who does not live in the household can't mainly live there";
        errors.push(FieldError::at("/main_household", "does_not_fit", detail));
    } else if before == after {
        errors.push(FieldError::at("/in_household", "unchanged", "is as it was: nothing would change"));
    }
    errors
}

/// What is wrong with the first day of a change of a membership: it is to come, or before the membership began.
pub fn from_errors((began, from): (NaiveDate, NaiveDate), today: NaiveDate) -> Vec<FieldError> {
    let mut errors = interval_errors((from, None), today, "");
    if from < began {
        let detail = "is before this person belonged to the family, or lived as now";
        errors.push(FieldError::at("/from_date", "before_from", detail));
    }
    errors
}

/// What is wrong with an interval: it begins in the future, ends there, or ends before it begins.
pub fn interval_errors(days: Days, today: NaiveDate, at: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if days.0 > today {
        errors.push(FieldError::at(format!("{at}/from_date"), "in_the_future", "is still to come"));
    }
    errors.extend(end_errors(days.0, days.1, today, at));
    errors
}

/// What is wrong with an end day.
pub fn end_errors(from: NaiveDate, to: Option<NaiveDate>, today: NaiveDate, at: &str) -> Option<FieldError> {
    let at = format!("{at}/to_date");
    match to {
        Some(to) if to < from => Some(FieldError::at(at, "before_from", "is before the first day")),
        Some(to) if to > today => Some(FieldError::at(at, "in_the_future", "is still to come")),
        _ => None,
    }
}

/// A relationship, as claimed or as recorded.
#[derive(Clone, Copy, Debug)]
pub struct Tie {
    /// Who.
    pub person: Uuid,
    /// Is what.
    pub kind: RelationshipKind,
    /// To whom.
    pub other: Uuid,
    /// Since when; from the first day one can know of, if not said.
    pub from: Option<NaiveDate>,
    /// Until when.
    pub to: Option<NaiveDate>,
}

impl Tie {
    fn days(&self) -> Days {
        (self.from.unwrap_or(NaiveDate::MIN), self.to)
    }

    /// Whether it says the same of the same two people, either way round where that is the same.
    fn same(&self, other: &Tie) -> bool {
        use RelationshipKind as R;
        let mutual =
            matches!(self.kind, R::SiblingOf | R::HalfSiblingOf | R::PartnerOf | R::FormerPartnerOf | R::RelativeOf);
        self.kind == other.kind
            && ((self.person, self.other) == (other.person, other.other)
                || (mutual && (self.person, self.other) == (other.other, other.person)))
    }

    /// Whether both can't be so: each the other's parent.
    fn contradicts(&self, other: &Tie) -> bool {
        let elder = |kind| matches!(kind, RelationshipKind::ParentOf | RelationshipKind::GrandparentOf);
        elder(self.kind) && elder(other.kind) && (self.person, self.other) == (other.other, other.person)
    }
}

/// What is wrong with a claimed relationship, given those there are and the two birth dates.
pub fn tie_errors(
    tie: &Tie,
    there: &[Tie],
    births: (Option<NaiveDate>, Option<NaiveDate>),
    today: NaiveDate,
) -> Vec<FieldError> {
    let mut errors = interval_errors((tie.from.unwrap_or(NaiveDate::MIN), tie.to), today, "");
    let mut add = |field: &str, code: &str, detail: &str| errors.push(FieldError::at(field, code, detail));
    if tie.person == tie.other {
        add("/other_id", "does_not_fit", "is the same person");
    }
    if there.iter().any(|one| one.same(tie) && overlap(one.days(), tie.days())) {
        add("/kind", "overlaps", "is recorded already for some of these days");
    }
    if there.iter().any(|one| one.contradicts(tie)) {
        add("/kind", "contradicts", "the other way round is recorded: both can't be so");
    }
    let (born, other_born) = births;
    let elder = matches!(tie.kind, RelationshipKind::ParentOf | RelationshipKind::GrandparentOf);
    if elder && born.zip(other_born).is_some_and(|(born, other)| born >= other) {
        add("/kind", "contradicts", "this person was not born before the other");
    }
    let last_born = born.into_iter().chain(other_born).max();
    if tie.from.zip(last_born).is_some_and(|(from, born)| from < born) {
        add("/from_date", "before_birth", "is before one of the two was born");
    }
    errors
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn pointers(errors: &[FieldError]) -> Vec<&str> {
        errors.iter().filter_map(|error| error.pointer.as_deref()).collect()
    }

    fn claim() -> Claim {
        Claim {
            role: MemberRole::Child,
            unborn: false,
            expected_on: None,
            main_household: true,
            in_household: true,
            days: (day("2026-01-01"), None),
            birth_date: Some(day("2020-01-01")),
        }
    }

    #[test]
    fn contradicting_dates_are_told_all_at_once() {
        let today = day("2026-11-22");
        assert!(membership_errors(&claim(), &[], today, "").is_empty());
        let wrong = Claim { days: (day("2019-01-01"), Some(day("2018-01-01"))), ..claim() };
        assert_eq!(
            pointers(&membership_errors(&wrong, &[], today, "/people/0")),
            ["/people/0/to_date", "/people/0/from_date"]
        );
        let twice = membership_errors(&claim(), &[(day("2026-02-01"), None)], today, "");
        assert_eq!(pointers(&twice), ["/person_id"]);
        assert!(membership_errors(&claim(), &[(day("2025-01-01"), Some(day("2026-01-01")))], today, "").is_empty());
        let future = Claim { days: (day("2027-01-01"), None), ..claim() };
        assert_eq!(pointers(&membership_errors(&future, &[], today, "")), ["/from_date"]);
        let away = Claim { in_household: false, expected_on: Some(today), unborn: false, ..claim() };
        assert_eq!(pointers(&membership_errors(&away, &[], today, "")), ["/expected_on", "/main_household"]);
    }

    #[test]
    fn who_moves_out_and_comes_back_has_the_main_household_where_they_live() {
        let home = Living { in_household: true, main_household: true };
        let away = Living { in_household: false, main_household: false };
        let second = Living { in_household: true, main_household: false };
        assert_eq!(home.changed(Some(false), None, false), away);
        assert_eq!(away.changed(Some(true), None, false), home);
        assert_eq!(away.changed(Some(true), None, true), second);
        assert_eq!(away.changed(None, Some(true), false), home);
        assert_eq!(home.changed(None, Some(false), false), second);
        let (began, today) = (day("2026-01-01"), day("2026-11-22"));
        assert!(living_errors(home, away, (began, began), today).is_empty());
        let both = home.changed(Some(false), Some(true), false);
        assert_eq!(pointers(&living_errors(home, both, (began, began), today)), ["/main_household"]);
        assert_eq!(
            pointers(&living_errors(home, home, (began, day("2027-01-01")), today)),
            ["/from_date", "/in_household"]
        );
        assert_eq!(pointers(&living_errors(home, away, (began, day("2025-12-31")), today)), ["/from_date"]);
    }

    #[test]
    fn the_unborn_are_children_without_a_birth_date() {
        let today = day("2026-11-22");
        let unborn = Claim { unborn: true, birth_date: None, expected_on: Some(day("2027-03-01")), ..claim() };
        assert!(membership_errors(&unborn, &[], today, "").is_empty());
        let born = Claim { birth_date: Some(day("2020-01-01")), ..unborn };
        assert_eq!(pointers(&membership_errors(&born, &[], today, "")), ["/unborn"]);
        let parent = Claim { role: MemberRole::Parent, ..unborn };
        assert_eq!(pointers(&membership_errors(&parent, &[], today, "")), ["/unborn"]);
    }

    #[test]
    fn nobody_is_their_own_parent_s_parent() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let today = day("2026-11-22");
        let tie = |person, kind, other| Tie { person, kind, other, from: None, to: None };
        let parent = tie(a, RelationshipKind::ParentOf, b);
        let ages = (Some(day("1990-01-01")), Some(day("2015-01-01")));
        assert!(tie_errors(&parent, &[], ages, today).is_empty());
        assert_eq!(
            pointers(&tie_errors(&tie(b, RelationshipKind::ParentOf, a), &[parent], (None, None), today)),
            ["/kind"]
        );
        assert_eq!(
            pointers(&tie_errors(&tie(b, RelationshipKind::ParentOf, a), &[], (ages.1, ages.0), today)),
            ["/kind"]
        );
        let siblings = tie(a, RelationshipKind::SiblingOf, b);
        assert_eq!(
            pointers(&tie_errors(&tie(b, RelationshipKind::SiblingOf, a), &[siblings], (None, None), today)),
            ["/kind"]
        );
        assert_eq!(
            pointers(&tie_errors(&tie(a, RelationshipKind::SiblingOf, a), &[], (None, None), today)),
            ["/other_id"]
        );
        let early = Tie { from: Some(day("2014-01-01")), ..parent };
        assert_eq!(pointers(&tie_errors(&early, &[], ages, today)), ["/from_date"]);
    }
}
