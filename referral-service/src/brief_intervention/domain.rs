//! Where a brief intervention stands, and who came to its contacts.

use shared::problem::Problem;

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

shared::words! {
    /// Where a brief intervention stands.
    BriefStatus {
        /// It is worked on.
        Open = "open",
        /// It has ended.
        Closed = "closed",
    }
}

impl BriefStatus {
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

shared::words! {
    /// Whether somebody came to a contact.
    BriefAttendance {
        /// Came, was in, or took the call.
        Attended = "attended",
        /// Did not, and had said so.
        Apology = "apology",
        /// Did not, without a word.
        Absent = "absent",
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
