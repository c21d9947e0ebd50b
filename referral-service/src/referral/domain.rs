//! What may happen to a referral, and when.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

shared::typed_id!(
    /// A referral.
    ReferralId
);

/// Where a referral stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The front door has it; nobody has looked yet.
    Received,
    /// First Response is screening it.
    Screening,
    /// It went to children's social care.
    WithSocialCare,
    /// It is listed for the hub of the family's district.
    ListedForHub,
    /// A service has been asked to take it on.
    Offered,
    /// A service is working with the family.
    InService,
    /// It has ended.
    Closed,
    /// It was taken back before a service took it on.
    Withdrawn,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 8] = [
        Status::Received,
        Status::Screening,
        Status::WithSocialCare,
        Status::ListedForHub,
        Status::Offered,
        Status::InService,
        Status::Closed,
        Status::Withdrawn,
    ];

    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Received => "received",
            Status::Screening => "screening",
            Status::WithSocialCare => "with_social_care",
            Status::ListedForHub => "listed_for_hub",
            Status::Offered => "offered",
            Status::InService => "in_service",
            Status::Closed => "closed",
            Status::Withdrawn => "withdrawn",
        }
    }

    /// As people say it.
    const fn in_words(self) -> &'static str {
        match self {
            Status::Received => "waiting to be screened",
            Status::Screening => "being screened",
            Status::WithSocialCare => "with children's social care",
            Status::ListedForHub => "listed for the hub",
            Status::Offered => "offered to a service",
            Status::InService => "with a service",
            Status::Closed => "closed",
            Status::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for Status {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Status::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Something that happens to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// First Response begins to screen it.
    ScreeningStarted,
    /// The front door hands it to children's social care.
    SentToSocialCare,
    /// The front door lists it for a hub.
    ListedForHub,
    /// The front door, or a hub, asks a service to take it on.
    OfferedByFrontDoor,
    /// The front door ends it with advice or no further action.
    EndedByFrontDoor,
    /// The hub asks a service to take it on.
    OfferedByHub,
    /// The hub steps it up to children's social care.
    SteppedUpByHub,
    /// The hub ends it.
    EndedByHub,
    /// The service takes it on.
    Accepted,
    /// The service declines; the hub that offered it decides again.
    DeclinedToHub,
    /// The service declines what the front door offered; the front door decides again.
    DeclinedToFrontDoor,
    /// The service ends its work.
    ServiceEnded,
    /// It is taken back.
    Withdrawn,
}

impl Happening {
    /// Every happening.
    pub const ALL: [Happening; 13] = [
        Happening::ScreeningStarted,
        Happening::SentToSocialCare,
        Happening::ListedForHub,
        Happening::OfferedByFrontDoor,
        Happening::EndedByFrontDoor,
        Happening::OfferedByHub,
        Happening::SteppedUpByHub,
        Happening::EndedByHub,
        Happening::Accepted,
        Happening::DeclinedToHub,
        Happening::DeclinedToFrontDoor,
        Happening::ServiceEnded,
        Happening::Withdrawn,
    ];

    /// As the history spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Happening::ScreeningStarted => "screening_started",
            Happening::SentToSocialCare => "sent_to_social_care",
            Happening::ListedForHub => "listed_for_hub",
            Happening::OfferedByFrontDoor | Happening::OfferedByHub => "offered_to_service",
            Happening::EndedByFrontDoor | Happening::EndedByHub => "ended",
            Happening::SteppedUpByHub => "stepped_up",
            Happening::Accepted => "accepted",
            Happening::DeclinedToHub | Happening::DeclinedToFrontDoor => "declined",
            Happening::ServiceEnded => "closed",
            Happening::Withdrawn => "withdrawn",
        }
    }
}

/// Why something can't happen to a referral now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where the referral stands.
    pub status: Status,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the referral is {}", self.status.in_words())
    }
}

impl From<Refused> for shared::problem::Problem {
    fn from(refused: Refused) -> Self {
        shared::problem::Problem::conflict(refused.to_string())
    }
}

/// Where the referral stands after `what` happens to it.
///
/// # Errors
/// If it can't happen where the referral stands. A decision is made once: whoever decides
/// second is told so, and nothing is overwritten.
pub const fn transition(from: Status, what: Happening) -> Result<Status, Refused> {
    use Happening as H;
    use Status as S;
    match (from, what) {
        (S::Received, H::ScreeningStarted) => Ok(S::Screening),
        (S::Received | S::Screening, H::SentToSocialCare) => Ok(S::WithSocialCare),
        (S::Received | S::Screening, H::ListedForHub) => Ok(S::ListedForHub),
        (S::Received | S::Screening, H::OfferedByFrontDoor) => Ok(S::Offered),
        (S::Received | S::Screening, H::EndedByFrontDoor) => Ok(S::Closed),
        (S::ListedForHub, H::OfferedByHub) => Ok(S::Offered),
        (S::ListedForHub, H::SteppedUpByHub) => Ok(S::WithSocialCare),
        (S::ListedForHub, H::EndedByHub) => Ok(S::Closed),
        (S::Offered, H::Accepted) => Ok(S::InService),
        (S::Offered, H::DeclinedToHub) => Ok(S::ListedForHub),
        // Back on the screening worklist: nothing is ever allocated to nobody unseen.
        (S::Offered, H::DeclinedToFrontDoor) => Ok(S::Screening),
        (S::InService, H::ServiceEnded) => Ok(S::Closed),
        (S::Received | S::Screening | S::ListedForHub | S::Offered, H::Withdrawn) => Ok(S::Withdrawn),
        (status, _) => Err(Refused { status }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// What the field expects, told the other way round: for each status, all that may happen.
    fn allowed(status: Status) -> &'static [(Happening, Status)] {
        use Happening as H;
        use Status as S;
        match status {
            S::Received => &[
                (H::ScreeningStarted, S::Screening),
                (H::SentToSocialCare, S::WithSocialCare),
                (H::ListedForHub, S::ListedForHub),
                (H::OfferedByFrontDoor, S::Offered),
                (H::EndedByFrontDoor, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::Screening => &[
                (H::SentToSocialCare, S::WithSocialCare),
                (H::ListedForHub, S::ListedForHub),
                (H::OfferedByFrontDoor, S::Offered),
                (H::EndedByFrontDoor, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::ListedForHub => &[
                (H::OfferedByHub, S::Offered),
                (H::SteppedUpByHub, S::WithSocialCare),
                (H::EndedByHub, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::Offered => &[
                (H::Accepted, S::InService),
                (H::DeclinedToHub, S::ListedForHub),
                (H::DeclinedToFrontDoor, S::Screening),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::InService => &[(H::ServiceEnded, S::Closed)],
            S::WithSocialCare | S::Closed | S::Withdrawn => &[],
        }
    }

    #[test]
    fn every_pair_of_status_and_happening_is_as_the_field_expects() {
        for status in Status::ALL {
            for what in Happening::ALL {
                let expected = allowed(status).iter().find(|(h, _)| *h == what).map(|(_, to)| *to);
                assert_eq!(transition(status, what).ok(), expected, "{status:?} {what:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_has_ended_stays_ended(steps in proptest::collection::vec(0usize..13, 0..40)) {
            let mut status = Status::Received;
            for step in steps {
                let ended = matches!(status, Status::Closed | Status::Withdrawn | Status::WithSocialCare);
                let next = transition(status, *Happening::ALL.get(step).unwrap());
                prop_assert!(!ended || next.is_err());
                status = next.unwrap_or(status);
            }
        }
    }

    #[test]
    fn a_status_survives_its_text() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
