//! What may happen to a referral, and when.

use std::fmt;

shared::typed_id!(
    /// A referral.
    ReferralId
);

shared::words! {
    /// Where a referral stands.
    Status {
        /// The front door has it; nobody has looked yet.
        Received = "received",
        /// First Response is screening it.
        Screening = "screening",
        /// The front door's decision waits for a manager's sign-off.
        AwaitingSignOff = "awaiting_sign_off",
        /// It went to children's social care.
        WithSocialCare = "with_social_care",
        /// It is listed for the hub of the family's district.
        ListedForHub = "listed_for_hub",
        /// A service has been asked to take it on.
        Offered = "offered",
        /// A service is working with the family.
        InService = "in_service",
        /// It has ended.
        Closed = "closed",
        /// It was taken back before a service took it on.
        Withdrawn = "withdrawn",
    }
}

impl Status {
    /// As whoever referred may see it. That a decision waits for a manager would tell of the decision
    /// before it is one.
    pub const fn to_referrer(self) -> Self {
        match self {
            Status::AwaitingSignOff => Status::Screening,
            other => other,
        }
    }

    /// The statuses that a list of those which stand here holds, for somebody with these scopes. Whoever
    /// does not work at the front door is not told by the list what [`Self::to_referrer`] keeps back.
    pub fn asked_by(self, scopes: &[String]) -> Vec<Self> {
        let at_front_door = scopes.iter().any(|scope| scope == "front-door");
        if at_front_door {
            return vec![self];
        }
        Status::ALL.into_iter().filter(|status| status.to_referrer() == self).collect()
    }

    /// As people say it.
    const fn in_words(self) -> &'static str {
        match self {
            Status::Received => "waiting to be screened",
            Status::Screening => "being screened",
            Status::AwaitingSignOff => "waiting for a manager's sign-off",
            Status::WithSocialCare => "with children's social care",
            Status::ListedForHub => "listed for the hub",
            Status::Offered => "offered to a service",
            Status::InService => "with a service",
            Status::Closed => "closed",
            Status::Withdrawn => "withdrawn",
        }
    }
}

/// Something that happens to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// First Response begins to screen it.
    ScreeningStarted,
    /// The front door proposes a decision that a manager signs off.
    SignOffAsked,
    /// The manager gives it back to be decided again.
    SignOffReturned,
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
    /// It is stepped up to children's social care, wherever it stands after the front door.
    SteppedUp,
    /// Social care steps it down: the hub of the family's district decides what follows.
    SteppedDown,
    /// Social care ends its work and nothing is to follow.
    EndedBySocialCare,
    /// The hub ends it.
    EndedByHub,
    /// The service takes it on.
    Accepted,
    /// The service declines; the hub that offered it decides again.
    DeclinedToHub,
    /// The service declines what the front door offered; the front door decides again.
    DeclinedToFrontDoor,
    /// The service that leads passes it on to another, which is asked.
    Transferred,
    /// The last service ends its work.
    ServiceEnded,
    /// It is taken back.
    Withdrawn,
}

impl Happening {
    /// Every happening.
    pub const ALL: [Happening; 18] = [
        Happening::ScreeningStarted,
        Happening::SignOffAsked,
        Happening::SignOffReturned,
        Happening::SentToSocialCare,
        Happening::ListedForHub,
        Happening::OfferedByFrontDoor,
        Happening::EndedByFrontDoor,
        Happening::OfferedByHub,
        Happening::SteppedUp,
        Happening::SteppedDown,
        Happening::EndedBySocialCare,
        Happening::EndedByHub,
        Happening::Accepted,
        Happening::DeclinedToHub,
        Happening::DeclinedToFrontDoor,
        Happening::Transferred,
        Happening::ServiceEnded,
        Happening::Withdrawn,
    ];

