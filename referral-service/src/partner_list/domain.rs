//! When an agreement lets a list in, how a family stands, and what may happen to its offer.

use chrono::{DateTime, NaiveDate, Utc};
use shared::calendar::{end_of_day, start_of_day};

shared::typed_id!(
    /// An agreement on a partner's lists.
    AgreementId
);
shared::typed_id!(
    /// A partner's list.
    PartnerListId
);
shared::typed_id!(
    /// A family on a partner's list.
    PartnerFamilyId
);

/// Why no list is taken under an agreement on a day; nothing, if it is in force.
pub fn not_in_force(starts_on: NaiveDate, review_on: NaiveDate, ended: bool, day: NaiveDate) -> Option<String> {
    if ended {
        Some("has ended".to_owned())
    } else if day < starts_on {
        Some(format!("begins on {starts_on}"))
    } else if day > review_on {
        Some(format!("was to be reviewed by {review_on}, and no list is taken until it is"))
    } else {
        None
    }
}

/// When an agreement that was last looked at then is to be reviewed: by the end of the day it says itself, and at the
/// latest when the practice says, counted from its first day if that is still to come.
pub fn review_due(
    starts_on: NaiveDate,
    review_on: NaiveDate,
    looked_at: DateTime<Utc>,
    practice: impl Fn(DateTime<Utc>) -> Option<DateTime<Utc>>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = looked_at.max(start_of_day(starts_on));
    let own = end_of_day(review_on);
    (from, practice(from).map_or(own, |latest| own.min(latest)))
}

shared::words! {
    /// How a family on a list stands to whom the partnership knows.
    #[derive(PartialOrd, Ord)]
    PartnerStanding {
        /// Nobody knows it.
        New = "new",
        /// Somebody in it is known, and nobody works with them now.
        Matched = "matched",
        /// Somebody in it may be known: an officer decides.
        Possible = "possible",
        /// It has been referred, or somebody works with it.
        AlreadyOpen = "already_open",
    }
}

impl PartnerStanding {
    /// Of somebody the index has under the same names and birth date, or under names that resemble.
    pub fn of_row(exact: bool, resembling: bool, open: bool) -> Self {
        match (exact, resembling, open) {
            (true, _, true) => PartnerStanding::AlreadyOpen,
            (true, _, false) => PartnerStanding::Matched,
            (false, true, _) => PartnerStanding::Possible,
            (false, false, _) => PartnerStanding::New,
        }
    }

    /// Of a family, by its rows: what most keeps from offering help decides.
    pub fn of_family(rows: impl IntoIterator<Item = PartnerStanding>) -> Self {
        rows.into_iter().max().unwrap_or(PartnerStanding::New)
    }
}

shared::words! {
    /// How far the offer of help to a family is.
    PartnerOffer {
        /// Nobody has offered it help yet.
        ToOffer = "to_offer",
        /// It has been offered help and has not answered.
        Offered = "offered",
        /// It accepted, and is a referral.
        Accepted = "accepted",
        /// It does not want help.
        Declined = "declined",
        /// It could not be reached.
        Unreachable = "unreachable",
    }
}

