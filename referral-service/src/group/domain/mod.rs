//! What may happen to a group and to an enrolment, and who has completed a group; in `change` what a change of
//! its plan may not contradict.

pub mod change;

use std::fmt;

use shared::problem::Problem;
use shared::service::Stop;

shared::typed_id!(
    /// A group.
    GroupId
);
shared::typed_id!(
    /// A session of a group.
    GroupSessionId
);
shared::typed_id!(
    /// Somebody's enrolment in a group.
    GroupEnrolmentId
);

shared::words! {
    /// Where a group stands.
    GroupStatus {
        /// No session has been held yet.
        Planned = "planned",
        /// A session has been held.
        Running = "running",
        /// It has ended, and who completed it is settled.
        Finished = "finished",
        /// It was called off.
        Cancelled = "cancelled",
    }
}

impl GroupStatus {
    /// Refuses work on a group that has ended.
    ///
    /// # Errors
    /// If it has.
    pub const fn must_be_open(self) -> Result<(), Refused> {
        match self {
            GroupStatus::Planned | GroupStatus::Running => Ok(()),
            GroupStatus::Finished => Err(Refused("the group has finished")),
            GroupStatus::Cancelled => Err(Refused("the group was cancelled")),
        }
    }
}

/// Something that happens to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupStep {
    /// The register of a session is taken.
    Meet,
    /// It ends as it was meant to.
    Finish,
    /// It is called off.
    Cancel,
}

/// Why that can't happen now, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(&'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Problem::conflict(refused.to_string())
    }
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Problem::from(refused).into()
    }
}

/// Where a group stands after a step. It runs from its first register on, and nothing comes after its end.
///
/// # Errors
/// If the step can't be taken now.
pub const fn transition(from: GroupStatus, step: GroupStep) -> Result<GroupStatus, Refused> {
    use GroupStatus as S;
    match (from, step) {
        (S::Planned | S::Running, GroupStep::Meet) => Ok(S::Running),
        (S::Running, GroupStep::Finish) => Ok(S::Finished),
        (S::Planned | S::Running, GroupStep::Cancel) => Ok(S::Cancelled),
        (S::Planned, GroupStep::Finish) => {
            Err(Refused("no session of the group has been held: cancel the group instead"))
        }
        (S::Finished, _) => Err(Refused("the group has finished")),
        (S::Cancelled, _) => Err(Refused("the group was cancelled")),
    }
}

shared::words! {
    /// Where an enrolment stands.
    GroupEnrolmentStatus {
        /// Waits for a place.
        Waiting = "waiting",
        /// Has a place.
        Enrolled = "enrolled",
        /// Has completed the group.
        Completed = "completed",
        /// Had a place to the end, and has not completed it.
        NotCompleted = "not_completed",
        /// Took no part any more, with the reason.
        Withdrawn = "withdrawn",
        /// Waited to the end.
        NotPlaced = "not_placed",
        /// The group was called off.
        Cancelled = "cancelled",
    }
}

impl GroupEnrolmentStatus {
    /// The state of its worklists: who did not complete a group is not worked with in it any more.
    pub const fn state(self) -> &'static str {
        match self {
            GroupEnrolmentStatus::NotCompleted => "ended",
            other => other.as_str(),
        }
    }

    /// Refuses what can be done only while somebody waits or has a place.
    ///
    /// # Errors
    /// If the enrolment has ended.
    pub const fn must_be_open(self) -> Result<(), Refused> {
        match self {
            GroupEnrolmentStatus::Waiting | GroupEnrolmentStatus::Enrolled => Ok(()),
            _ => Err(Refused("the enrolment has ended")),
        }
    }

    /// What becomes of it when the group finishes.
    pub const fn at_the_end(self, completed: bool) -> GroupEnrolmentStatus {
        match (self, completed) {
            (GroupEnrolmentStatus::Waiting, _) => GroupEnrolmentStatus::NotPlaced,
            (GroupEnrolmentStatus::Enrolled, true) => GroupEnrolmentStatus::Completed,
            (GroupEnrolmentStatus::Enrolled, false) => GroupEnrolmentStatus::NotCompleted,
            (other, _) => other,
        }
    }
}

shared::words! {
    /// Whether somebody came to a session.
    GroupAttendance {
        /// Came.
        Attended = "attended",
        /// Came late.
        Late = "late",
        /// Did not come, and had said so.
        Apology = "apology",
        /// Did not come, without a word.
        Absent = "absent",
        /// Was not to come, with the reason as a code: not expected, and so in no base.
        Excluded = "excluded",
    }
}

/// Whether somebody has completed a group: came to at least this share of the sessions they were expected
/// at. Whoever was expected at none has completed nothing.
pub fn completes(attended: i64, expected: i64, at_least_percent: i16) -> bool {
    expected > 0 && attended * 100 >= i64::from(at_least_percent) * expected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_of_four_complete_at_75_per_cent_and_not_a_session_less() {
        assert!(completes(3, 4, 75));
        assert!(completes(6, 8, 75));
        assert!(!completes(5, 8, 75));
        assert!(!completes(0, 0, 75), "who was expected at nothing completed nothing");
        assert!(completes(1, 100, 1));
    }

    proptest! {
        #[test]
        fn to_come_once_more_never_loses_it(expected in 1i64..100, attended in 0i64..100, percent in 1i16..=100) {
            let attended = attended.min(expected - 1);
            if completes(attended, expected, percent) {
                prop_assert!(completes(attended + 1, expected, percent));
            }
            prop_assert!(completes(expected, expected, percent));
        }
    }

    #[test]
    fn a_group_runs_from_its_first_register_and_ends_once() {
        use GroupStatus as S;
        assert_eq!(transition(S::Planned, GroupStep::Meet), Ok(S::Running));
        assert_eq!(transition(S::Running, GroupStep::Meet), Ok(S::Running));
        assert_eq!(transition(S::Running, GroupStep::Finish), Ok(S::Finished));
        assert!(transition(S::Planned, GroupStep::Finish).is_err());
        for ended in [S::Finished, S::Cancelled] {
            for step in [GroupStep::Meet, GroupStep::Finish, GroupStep::Cancel] {
                assert!(transition(ended, step).is_err());
            }
            assert!(ended.must_be_open().is_err());
        }
    }

    #[test]
    fn the_end_settles_everyone() {
        use GroupEnrolmentStatus as E;
        assert_eq!(E::Waiting.at_the_end(true), E::NotPlaced);
        assert_eq!(E::Enrolled.at_the_end(true), E::Completed);
        assert_eq!(E::Enrolled.at_the_end(false), E::NotCompleted);
        assert_eq!(E::Withdrawn.at_the_end(false), E::Withdrawn);
        for status in E::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(status.must_be_open().is_ok(), matches!(status, E::Waiting | E::Enrolled));
        }
    }
}
