//! What enrolments look like to whoever reads them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::id::PersonId;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::GroupTally;
use crate::group::domain::{GroupAttendance, GroupEnrolmentId, GroupEnrolmentStatus, GroupId, GroupSessionId};
use crate::group::store::EnrolmentShown;
use crate::referral::view::read_json;

/// Somebody's enrolment in a group.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupEnrolmentView {
    /// Its id.
    pub id: GroupEnrolmentId,
    /// Of which group.
    pub group_id: GroupId,
    /// What the group is called.
    pub title: String,
    /// Which programme it runs, a code of the set `group_programme`.
    pub programme: String,
    /// The service that runs it, a code of the set `service`.
    pub service: String,
    /// The person in the index.
    pub person_id: PersonId,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// How the service came to know them: `case`, `family`, `referral`, or `contact` if by none of these.
    pub basis: String,
    /// The referral they came by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<Uuid>,
    /// Their family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_id: Option<Uuid>,
    /// The case of their family that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<Uuid>,
    /// Where it stands.
    pub status: GroupEnrolmentStatus,
    /// When they were enrolled.
    pub enrolled_at: DateTime<Utc>,
    /// By whom.
    pub enrolled_by_name: String,
    /// From which day they have had a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placed_on: Option<NaiveDate>,
    /// What whoever runs the group should know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The day it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<NaiveDate>,
    /// Why they left, a code of the set `group_withdrawal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_words: Option<String>,
    /// How often they came, of how often they were expected.
    pub attendance: GroupTally,
    /// Each session's line about them, oldest first, with those that were corrected.
    pub sessions: Vec<GroupAttendanceView>,
}

/// What a register says, or said, of somebody.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GroupAttendanceView {
    /// Which session.
    pub session_id: GroupSessionId,
    /// On which day it was.
    pub held_on: NaiveDate,
    /// Whether they came.
    pub attendance: GroupAttendance,
    /// Why they were not to come, a code of the set `group_exclusion`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_because: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why the line before it was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by_name: String,
    /// When another line took its place: it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_at: Option<DateTime<Utc>>,
}

impl GroupEnrolmentView {
    /// From its row.
    ///
    /// # Errors
    /// 500 if it holds what this program does not know.
    pub fn of(row: EnrolmentShown) -> Result<Self, Problem> {
        Ok(Self {
            id: GroupEnrolmentId(row.id),
            group_id: GroupId(row.group_id),
            title: row.title,
            programme: row.programme,
            service: row.service,
            person_id: PersonId(row.person_id),
            given_name: row.given_name,
            family_name: row.family_name,
            birth_date: row.birth_date,
            basis: row.basis,
            referral_id: row.referral_id,
            family_id: row.family_id,
            case_id: row.case_id,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of an enrolment"))?,
            enrolled_at: row.enrolled_at,
            enrolled_by_name: row.enrolled_by_name,
            placed_on: row.placed_on,
            note: row.note,
            ended_on: row.ended_on,
            ended_because: row.ended_because,
            ended_words: row.ended_words,
            attendance: GroupTally { attended: row.attended, expected: row.expected },
            sessions: read_json(row.sessions)?.unwrap_or_default(),
        })
    }
}
