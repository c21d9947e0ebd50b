//! What a meeting looks like to whoever reads it.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{MeetingId, MeetingStatus};
use super::store::{self, Meeting};
use crate::family::CaseId;

/// A meeting of the team around the family.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamAroundView)]
pub struct MeetingView {
    /// Its id.
    pub id: MeetingId,
    /// The case it is about.
    pub case_id: CaseId,
    /// Where it stands.
    pub status: MeetingStatus,
    /// When it is, or was, held.
    pub starts_at: DateTime<Utc>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who chairs it.
    pub chair: String,
    /// Who was asked, and who came.
    pub people: Vec<AttendeeView>,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discussed: Option<String>,
    /// What was decided.
    pub decisions: Vec<String>,
    /// What somebody is to do after it.
    pub actions: Vec<MeetingActionView>,
    /// When the next one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_on: Option<NaiveDate>,
    /// Why it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
    /// When it was written up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<DateTime<Utc>>,
}

/// Somebody at the table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamAroundAttendee)]
pub struct AttendeeView {
    /// Their place at this table: say it of those who came.
    pub id: Uuid,
    /// Someone of the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// Their agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Whether they were asked, or came without.
    pub invited: bool,
    /// Whether they came; absent until the meeting was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attended: Option<bool>,
}

/// An action that came from the meeting.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamAroundAction)]
pub struct MeetingActionView {
    /// The action.
    pub id: Uuid,
    /// What is to be done.
    pub what: String,
    /// Where it stands.
    pub status: String,
    /// By when.
    pub due_on: NaiveDate,
}

/// Meetings as the case's team sees them.
///
/// # Errors
/// As the database says.
pub async fn views(connection: &mut AsyncPgConnection, rows: Vec<Meeting>) -> Result<Vec<MeetingView>, Problem> {
    let ids: Vec<MeetingId> = rows.iter().map(|row| row.id).collect();
    let attendees = store::attendees(connection, &ids).await?;
    let actions = store::actions(connection, &ids).await?;
    rows.into_iter()
        .map(|row| {
            Ok(MeetingView {
                status: row.status()?,
                people: attendees
                    .iter()
                    .filter(|one| one.meeting_id == row.id)
                    .map(|one| AttendeeView {
                        id: one.id,
                        person_id: one.person_id,
                        agency: one.agency.clone(),
                        name: one.name.clone(),
                        role: one.role.clone(),
                        invited: one.invited,
                        attended: one.attended,
                    })
                    .collect(),
                actions: actions
                    .iter()
                    .filter(|one| one.meeting_id == Some(row.id))
                    .map(|one| MeetingActionView {
                        id: one.id,
                        what: one.what.clone(),
                        status: one.status.clone(),
                        due_on: one.due_on,
                    })
                    .collect(),
                id: row.id,
                case_id: row.case_id,
                starts_at: row.starts_at,
                place: row.place,
                chair: row.chair,
                discussed: row.discussed,
                decisions: row.decisions,
                next_on: row.next_on,
                cancelled_because: row.cancelled_because,
                recorded_at: row.recorded_at,
            })
        })
        .collect()
}

/// One meeting as the case's team sees it.
///
/// # Errors
/// As the database says.
pub async fn view(connection: &mut AsyncPgConnection, row: Meeting) -> Result<MeetingView, Problem> {
    views(connection, vec![row]).await?.into_iter().next().ok_or_else(Problem::not_found)
}
