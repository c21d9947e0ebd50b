//! What a missing episode looks like to whoever reads it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::db::from_nullable_jsonb;
use shared::deadline::{Standing, standing};
use shared::id::PersonId;
use shared::problem::Problem;
use utoipa::ToSchema;

use super::domain::{EpisodeId, InterviewOutcome, MissingStatus};
use super::store::{Listed, Shown};

/// A missing episode, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingEpisodeView {
    /// Its id.
    pub id: EpisodeId,
    /// The reference to read out on the telephone.
    #[schema(example = "M-7K3M-9QXA-C")]
    pub reference: String,
    /// Where it stands.
    pub status: MissingStatus,
    /// Since when the child was missing.
    pub missing_since: DateTime<Utc>,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// The agency that reported it.
    pub agency: String,
    /// The reporter's own number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_reference: Option<String>,
    /// The child's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// When the child came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<DateTime<Utc>>,
    /// Until when the return interview is in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_due_at: Option<DateTime<Utc>>,
    /// Where that clock stands; an interview that is declined stops it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_clock: Option<Standing>,
    /// When the interview was last offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_offered_at: Option<DateTime<Utc>>,
    /// When it was held or declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_answered_at: Option<DateTime<Utc>>,
    /// Whether it was held in time; absent unless it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_in_time: Option<bool>,
    /// The episode that was reported before this one of the same absence, to those who see all of both. What becomes of
    /// either, the return and the interview, becomes of both, and what was told of it stands with the one it was told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_absence_as: Option<EpisodeId>,
    /// Who is missing and what was told (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<MissingAccount>,
    /// What was told while the child was missing, oldest first (working team only). The last risk among it is the
    /// risk as it is judged now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<MissingUpdate>,
    /// How the child came back (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "return")]
    pub back: Option<MissingReturn>,
    /// Every offer, refusal and interview, oldest first (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interviews: Vec<ReturnInterview>,
    /// Why it was cancelled (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<MissingCancellation>,
    /// The child's other episodes that you see, newest first, at most ten (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_episodes: Vec<OtherEpisode>,
    /// Whether this is all of it (`full`) or what its reporter may follow (`status`).
    pub view: String,
}

/// Who is missing, and what was told of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MissingAccount {
    /// The child in the index.
    pub person_id: PersonId,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Who reported it.
    pub reporter_name: String,
    /// What they are: constable, carer, head of year.
    pub reporter_role: String,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter_telephone: Option<String>,
    /// From what kind of place, a code of the set `missing_from`.
    pub missing_from: String,
    /// From where, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub where_from: Option<String>,
    /// When the child was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Where, with whom and wearing what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// The risk as the reporter judged it, a code of the set `missing_risk`.
    pub risk_level: String,
    /// What happened, as told.
    pub circumstances: String,
    /// Which episode of the child's this was in the 90 days up to it: 1 for the first. For the front door and
    /// those who see another record of the child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_number: Option<i32>,
    /// Whether a concern about the child's exploitation was open when it was reported; for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<bool>,
}

/// What was told while a child was missing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MissingUpdate {
    /// The risk as it was judged then, a code of the set `missing_risk`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_level: Option<String>,
    /// When somebody saw the child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// Where, and with whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_place: Option<String>,
    /// Who told that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_told_by: Option<String>,
    /// The district that became known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The agency it came from.
    pub agency: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

/// How a child came back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MissingReturn {
    /// How, a code of the set `missing_found`.
    pub found_how: String,
    /// Where the child had been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whereabouts: Option<String>,
    /// What harm came to the child, codes of the set `missing_harm`.
    pub harm: Vec<String>,
    /// The harm in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harm_note: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
}

/// An offer of a return interview, its refusal, or the interview.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReturnInterview {
    /// Which of them.
    pub outcome: InterviewOutcome,
    /// When.
    pub at: DateTime<Utc>,
    /// Who offered or held it.
    pub by: String,
    /// What it was about, codes of the set `missing_theme`.
    pub themes: Vec<String>,
    /// What the child said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<String>,
    /// Why it was late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
}

/// Why a report was cancelled.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MissingCancellation {
    /// A code of the set `missing_cancellation`.
    pub because: String,
    /// In words.
    pub note: String,
    /// Who cancelled it.
    pub recorded_by: String,
}

/// Another time the child went missing.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OtherEpisode {
    /// Its id.
    pub id: EpisodeId,
    /// Where it stands.
    pub status: MissingStatus,
    /// Since when the child was missing.
    pub missing_since: DateTime<Utc>,
    /// When the child came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<DateTime<Utc>>,
    /// The episode that was reported before it of the same absence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_absence_as: Option<EpisodeId>,
}

fn status(text: &str) -> Result<MissingStatus, Problem> {
    text.parse().map_err(|()| Problem::internal(&"unknown status of a missing episode"))
}

impl MissingEpisodeView {
    /// From a row, as of an instant.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Shown, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: EpisodeId(row.id),
            reference: row.reference,
            status: status(&row.status)?,
            missing_since: row.missing_since,
            reported_at: row.reported_at,
            agency: row.agency,
            their_reference: row.their_reference,
            locality: row.locality,
            returned_at: row.returned_at,
            interview_due_at: row.due_at,
            interview_clock: row.due_at.map(|due| standing(due, row.interview_answered_at, now)),
            interview_offered_at: row.interview_offered_at,
            interview_answered_at: row.interview_answered_at,
            interview_in_time: row.interview_in_time,
            same_absence_as: row.same_absence_as.map(EpisodeId),
            view: if row.account.is_some() { "full" } else { "status" }.to_owned(),
            account: from_nullable_jsonb(row.account)?,
            updates: from_nullable_jsonb(row.updates)?.unwrap_or_default(),
            back: from_nullable_jsonb(row.back)?,
            interviews: from_nullable_jsonb(row.interviews)?.unwrap_or_default(),
            cancellation: from_nullable_jsonb(row.cancellation)?,
            other_episodes: from_nullable_jsonb(row.others)?.unwrap_or_default(),
        })
    }
}

/// A missing episode on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingEpisodeLine {
    /// Its id.
    pub id: EpisodeId,
    /// The reference to read out.
    pub reference: String,
    /// The reporter's own number for it, for its agency and the working team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_reference: Option<String>,
    /// Where it stands.
    pub status: MissingStatus,
    /// Since when the child was missing.
    pub missing_since: DateTime<Utc>,
    /// When the child came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<DateTime<Utc>>,
    /// The agency that reported it.
    pub agency: String,
    /// The child's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Until when the return interview is in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_due_at: Option<DateTime<Utc>>,
    /// Where that clock stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interview_clock: Option<Standing>,
    /// Who is missing (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child: Option<MissingChild>,
}

/// A child on a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct MissingChild {
    /// The child in the index.
    pub person_id: PersonId,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// The risk as it was judged last.
    pub risk_level: String,
    /// Which episode of the child's this was in the 90 days up to it; for the front door and those who
    /// see another record of the child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_number: Option<i32>,
    /// Whether a concern about the child's exploitation was open; for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<bool>,
}

impl MissingEpisodeLine {
    /// From a row, as of an instant.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Listed, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: EpisodeId(row.id),
            reference: row.reference,
            their_reference: row.their_reference,
            status: status(&row.status)?,
            missing_since: row.missing_since,
            returned_at: row.returned_at,
            agency: row.agency,
            locality: row.locality,
            interview_due_at: row.due_at,
            interview_clock: row.due_at.map(|due| standing(due, row.interview_answered_at, now)),
            child: from_nullable_jsonb(row.child)?,
        })
    }
}
