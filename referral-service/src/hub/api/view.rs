//! What meetings and the lines of their agenda look like.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::db::Tx;
use shared::db::{from_jsonb, from_nullable_jsonb};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{Attendance, ItemKind, ItemStatus, MeetingStatus};
use super::store::agenda::{ItemId, Shown};
use super::store::meeting::{self, Counted, Meeting, MeetingId};
use crate::referral::domain::{ReferralId, Status};
use crate::referral::known::KnownView;
use crate::referral::view::Warning;

/// A meeting of a hub.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeetingView {
    /// Its id.
    pub id: MeetingId,
    /// The district.
    pub locality: String,
    /// When it is held.
    pub held_on: DateTime<Utc>,
    /// Who chairs it.
    pub chair: String,
    /// Where it stands.
    pub status: MeetingStatus,
    /// Who sits on it.
    pub members: Vec<MemberView>,
    /// What became of its items, in numbers; those count that you may not see.
    pub items: ItemCounts,
    /// Who planned it.
    pub planned_by: String,
    /// When it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// Its minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<String>,
}

/// Someone who sits on a meeting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HubMemberView)]
pub struct MemberView {
    /// Their id in this meeting.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// The agency they sit for.
    pub agency: String,
    /// Their user id, if they are one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Uuid>,
    /// Whether they came, once that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendance: Option<Attendance>,
}

/// What became of a meeting's items.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemCounts {
    /// Still to be taken.
    pub listed: i64,
    /// Decided.
    pub decided: i64,
    /// Put off.
    pub deferred: i64,
    /// Taken off the agenda.
    pub removed: i64,
    /// Not come to; listed for the next meeting.
    pub not_reached: i64,
    /// Gone on before the meeting came to them.
    pub overtaken: i64,
    /// Notes that were acknowledged.
    pub noted: i64,
}

impl From<Counted> for ItemCounts {
    fn from(row: Counted) -> Self {
        let Counted { listed, decided, deferred, removed, not_reached, overtaken, noted } = row;
        Self { listed, decided, deferred, removed, not_reached, overtaken, noted }
    }
}

impl MeetingView {
    /// A meeting of the district's hub as it stands.
    ///
    /// # Errors
    /// 404 if the caller doesn't see it.
    pub async fn read(tx: &mut Tx, locality: &str, id: MeetingId) -> Result<Self, Problem> {
        let row = meeting::find(tx, locality, id).await?;
        Self::of(tx, row).await
    }

    /// From its row, with its members and its numbers.
    ///
    /// # Errors
    /// 500 if the tables hold what this program does not know.
    pub async fn of(tx: &mut Tx, row: Meeting) -> Result<Self, Problem> {
        let members = meeting::members(tx, row.id).await?;
        let items = meeting::counted(tx, row.id).await?.into();
        let members = members
            .into_iter()
            .map(|member| {
                let attendance = member
                    .attendance
                    .map(|text| text.parse().map_err(|()| Problem::internal(&"unknown attendance")))
                    .transpose()?;
                Ok(MemberView {
                    id: member.id,
                    name: member.name,
                    agency: member.agency,
                    user_id: member.user_id,
                    attendance,
                })
            })
            .collect::<Result<_, Problem>>()?;
        Ok(Self {
            status: row.status()?,
            id: row.id,
            locality: row.locality,
            held_on: row.held_on,
            chair: row.chair,
            members,
            items,
            planned_by: row.planned_by_name,
            opened_at: row.opened_at,
            closed_at: row.closed_at,
            closed_by: row.closed_by_name,
            minutes: row.minutes,
        })
    }
}

/// A line of an agenda.
#[derive(Debug, Serialize, ToSchema)]
pub struct HubItemView {
    /// Its id.
    pub id: ItemId,
    /// A referral to be decided, or something to be noted.
    pub kind: ItemKind,
    /// What a note is about: `decided_outside_meeting`, `supporting_service_declined`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The allocation a note is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<Uuid>,
    /// Its place on the agenda; absent while a note waits for a meeting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<i32>,
    /// Where it stands.
    pub status: ItemStatus,
    /// The version to send as `If-Match`, in its quotes, with what you do to it.
    pub etag: String,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// Who added it.
    pub added_by: String,
    /// Why, if it was added by hand or is a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub added_because: Option<String>,
    /// What was decided. `decided`: no more is to be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// Who settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
    /// Why it was removed, or what was noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_because: Option<String>,
    /// The referral.
    pub referral: ItemReferral,
    /// What is known of it.
    pub known: KnownView,
    /// When it was put off, and what was missing, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deferrals: Vec<DeferralView>,
    /// What you should know and nobody stops you from: a service is full. Only in the answer to a decision.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// The referral a line is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemReferral {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out.
    pub reference: String,
    /// Where it stands.
    pub status: Status,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// Whether it can't wait.
    pub urgent: bool,
}

/// A deferral.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DeferralView {
    /// When.
    pub deferred_at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What was missing.
    pub missing: String,
    /// When it was due back.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
}

impl HubItemView {
    /// From its row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Shown) -> Result<Self, Problem> {
        let unknown = |()| Problem::internal(&"unknown word of an agenda's item");
        Ok(Self {
            id: row.id,
            kind: row.kind.parse().map_err(unknown)?,
            about: row.about,
            allocation_id: row.allocation_id,
            place: row.place,
            status: row.status.parse().map_err(unknown)?,
            etag: shared::etag::etag(row.version, "full"),
            added_at: row.added_at,
            added_by: row.added_by_name,
            added_because: row.added_because,
            outcome: row.outcome,
            settled_at: row.settled_at,
            settled_by: row.settled_by_name,
            settled_because: row.settled_because,
            referral: ItemReferral {
                id: row.referral_id,
                reference: row.reference,
                status: row.referral_status.parse().map_err(unknown)?,
                received_at: row.received_at,
                agency: row.agency,
                urgent: row.urgent,
            },
            known: from_jsonb(row.known)?,
            deferrals: from_nullable_jsonb(row.deferrals)?.unwrap_or_default(),
            warnings: Vec::new(),
        })
    }
}
