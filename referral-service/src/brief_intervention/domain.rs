//! Where a brief intervention stands, and who came to its contacts.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use shared::problem::Problem;
use utoipa::ToSchema;

shared::typed_id!(
    /// A brief intervention.
    BriefInterventionId
);
shared::typed_id!(
    /// A contact of a brief intervention.
    BriefContactId
);

/// The set of the outcomes that are an end as it was meant.
pub const PLANNED: &str = "brief_planned_outcome";

/// Where a brief intervention stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BriefStatus {
    /// It is worked on.
    Open,
    /// It has ended.
    Closed,
}

impl BriefStatus {
    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            BriefStatus::Open => "open",
            BriefStatus::Closed => "closed",
        }
    }

    /// Refuses work on what has ended.
    ///
    /// # Errors
    /// 409.
    pub fn must_be_open(self) -> Result<(), Problem> {
        match self {
            BriefStatus::Open => Ok(()),
            BriefStatus::Closed => Err(Problem::conflict("the brief intervention is closed")),
        }
    }
}

impl FromStr for BriefStatus {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [BriefStatus::Open, BriefStatus::Closed].into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// Whether somebody came to a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BriefAttendance {
    /// Came, was in, or took the call.
    Attended,
    /// Did not, and had said so.
    Apology,
    /// Did not, without a word.
    Absent,
}

impl BriefAttendance {
    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            BriefAttendance::Attended => "attended",
            BriefAttendance::Apology => "apology",
            BriefAttendance::Absent => "absent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_to_what_is_closed() {
        assert!(BriefStatus::Open.must_be_open().is_ok());
        assert!(BriefStatus::Closed.must_be_open().is_err());
        assert_eq!("closed".parse(), Ok(BriefStatus::Closed));
        assert!("asleep".parse::<BriefStatus>().is_err());
    }
}
