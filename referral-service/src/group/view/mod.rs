//! What groups and their sessions look like to whoever reads them; enrolments in `enrolment`.

mod enrolment;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::id::{PersonId, UserId};
use shared::problem::Problem;
use utoipa::ToSchema;

pub use enrolment::GroupEnrolmentView;

use super::domain::{GroupAttendance, GroupEnrolmentId, GroupId, GroupSessionId, GroupStatus};
use super::store::{GroupListed, GroupShown};
use crate::referral::view::read_json;

/// A group, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupView {
    /// Its id.
    pub id: GroupId,
    /// The reference to read out on the telephone.
    #[schema(example = "G-7K3M-9QXA-C")]
    pub reference: String,
    /// What it is called.
    pub title: String,
    /// Which programme it runs, a code of the set `group_programme`.
    pub programme: String,
    /// The service that runs it, a code of the set `service`.
    pub service: String,
    /// The district it is for; the whole county, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// How many places it has.
    pub capacity: i32,
    /// How many have a place.
    pub taken: i32,
    /// How many wait for one.
    pub waiting: i32,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Where it stands.
    pub status: GroupStatus,
    /// When it was planned.
    pub planned_at: DateTime<Utc>,
    /// The day it finished or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// Its sessions, by day.
    pub sessions: Vec<GroupSessionLine>,
    /// Who has completed it: by which rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_rule: Option<GroupCompletionRule>,
    /// How it is run (its team and its facilitators only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<GroupRun>,
    /// Whether this is all of it (`full`) or that it runs and what places are free (`involvement`).
    pub view: String,
}

/// A session in a group's list of them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupSessionLine {
    /// Its id.
    pub id: GroupSessionId,
    /// On which day.
    pub held_on: NaiveDate,
    /// About what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// `planned`; `held`, from its register on; or `cancelled`.
    pub status: String,
    /// Why it was cancelled, a code of the set `group_cancellation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
    /// On which day it was to be before it was last moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<NaiveDate>,
    /// Why it was moved, a code of the set `group_cancellation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_because: Option<String>,
}

/// From which share of sessions somebody has completed a group.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupCompletionRule {
    /// At least this many in a hundred of the sessions they were expected at.
    pub at_least_percent: i16,
    /// Who says so.
    pub source: String,
    /// Whether that source was seen; if not, it is a placeholder for the partnership to set.
    pub verified: bool,
}

/// How a group is run.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupRun {
    /// Where it meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<String>,
    /// What else its team should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who planned it.
    pub planned_by_name: String,
    /// Who runs its sessions.
    #[serde(default)]
    pub facilitators: Vec<GroupFacilitator>,
    /// Why it was cancelled, a code of the set `group_cancellation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
    /// How it ended, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_words: Option<String>,
    /// Who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by_name: Option<String>,
    /// What the registers say so far.
    pub attendance: GroupTally,
    /// How many of the enrolments you see stand where.
    pub enrolments: GroupEnrolmentCounts,
}

/// Who came, of those who were expected.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct GroupTally {
    /// How often somebody came, in time or late.
    pub attended: i64,
    /// Out of how often somebody was expected: every line of the registers but those of the excluded.
    pub expected: i64,
}

/// How many enrolments stand where.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct GroupEnrolmentCounts {
    /// Wait for a place.
    #[serde(default)]
    pub waiting: i64,
    /// Have a place.
    #[serde(default)]
    pub enrolled: i64,
    /// Completed it.
    #[serde(default)]
    pub completed: i64,
    /// Stayed to the end and did not complete it.
    #[serde(default)]
    pub not_completed: i64,
    /// Left it.
    #[serde(default)]
    pub withdrawn: i64,
    /// Waited to the end.
    #[serde(default)]
    pub not_placed: i64,
    /// Were enrolled or waiting when it was called off.
    #[serde(default)]
    pub cancelled: i64,
}

/// Who runs a group's sessions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupFacilitator {
    /// The user, who sees all of the group.
    pub user_id: UserId,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

impl GroupView {
    /// From its row.
    ///
    /// # Errors
    /// 500 if it holds what this program does not know.
    pub fn of(row: GroupShown) -> Result<Self, Problem> {
        let view = if row.run.is_some() { "full" } else { "involvement" };
        Ok(Self {
            id: GroupId(row.id),
            reference: row.reference,
            title: row.title,
            programme: row.programme,
            service: row.service,
            locality: row.locality,
            capacity: row.capacity,
            taken: row.taken,
            waiting: row.waiting,
            first_day: row.first_day,
            last_day: row.last_day,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of a group"))?,
            planned_at: row.planned_at,
            ended_on: row.ended_on,
            sessions: read_json(row.sessions)?.unwrap_or_default(),
            completion_rule: read_json(row.completion_rule)?,
            run: read_json(row.run)?,
            view: view.to_owned(),
        })
    }
}

/// A group in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupLine {
    /// Its id.
    pub id: GroupId,
    /// The reference to read out on the telephone.
    pub reference: String,
    /// What it is called.
    pub title: String,
    /// Which programme it runs.
    pub programme: String,
    /// The service that runs it.
    pub service: String,
    /// The district it is for; the whole county, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// How many places it has.
    pub capacity: i32,
    /// How many have a place.
    pub taken: i32,
    /// How many wait for one.
    pub waiting: i32,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_day: Option<NaiveDate>,
    /// Where it stands.
    pub status: GroupStatus,
}

impl GroupLine {
    /// From its row.
    ///
    /// # Errors
    /// 500 if it holds what this program does not know.
    pub fn of(row: GroupListed) -> Result<Self, Problem> {
        Ok(Self {
            id: GroupId(row.id),
            reference: row.reference,
            title: row.title,
            programme: row.programme,
            service: row.service,
            locality: row.locality,
            capacity: row.capacity,
            taken: row.taken,
            waiting: row.waiting,
            first_day: row.first_day,
            last_day: row.last_day,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of a group"))?,
        })
    }
}

/// A session with its register.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupSessionView {
    /// Its id.
    pub id: GroupSessionId,
    /// Of which group.
    pub group_id: GroupId,
    /// On which day.
    pub held_on: NaiveDate,
    /// About what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// `planned`; `held`, from its register on; or `cancelled`.
    pub status: String,
    /// Why it was cancelled, a code of the set `group_cancellation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
    /// On which day it was to be before it was last moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<NaiveDate>,
    /// Why it was moved, a code of the set `group_cancellation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_because: Option<String>,
    /// Everyone you see who had a place that day, by name, and whether they came; nobody, if it was cancelled.
    pub register: Vec<GroupRegisterLine>,
}

/// One person in a register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupRegisterLine {
    /// Their enrolment.
    pub enrolment_id: GroupEnrolmentId,
    /// The person in the index.
    pub person_id: PersonId,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Whether they came; absent until it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attendance: Option<GroupAttendance>,
    /// Why they were not to come, a code of the set `group_exclusion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_because: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
