//! What may happen to an allocation, and when; and what that means for the referral.

use std::fmt;

use crate::referral::domain::{Happening, Status};
use crate::referral::offer::Part;

shared::words! {
    /// Where an allocation stands.
    AllocationStatus {
        /// The service has been asked.
        Offered = "offered",
        /// The service will take the family on when it has room.
        Waiting = "waiting",
        /// It is working with the family.
        Accepted = "accepted",
        /// It said no.
        Declined = "declined",
        /// The referral was taken back before the service took it on.
        Withdrawn = "withdrawn",
        /// It has ended its work.
        Closed = "closed",
    }
}

impl AllocationStatus {
    /// As people say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            AllocationStatus::Offered => "the service has not accepted this yet",
            AllocationStatus::Waiting => "the family is on the service's waiting list",
            AllocationStatus::Accepted => "the service has accepted this already",
            AllocationStatus::Declined => "the service has declined this",
            AllocationStatus::Withdrawn => "the referral was withdrawn meanwhile",
            AllocationStatus::Closed => "the service has ended its work on this",
        }
    }
}

shared::words! {
    /// What came of the work.
    ClosingOutcome {
        /// The family's needs are met.
        NeedsMet = "needs_met",
        /// Some of them are.
        NeedsPartlyMet = "needs_partly_met",
        /// They are not.
        NeedsNotMet = "needs_not_met",
        /// The family no longer took part.
        FamilyDisengaged = "family_disengaged",
        /// The family moved away.
        MovedAway = "moved_away",
        /// It went to children's social care: what a step up, `POST /v1/referrals/{id}/step`, ends it with. Work on a
        /// referral is not closed with it.
        SteppedUp = "stepped_up",
    }
}

/// What a service does with an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Takes it on.
    Accept,
    /// Says no.
    Decline,
    /// Puts it on its waiting list, or says anew until when.
    Wait,
    /// Ends its work.
    Close,
}

/// Why a service can't do that with the allocation now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(AllocationStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.in_words())
    }
}

/// Where an allocation stands after the service's answer.
///
/// # Errors
/// If the service can't answer so now.
pub const fn transition(from: AllocationStatus, answer: Answer) -> Result<AllocationStatus, Refused> {
    use AllocationStatus as S;
    match (from, answer) {
        (S::Offered | S::Waiting, Answer::Accept) => Ok(S::Accepted),
        (S::Offered | S::Waiting, Answer::Decline) => Ok(S::Declined),
        (S::Offered | S::Waiting, Answer::Wait) => Ok(S::Waiting),
        (S::Accepted, Answer::Close) => Ok(S::Closed),
        (status, _) => Err(Refused(status)),
    }
}

/// What is known of a referral when one of its services answers.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Where the referral stands.
    pub referral: Status,
    /// What the service that answers was asked to do.
    pub part: Part,
    /// Whether another service is asked or at work.
    pub others: bool,
    /// Whether the hub asked, rather than the front door.
    pub asked_by_hub: bool,
}

/// What the answer means for the referral; none, if it stands where it stood.
///
/// The service that leads decides where the referral stands: a supporting one that accepts, declines
/// or ends its work changes nothing, unless nobody is left.
pub const fn consequence(answer: Answer, around: Surroundings) -> Option<Happening> {
    match (answer, around.part, around.referral) {
        (Answer::Accept, Part::Lead, _) => Some(Happening::Accepted),
        (Answer::Decline, Part::Lead, _) if around.asked_by_hub => Some(Happening::DeclinedToHub),
        (Answer::Decline, Part::Lead, _) => Some(Happening::DeclinedToFrontDoor),
        (Answer::Close, _, Status::InService) | (Answer::Decline, Part::Supporting, Status::InService)
            if !around.others =>
        {
            Some(Happening::ServiceEnded)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: [Answer; 4] = [Answer::Accept, Answer::Decline, Answer::Wait, Answer::Close];

    #[test]
    fn seven_of_the_twenty_four_pairs_are_possible() {
        use AllocationStatus as S;
        for status in S::ALL {
            for answer in ANSWERS {
                let expected = match status {
                    S::Offered | S::Waiting => match answer {
                        Answer::Accept => Some(S::Accepted),
                        Answer::Decline => Some(S::Declined),
                        Answer::Wait => Some(S::Waiting),
                        Answer::Close => None,
                    },
                    S::Accepted if answer == Answer::Close => Some(S::Closed),
                    _ => None,
                };
                assert_eq!(transition(status, answer).ok(), expected, "{status:?} {answer:?}");
            }
        }
    }

    #[test]
    fn a_supporting_service_never_takes_the_referral_from_the_one_that_leads() {
        for referral in Status::ALL {
            for answer in ANSWERS {
                let around = Surroundings { referral, part: Part::Supporting, others: true, asked_by_hub: true };
                assert_eq!(consequence(answer, around), None, "{referral:?} {answer:?}");
            }
        }
    }

    #[test]
    fn the_last_one_ends_the_referral_and_only_where_it_is_in_service() {
        for referral in Status::ALL {
            for part in [Part::Lead, Part::Supporting] {
                let around = Surroundings { referral, part, others: false, asked_by_hub: true };
                let ended = consequence(Answer::Close, around) == Some(Happening::ServiceEnded);
                assert_eq!(ended, referral == Status::InService, "{referral:?} {part:?}");
            }
        }
    }

    #[test]
    fn what_the_leading_service_declines_goes_back_to_whoever_asked() {
        let around = Surroundings { referral: Status::Offered, part: Part::Lead, others: true, asked_by_hub: true };
        assert_eq!(consequence(Answer::Decline, around), Some(Happening::DeclinedToHub));
        let around = Surroundings { asked_by_hub: false, ..around };
        assert_eq!(consequence(Answer::Decline, around), Some(Happening::DeclinedToFrontDoor));
    }

    #[test]
    fn a_status_survives_its_text() {
        for status in AllocationStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
