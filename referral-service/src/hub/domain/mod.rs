//! How a hub works, how a meeting goes, and what it decides. What a decision must say is in [`decision`].

pub mod decision;

use std::fmt;

use crate::referral::Happening;

shared::words! {
    /// How a hub triages.
    HubWay {
        /// In meetings. What can't wait for one is decided outside it, marked, and noted at the next.
        Meeting = "meeting",
        /// By a team at its desks.
        Desk = "desk",
        /// Both.
        Both = "both",
    }
}

shared::words! {
    /// Where a meeting stands.
    MeetingStatus {
        /// It is still to come.
        Planned = "planned",
        /// It is under way: items are decided.
        Open = "open",
        /// It is over, and its minutes are done.
        Closed = "closed",
    }
}

shared::words! {
    /// Whether a member came.
    Attendance {
        /// They were there.
        Attended = "attended",
        /// They said that they could not.
        Apologies = "apologies",
        /// They were not, and did not say.
        Absent = "absent",
    }
}

shared::words! {
    /// Where a line of an agenda stands.
    ItemStatus {
        /// It is to be taken.
        Listed = "listed",
        /// It was decided.
        Decided = "decided",
        /// It was put off.
        Deferred = "deferred",
        /// It was taken off the agenda.
        Removed = "removed",
        /// The meeting closed before it came to it; it is listed for the next one.
        NotReached = "not_reached",
        /// The referral went on before the meeting came to it.
        Overtaken = "overtaken",
        /// It was noted.
        Noted = "noted",
    }
}

shared::words! {
    /// What a line of an agenda is.
    ItemKind {
        /// A referral to be decided.
        Decision = "decision",
        /// Something that happened outside the meeting, to be noted.
        Note = "note",
    }
}

shared::words! {
    /// What a hub decides.
    HubOutcome {
        /// Services are asked: one to lead, others to support it.
        Allocate = "allocate",
        /// Stepped up to children's social care.
        SocialCare = "social_care",
        /// Information and advice, and the referral ends.
        InformationAndAdvice = "information_and_advice",
        /// No further action, and the referral ends.
        NoFurtherAction = "no_further_action",
        /// Put off until something that is missing is there.
        Defer = "defer",
    }
}

impl HubOutcome {
    /// What happens to the referral; none, if it stays listed.
    pub const fn happening(self) -> Option<Happening> {
        match self {
            HubOutcome::Allocate => Some(Happening::OfferedByHub),
            HubOutcome::SocialCare => Some(Happening::SteppedUp),
            HubOutcome::InformationAndAdvice | HubOutcome::NoFurtherAction => Some(Happening::EndedByHub),
            HubOutcome::Defer => None,
        }
    }

    /// What the referrer is told, unless the hub says it better.
    pub const fn told(self) -> &'static str {
        match self {
            HubOutcome::Allocate => "The hub asked a service to work with the family.",
            HubOutcome::SocialCare => "The hub passed your referral to children's social care.",
            HubOutcome::InformationAndAdvice => "The hub gave information and advice.",
            HubOutcome::NoFurtherAction => "The hub decided that no further action is needed.",
            HubOutcome::Defer => "The hub needs to know more before it decides.",
        }
    }
}

/// Why a meeting can't do that now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(MeetingStatus);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            MeetingStatus::Planned => "the meeting has not been opened yet",
            MeetingStatus::Open => "the meeting is under way",
            MeetingStatus::Closed => "the meeting is closed",
        })
    }
}

impl From<Refused> for shared::problem::Problem {
    fn from(refused: Refused) -> Self {
        shared::problem::Problem::conflict(refused.to_string())
    }
}

/// What is done to a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingStep {
    /// Its day, chair or members are changed.
    Change,
    /// It is opened.
    Open,
    /// Who came is recorded.
    Attendance,
    /// Its agenda is built, or something is added to it or taken from it.
    Agenda,
    /// An item is decided.
    Decide,
    /// It is closed, with its minutes.
    Close,
}

/// Where a meeting stands after a step.
///
/// # Errors
/// If the step can't be taken now.
pub const fn meeting_step(from: MeetingStatus, step: MeetingStep) -> Result<MeetingStatus, Refused> {
    use MeetingStatus as S;
    match (from, step) {
        (S::Planned, MeetingStep::Change) => Ok(S::Planned),
        (S::Planned, MeetingStep::Open) => Ok(S::Open),
        (S::Planned | S::Open, MeetingStep::Attendance | MeetingStep::Agenda) => Ok(from),
        (S::Open, MeetingStep::Decide) => Ok(S::Open),
        (S::Open, MeetingStep::Close) => Ok(S::Closed),
        (status, _) => Err(Refused(status)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_meeting_is_planned_then_open_then_closed_and_never_back() {
        use MeetingStatus as S;
        for status in S::ALL.iter().copied() {
            let can = |step| meeting_step(status, step).ok();
            assert_eq!(can(MeetingStep::Open), (status == S::Planned).then_some(S::Open), "{status:?}");
            assert_eq!(can(MeetingStep::Close), (status == S::Open).then_some(S::Closed), "{status:?}");
            assert_eq!(can(MeetingStep::Decide), (status == S::Open).then_some(S::Open), "{status:?}");
            assert_eq!(can(MeetingStep::Change), (status == S::Planned).then_some(S::Planned), "{status:?}");
            assert_eq!(can(MeetingStep::Agenda), (status != S::Closed).then_some(status), "{status:?}");
            assert_eq!(can(MeetingStep::Attendance), (status != S::Closed).then_some(status), "{status:?}");
        }
    }

    #[test]
    fn what_a_panel_takes_is_shown_as_decided_and_as_nothing_more() {
        for outcome in HubOutcome::ALL.iter().copied() {
            assert!(!outcome.as_str().contains("panel") && !outcome.told().to_lowercase().contains("panel"));
        }
    }

    #[test]
    fn words_survive_their_text() {
        for outcome in HubOutcome::ALL.iter().copied() {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        for status in ItemStatus::ALL.iter().copied() {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
