//! What may happen to an onward referral, and when.

use std::fmt;

shared::typed_id!(
    /// An onward referral.
    OnwardId
);

shared::words! {
    /// Where an onward referral stands.
    OnwardStatus {
        /// The service was asked.
        Sent = "sent",
        /// Somebody has opened the link.
        Viewed = "viewed",
        /// The service takes the family on.
        Accepted = "accepted",
        /// It does not.
        Declined = "declined",
        /// It was chased, and nobody waits for its answer any more.
        NoAnswer = "no_answer",
        /// The link ended unanswered.
        Expired = "expired",
        /// It was taken back: nothing is shared any more.
        Withdrawn = "withdrawn",
    }
}

impl OnwardStatus {
    /// As people say it, after "the onward referral".
    pub const fn in_words(self) -> &'static str {
        match self {
            OnwardStatus::Sent => "has not been answered yet",
            OnwardStatus::Viewed => "was opened and has not been answered yet",
            OnwardStatus::Accepted => "has been accepted",
            OnwardStatus::Declined => "has been declined",
            OnwardStatus::NoAnswer => "was given up without an answer",
            OnwardStatus::Expired => "ended without an answer",
            OnwardStatus::Withdrawn => "was withdrawn",
        }
    }
}

/// Something that happens to an onward referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The link is opened.
    View,
    /// The service takes the family on.
    Accept,
    /// It does not.
    Decline,
    /// Nobody waits for its answer any more.
    GiveUp,
    /// The link ends.
    Expire,
    /// It is taken back.
    Withdraw,
    /// A new link is made.
    SendAgain,
}

impl Step {
    /// Each of them.
    pub const ALL: [Step; 7] =
        [Step::View, Step::Accept, Step::Decline, Step::GiveUp, Step::Expire, Step::Withdraw, Step::SendAgain];
}

/// Why that can't happen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(OnwardStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the onward referral {}", self.0.in_words())
    }
}

/// Where an onward referral stands after a step. A service may still answer after it was given up or its
/// link has ended: it rings, and a worker writes it down.
///
/// # Errors
/// If it can't happen now.
pub const fn transition(from: OnwardStatus, step: Step) -> Result<OnwardStatus, Refused> {
    use OnwardStatus as S;
    match (from, step) {
        (S::Sent, Step::View) => Ok(S::Viewed),
        (S::Sent | S::Viewed | S::NoAnswer | S::Expired, Step::Accept) => Ok(S::Accepted),
        (S::Sent | S::Viewed | S::NoAnswer | S::Expired, Step::Decline) => Ok(S::Declined),
        (S::Sent | S::Viewed | S::Expired, Step::GiveUp) => Ok(S::NoAnswer),
        (S::Sent | S::Viewed, Step::Expire) => Ok(S::Expired),
        (S::Sent | S::Viewed | S::Accepted | S::NoAnswer | S::Expired, Step::Withdraw) => Ok(S::Withdrawn),
        (S::Sent | S::Viewed | S::NoAnswer | S::Expired, Step::SendAgain) => Ok(S::Sent),
        (S::Accepted, Step::SendAgain) => Ok(S::Accepted),
        (status, _) => Err(Refused(status)),
    }
}

shared::words! {
    /// What came of an onward referral that was accepted.
    OnwardOutcome {
        /// The family takes part.
        Engaged = "engaged",
        /// It took part until it was no longer needed, or does so for good.
        Sustained = "sustained",
        /// It did not come, or came once.
        DidNotEngage = "did_not_engage",
        /// The service does not say.
        NotKnown = "not_known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// For each status all that may happen, told the other way round.
    fn allowed(status: OnwardStatus) -> &'static [(Step, OnwardStatus)] {
        use OnwardStatus as S;
        match status {
            S::Sent => &[
                (Step::View, S::Viewed),
                (Step::Accept, S::Accepted),
                (Step::Decline, S::Declined),
                (Step::GiveUp, S::NoAnswer),
                (Step::Expire, S::Expired),
                (Step::Withdraw, S::Withdrawn),
                (Step::SendAgain, S::Sent),
            ],
            S::Viewed => &[
                (Step::Accept, S::Accepted),
                (Step::Decline, S::Declined),
                (Step::GiveUp, S::NoAnswer),
                (Step::Expire, S::Expired),
                (Step::Withdraw, S::Withdrawn),
                (Step::SendAgain, S::Sent),
            ],
            S::Expired => &[
                (Step::Accept, S::Accepted),
                (Step::Decline, S::Declined),
                (Step::GiveUp, S::NoAnswer),
                (Step::Withdraw, S::Withdrawn),
                (Step::SendAgain, S::Sent),
            ],
            S::NoAnswer => &[
                (Step::Accept, S::Accepted),
                (Step::Decline, S::Declined),
                (Step::Withdraw, S::Withdrawn),
                (Step::SendAgain, S::Sent),
            ],
            S::Accepted => &[(Step::Withdraw, S::Withdrawn), (Step::SendAgain, S::Accepted)],
            S::Declined | S::Withdrawn => &[],
        }
    }

    #[test]
    fn every_pair_of_status_and_step_is_as_the_field_expects() {
        for status in OnwardStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            for step in Step::ALL {
                let expected = allowed(status).iter().find(|(one, _)| *one == step).map(|(_, to)| *to);
                assert_eq!(transition(status, step).ok(), expected, "{status:?} {step:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_declined_or_withdrawn_stays_so(steps in proptest::collection::vec(proptest::sample::select(Step::ALL.to_vec()), 0..30)) {
            let mut status = OnwardStatus::Sent;
            for step in steps {
                let ended = matches!(status, OnwardStatus::Declined | OnwardStatus::Withdrawn);
                let next = transition(status, step);
                prop_assert!(!ended || next.is_err());
                status = next.unwrap_or(status);
            }
        }
    }
}
