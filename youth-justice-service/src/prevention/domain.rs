//! The rules of a prevention case: which steps it takes, and how what referral-service tells
//! is fitted in. Nothing here reads or writes.

use std::fmt;

shared::typed_id!(
    /// A prevention case.
    PreventionCaseId
);

shared::words! {
    /// Where a prevention case stands.
    #[schema(as = PreventionCaseStatus)]
    Status {
        /// The allocation is offered and nobody here has answered.
        AwaitingAcceptance = "awaiting_acceptance",
        /// Taken on and being worked.
        Accepted = "accepted",
        /// Declined, with a reason.
        Refused = "refused",
        /// Taken back by those who referred or allocated it.
        Withdrawn = "withdrawn",
        /// Finished, with an outcome.
        Closed = "closed",
    }
}

/// What someone here may want to do to a case. Withdrawing is done at referral-service, and learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take it on.
    Accept,
    /// Decline it.
    Refuse,
    /// Finish it.
    Close,
}

/// Why a step may not be taken: where the case stands does not fit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has been accepted before.
    AlreadyAccepted,
    /// It has been accepted, so it is closed and no longer refused.
    InWork,
    /// It has not been accepted yet.
    NotAccepted,
    /// It was refused.
    Refused,
    /// The referral or its allocation was withdrawn.
    Withdrawn,
    /// It is closed.
    Closed,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unfit::AlreadyAccepted => "the case has been accepted already",
            Unfit::InWork => "the case has been accepted: close it with its outcome instead",
            Unfit::NotAccepted => "the case has not been accepted yet",
            Unfit::Refused => "the case was refused",
            Unfit::Withdrawn => "the referral was withdrawn meanwhile, so there is nothing left to do on this case",
            Unfit::Closed => "the case is closed",
        })
    }
}

/// How news fits where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// It moves the case on.
    Fresh,
    /// The case is there, or further on.
    Known,
}

/// Two ends of one case were told: one of them is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction;

impl Step {
    /// Where the step leads.
    pub const fn target(self) -> Status {
        match self {
            Step::Accept => Status::Accepted,
            Step::Refuse => Status::Refused,
            Step::Close => Status::Closed,
        }
    }
}

impl Status {
    /// Where a case stands whose allocation stands so at referral-service.
    pub fn of_allocation(status: &str) -> Option<Self> {
        match status {
            "offered" => Some(Status::AwaitingAcceptance),
            "accepted" => Some(Status::Accepted),
            "declined" => Some(Status::Refused),
            "withdrawn" => Some(Status::Withdrawn),
            "closed" => Some(Status::Closed),
            _ => None,
        }
    }

    /// Where a step leads from here.
    ///
    /// # Errors
    /// Why it may not be taken.
    pub const fn transition(self, step: Step) -> Result<Status, Unfit> {
        match (self, step) {
            (Status::AwaitingAcceptance, Step::Accept | Step::Refuse) | (Status::Accepted, Step::Close) => {
                Ok(step.target())
            }
            (Status::AwaitingAcceptance, Step::Close) => Err(Unfit::NotAccepted),
            (Status::Accepted, Step::Accept) => Err(Unfit::AlreadyAccepted),
            (Status::Accepted, Step::Refuse) => Err(Unfit::InWork),
            (Status::Refused, _) => Err(Unfit::Refused),
            (Status::Withdrawn, _) => Err(Unfit::Withdrawn),
            (Status::Closed, _) => Err(Unfit::Closed),
        }
    }

    /// Fits in what referral-service says of the allocation. It owns the allocation, so a step
    /// that was missed in between does not matter, and what is older than where the case stands
    /// (an answer can be faster than an event) is no news.
    ///
    /// # Errors
    /// If the case has reached another end than the one told.
    pub fn learn(self, told: Status) -> Result<News, Contradiction> {
        if self == told || told.rank() < self.rank() {
            Ok(News::Known)
        } else if told.rank() > self.rank() {
            Ok(News::Fresh)
        } else {
            Err(Contradiction)
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Status::AwaitingAcceptance => 0,
            Status::Accepted => 1,
            Status::Refused | Status::Withdrawn | Status::Closed => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 3] = [Step::Accept, Step::Refuse, Step::Close];

    /// What becomes of each step from each status, said a second time.
    fn expected(from: Status, step: Step) -> Result<Status, Unfit> {
        use Status::*;
        let row = match from {
            AwaitingAcceptance => [Ok(Accepted), Ok(Refused), Err(Unfit::NotAccepted)],
            Accepted => [Err(Unfit::AlreadyAccepted), Err(Unfit::InWork), Ok(Closed)],
            Refused => [Err(Unfit::Refused); 3],
            Withdrawn => [Err(Unfit::Withdrawn); 3],
            Closed => [Err(Unfit::Closed); 3],
        };
        let [accept, refuse, close] = row;
        match step {
            Step::Accept => accept,
            Step::Refuse => refuse,
            Step::Close => close,
        }
    }

    #[test]
    fn every_step_from_every_status_is_taken_or_refused_as_said() {
        for from in Status::ALL {
            for step in STEPS {
                assert_eq!(from.transition(step), expected(from, step), "{step:?} from {from:?}");
            }
        }
    }

    #[test]
    fn every_refusal_is_in_plain_words() {
        for from in Status::ALL {
            for refused in STEPS.into_iter().filter_map(|step| from.transition(step).err()) {
                assert!(refused.to_string().starts_with("the "), "{refused}");
            }
        }
    }

    #[test]
    fn a_permitted_step_is_fresh_news_and_never_goes_back() {
        for from in Status::ALL {
            for target in STEPS.into_iter().filter_map(|step| from.transition(step).ok()) {
                assert_eq!(from.learn(target), Ok(News::Fresh));
                assert_eq!(target.learn(from), Ok(News::Known));
            }
        }
    }

    #[test]
    fn news_told_again_is_known_and_two_ends_contradict() {
        for status in Status::ALL {
            assert_eq!(status.learn(status), Ok(News::Known));
        }
        assert_eq!(Status::AwaitingAcceptance.learn(Status::Closed), Ok(News::Fresh));
        assert_eq!(Status::Accepted.learn(Status::Withdrawn), Ok(News::Fresh));
        assert_eq!(Status::Refused.learn(Status::Closed), Err(Contradiction));
        assert_eq!(Status::Withdrawn.learn(Status::Refused), Err(Contradiction));
    }

    #[test]
    fn statuses_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).ok(), Some(status.as_str().into()));
        }
        assert_eq!("open".parse::<Status>(), Err(()));
        assert_eq!(Status::of_allocation("offered"), Some(Status::AwaitingAcceptance));
        assert_eq!(Status::of_allocation("declined"), Some(Status::Refused));
        assert_eq!(Status::of_allocation("lost"), None);
    }
}
