//! What may happen to an allocation, and when.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an allocation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AllocationStatus {
    /// The service has been asked.
    Offered,
    /// It is working with the family.
    Accepted,
    /// It said no.
    Declined,
    /// The referral was taken back before the service answered.
    Withdrawn,
    /// It has ended its work.
    Closed,
}

impl AllocationStatus {
    /// Every status.
    pub const ALL: [AllocationStatus; 5] = [
        AllocationStatus::Offered,
        AllocationStatus::Accepted,
        AllocationStatus::Declined,
        AllocationStatus::Withdrawn,
        AllocationStatus::Closed,
    ];

    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AllocationStatus::Offered => "offered",
            AllocationStatus::Accepted => "accepted",
            AllocationStatus::Declined => "declined",
            AllocationStatus::Withdrawn => "withdrawn",
            AllocationStatus::Closed => "closed",
        }
    }
}

impl AllocationStatus {
    /// As people say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            AllocationStatus::Offered => "the service has not accepted this yet",
            AllocationStatus::Accepted => "the service has accepted this already",
            AllocationStatus::Declined => "the service has declined this",
            AllocationStatus::Withdrawn => "the referral was withdrawn meanwhile",
            AllocationStatus::Closed => "the service has ended its work on this",
        }
    }
}

impl FromStr for AllocationStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        AllocationStatus::ALL.into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// What a service does with an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Takes it on.
    Accept,
    /// Says no.
    Decline,
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
    match (from, answer) {
        (AllocationStatus::Offered, Answer::Accept) => Ok(AllocationStatus::Accepted),
        (AllocationStatus::Offered, Answer::Decline) => Ok(AllocationStatus::Declined),
        (AllocationStatus::Accepted, Answer::Close) => Ok(AllocationStatus::Closed),
        (status, _) => Err(Refused(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_of_the_fifteen_pairs_are_possible() {
        use AllocationStatus as S;
        for status in S::ALL {
            for answer in [Answer::Accept, Answer::Decline, Answer::Close] {
                let expected = match (status, answer) {
                    (S::Offered, Answer::Accept) => Some(S::Accepted),
                    (S::Offered, Answer::Decline) => Some(S::Declined),
                    (S::Accepted, Answer::Close) => Some(S::Closed),
                    _ => None,
                };
                assert_eq!(transition(status, answer).ok(), expected, "{status:?} {answer:?}");
            }
        }
    }
}
