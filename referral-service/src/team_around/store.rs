//! The meetings' rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{MeetingId, MeetingStatus, transition};
use crate::family::CaseId;
use crate::schema::{plan_action, team_around, team_around_person};

/// A meeting's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = team_around)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Meeting {
    pub id: MeetingId,
    pub case_id: CaseId,
    pub status: String,
    pub starts_at: DateTime<Utc>,
    pub place: Option<String>,
    pub chair: String,
    pub discussed: Option<String>,
    pub decisions: Vec<String>,
    pub next_on: Option<NaiveDate>,
    pub cancelled_because: Option<String>,
    pub recorded_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// A meeting of a case.
///
/// # Errors
/// 404 if there is none, or the caller does not see the case whole.
pub async fn find(connection: &mut AsyncPgConnection, case: CaseId, id: MeetingId) -> Result<Meeting, Problem> {
    team_around::table
        .find(id)
        .filter(team_around::case_id.eq(case))
        .select(Meeting::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends. The case is locked first.
///
/// # Errors
/// 404 if there is none, or the caller does not see the case whole.
pub async fn for_change(connection: &mut AsyncPgConnection, case: CaseId, id: MeetingId) -> Result<Meeting, Problem> {
    team_around::table
        .find(id)
        .filter(team_around::case_id.eq(case))
        .select(Meeting::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// Keeps a new meeting.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Meeting) -> Result<(), Problem> {
    diesel::insert_into(team_around::table).values(row).execute(connection).await?;
    Ok(())
}

impl Meeting {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<MeetingStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a meeting"))
    }

    /// Keeps what has changed of it, in a next version, standing at `to`.
    ///
    /// # Errors
    /// 409 if it can't stand there now.
    pub async fn becomes(&mut self, connection: &mut AsyncPgConnection, to: MeetingStatus) -> Result<(), Problem> {
        let to = transition(self.status()?, to).map_err(|refused| Problem::conflict(refused.to_string()))?;
        self.status = to.as_str().to_owned();
        self.version += 1;
        let changed = diesel::update(team_around::table.find(self.id))
            .set((
                team_around::status.eq(&self.status),
                team_around::starts_at.eq(self.starts_at),
                team_around::discussed.eq(&self.discussed),
                team_around::decisions.eq(&self.decisions),
                team_around::next_on.eq(self.next_on),
                team_around::cancelled_because.eq(&self.cancelled_because),
                team_around::recorded_at.eq(self.recorded_at),
                team_around::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// Somebody at the table.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = team_around_person)]
pub struct Attendee {
    pub id: Uuid,
    pub meeting_id: MeetingId,
    pub case_id: CaseId,
    pub place: i16,
    pub person_id: Option<Uuid>,
    pub name: Option<String>,
    pub agency: Option<String>,
    pub role: Option<String>,
    pub invited: bool,
    pub attended: Option<bool>,
}

/// Who was asked to these meetings or came to them.
///
/// # Errors
/// As the database says.
pub async fn attendees(connection: &mut AsyncPgConnection, meetings: &[MeetingId]) -> Result<Vec<Attendee>, Problem> {
    Ok(team_around_person::table
        .filter(team_around_person::meeting_id.eq_any(meetings))
        .order((team_around_person::meeting_id, team_around_person::place))
        .select(Attendee::as_select())
        .load(connection)
        .await?)
}

/// Keeps who was asked or came.
///
/// # Errors
/// As the database says.
pub async fn add_attendees(connection: &mut AsyncPgConnection, rows: &[Attendee]) -> Result<(), Problem> {
    diesel::insert_into(team_around_person::table).values(rows).execute(connection).await?;
    Ok(())
}

/// Says who of those who were asked came: these did, the others did not.
///
/// # Errors
/// As the database says.
pub async fn keep_attendance(
    connection: &mut AsyncPgConnection,
    meeting: MeetingId,
    came: &[Uuid],
) -> Result<(), Problem> {
    let of = team_around_person::table.filter(team_around_person::meeting_id.eq(meeting));
    diesel::update(of)
        .set(team_around_person::attended.eq(team_around_person::id.eq_any(came).nullable()))
        .execute(connection)
        .await?;
    Ok(())
}

/// An action that came from a meeting.
#[derive(Clone, Debug, Queryable)]
pub struct MeetingAction {
    pub meeting_id: Option<MeetingId>,
    pub id: Uuid,
    pub what: String,
    pub status: String,
    pub due_on: NaiveDate,
}

/// The actions that came from these meetings.
///
/// # Errors
/// As the database says.
pub async fn actions(
    connection: &mut AsyncPgConnection,
    meetings: &[MeetingId],
) -> Result<Vec<MeetingAction>, Problem> {
    Ok(plan_action::table
        .filter(plan_action::meeting_id.eq_any(meetings))
        .order((plan_action::proposed_at, plan_action::id))
        .select((plan_action::meeting_id, plan_action::id, plan_action::what, plan_action::status, plan_action::due_on))
        .load(connection)
        .await?)
}

/// The statement behind the list of meetings of the case `$1`.
pub const LIST: &str = "\
SELECT t.* FROM team_around t
WHERE t.case_id = $1 AND (t.starts_at, t.id) < ($2, $3)
ORDER BY t.starts_at DESC, t.id DESC LIMIT $4";

/// A page of a case's meetings, the latest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Meeting>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<SqlUuid, _>(case)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