    /// As the history spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Happening::ScreeningStarted => "screening_started",
            Happening::SignOffAsked => "sign_off_asked",
            Happening::SignOffReturned => "sign_off_returned",
            Happening::SentToSocialCare => "sent_to_social_care",
            Happening::ListedForHub => "listed_for_hub",
            Happening::OfferedByFrontDoor | Happening::OfferedByHub => "offered_to_service",
            Happening::EndedByFrontDoor | Happening::EndedByHub | Happening::EndedBySocialCare => "ended",
            Happening::SteppedUp => "stepped_up",
            Happening::SteppedDown => "stepped_down",
            Happening::Accepted => "accepted",
            Happening::DeclinedToHub | Happening::DeclinedToFrontDoor => "declined",
            Happening::Transferred => "transferred",
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
        (S::Received | S::Screening, H::SignOffAsked) => Ok(S::AwaitingSignOff),
        (S::AwaitingSignOff, H::SignOffReturned) => Ok(S::Screening),
        (S::Received | S::Screening | S::AwaitingSignOff, H::SentToSocialCare) => Ok(S::WithSocialCare),
        (S::Received | S::Screening | S::AwaitingSignOff, H::ListedForHub) => Ok(S::ListedForHub),
        (S::Received | S::Screening | S::AwaitingSignOff, H::OfferedByFrontDoor) => Ok(S::Offered),
        (S::Received | S::Screening | S::AwaitingSignOff, H::EndedByFrontDoor) => Ok(S::Closed),
        (S::ListedForHub, H::OfferedByHub) => Ok(S::Offered),
        (S::ListedForHub | S::Offered | S::InService, H::SteppedUp) => Ok(S::WithSocialCare),
        (S::WithSocialCare, H::SteppedDown) => Ok(S::ListedForHub),
        (S::WithSocialCare, H::EndedBySocialCare) => Ok(S::Closed),
        (S::ListedForHub, H::EndedByHub) => Ok(S::Closed),
        (S::Offered, H::Accepted) => Ok(S::InService),
        (S::Offered, H::DeclinedToHub) => Ok(S::ListedForHub),
        // Back on the screening worklist: nothing is ever allocated to nobody unseen.
        (S::Offered, H::DeclinedToFrontDoor) => Ok(S::Screening),
        (S::InService, H::Transferred) => Ok(S::Offered),
        (S::InService, H::ServiceEnded) => Ok(S::Closed),
        (S::Received | S::Screening | S::AwaitingSignOff | S::ListedForHub | S::Offered, H::Withdrawn) => {
            Ok(S::Withdrawn)
        }
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
                (H::SignOffAsked, S::AwaitingSignOff),
                (H::SentToSocialCare, S::WithSocialCare),
                (H::ListedForHub, S::ListedForHub),
                (H::OfferedByFrontDoor, S::Offered),
                (H::EndedByFrontDoor, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::Screening => &[
                (H::SignOffAsked, S::AwaitingSignOff),
                (H::SentToSocialCare, S::WithSocialCare),
                (H::ListedForHub, S::ListedForHub),
                (H::OfferedByFrontDoor, S::Offered),
                (H::EndedByFrontDoor, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::AwaitingSignOff => &[
                (H::SignOffReturned, S::Screening),
                (H::SentToSocialCare, S::WithSocialCare),
                (H::ListedForHub, S::ListedForHub),
                (H::OfferedByFrontDoor, S::Offered),
                (H::EndedByFrontDoor, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::ListedForHub => &[
                (H::OfferedByHub, S::Offered),
                (H::SteppedUp, S::WithSocialCare),
                (H::EndedByHub, S::Closed),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::Offered => &[
                (H::Accepted, S::InService),
                (H::DeclinedToHub, S::ListedForHub),
                (H::DeclinedToFrontDoor, S::Screening),
                (H::SteppedUp, S::WithSocialCare),
                (H::Withdrawn, S::Withdrawn),
            ],
            S::InService => {
                &[(H::SteppedUp, S::WithSocialCare), (H::Transferred, S::Offered), (H::ServiceEnded, S::Closed)]
            }
            S::WithSocialCare => &[(H::SteppedDown, S::ListedForHub), (H::EndedBySocialCare, S::Closed)],
            S::Closed | S::Withdrawn => &[],
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
        fn what_has_ended_stays_ended(steps in proptest::collection::vec(0usize..Happening::ALL.len(), 0..40)) {
            let mut status = Status::Received;
            for step in steps {
                let ended = matches!(status, Status::Closed | Status::Withdrawn);
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