/// Moves an offer on.
///
/// # Errors
/// Why not, in words.
pub fn offer(standing: PartnerStanding, from: PartnerOffer, to: PartnerOffer) -> Result<PartnerOffer, &'static str> {
    use PartnerOffer as O;
    match standing {
        PartnerStanding::Possible => return Err("decide first who the people of the family are"),
        PartnerStanding::AlreadyOpen if matches!(from, O::ToOffer) => {
            return Err("the family has been referred already, or somebody works with it");
        }
        _ => {}
    }
    match (from, to) {
        (O::ToOffer | O::Unreachable, O::Offered)
        | (O::ToOffer | O::Offered, O::Unreachable)
        | (O::Offered, O::Accepted | O::Declined) => Ok(to),
        (O::ToOffer | O::Unreachable, O::Accepted | O::Declined) => Err("the family has not been offered help yet"),
        (O::Offered, O::Offered) => Err("the family has been offered help already"),
        (O::Unreachable, O::Unreachable) => Err("that the family could not be reached is known already"),
        (O::Accepted, _) => Err("the family has accepted and is a referral"),
        (O::Declined, _) => Err("the family has declined"),
        (_, O::ToOffer) => Err("an offer is not taken back"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::TimeDelta;
    use proptest::prelude::*;

    #[test]
    fn an_agreement_holds_from_its_first_day_until_its_review() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let held = |ended, on| not_in_force(day("2026-04-01"), day("2027-03-31"), ended, day(on));
        assert_eq!(held(false, "2026-04-01"), None);
        assert_eq!(held(false, "2027-03-31"), None);
        assert!(held(false, "2026-03-31").unwrap().contains("begins on 2026-04-01"));
        assert!(held(false, "2027-04-01").unwrap().contains("reviewed by 2027-03-31"));
        assert!(held(true, "2026-05-01").unwrap().contains("ended"));
    }

    #[test]
    fn an_agreement_is_reviewed_by_its_own_day_and_at_the_latest_by_practice() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let practice = |from: DateTime<Utc>| Some(from + TimeDelta::days(100));
        let due = |starts, review| review_due(day(starts), day(review), at("2026-06-01T12:00:00Z"), practice);
        let now = at("2026-06-01T12:00:00Z");
        // The last instant of 31 August in England's summer.
        assert_eq!(due("2026-04-01", "2026-08-31"), (now, at("2026-08-31T23:00:00Z")));
        assert_eq!(due("2026-04-01", "2030-08-31"), (now, now + TimeDelta::days(100)));
        assert_eq!(due("2026-12-01", "2030-08-31"), (at("2026-12-01T00:00:00Z"), at("2027-03-11T00:00:00Z")));
        let none = review_due(day("2026-04-01"), day("2027-01-31"), now, |_| None);
        assert_eq!(none.1, at("2027-02-01T00:00:00Z"));
    }

    #[test]
    fn a_row_stands_as_what_is_known_of_it() {
        assert_eq!(PartnerStanding::of_row(true, true, true), PartnerStanding::AlreadyOpen);
        assert_eq!(PartnerStanding::of_row(true, false, false), PartnerStanding::Matched);
        assert_eq!(PartnerStanding::of_row(false, true, true), PartnerStanding::Possible);
        assert_eq!(PartnerStanding::of_row(false, false, false), PartnerStanding::New);
        let of = |rows: &[PartnerStanding]| PartnerStanding::of_family(rows.iter().copied());
        assert_eq!(of(&[PartnerStanding::New, PartnerStanding::Matched]), PartnerStanding::Matched);
        assert_eq!(of(&[PartnerStanding::Possible, PartnerStanding::AlreadyOpen]), PartnerStanding::AlreadyOpen);
        assert_eq!(of(&[]), PartnerStanding::New);
    }

    #[test]
    fn help_is_offered_before_it_is_accepted() {
        use PartnerOffer as O;
        let next = |from, to| offer(PartnerStanding::New, from, to).ok();
        for from in O::ALL {
            for to in O::ALL {
                let expected = match from {
                    O::ToOffer => [O::Offered, O::Unreachable].contains(&to),
                    O::Offered => [O::Accepted, O::Declined, O::Unreachable].contains(&to),
                    O::Unreachable => to == O::Offered,
                    O::Accepted | O::Declined => false,
                };
                assert_eq!(next(from, to).is_some(), expected, "{from:?} {to:?}");
            }
        }
        assert!(offer(PartnerStanding::AlreadyOpen, O::ToOffer, O::Offered).is_err());
        assert!(offer(PartnerStanding::AlreadyOpen, O::Offered, O::Accepted).is_ok(), "it opened after it was offered");
    }

    proptest! {
        #[test]
        fn nobody_undecided_is_offered_anything(from in proptest::sample::select(O.to_vec()), to in proptest::sample::select(O.to_vec())) {
            prop_assert!(offer(PartnerStanding::Possible, from, to).is_err());
        }
    }
    const O: [PartnerOffer; 5] = PartnerOffer::ALL;
}
