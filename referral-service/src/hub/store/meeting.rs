//! A hub's meetings.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::hub::domain::{Attendance, MeetingStatus, MeetingStep, meeting_step};
use crate::schema::{hub_meeting, hub_meeting_member};

shared::typed_id!(
    /// A meeting of a hub.
    MeetingId
);

/// A meeting's row.
#[derive(Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = hub_meeting)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Meeting {
    pub id: MeetingId,
    pub locality: String,
    pub held_on: DateTime<Utc>,
    pub chair: String,
    status: String,
    pub planned_by_name: String,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by_name: Option<String>,
    pub minutes: Option<String>,
    pub version: i64,
}

impl Meeting {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<MeetingStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown meeting status"))
    }

    /// Where it stands after a step.
    ///
    /// # Errors
    /// 409 if the step can't be taken now.
    pub fn after(&self, step: MeetingStep) -> Result<MeetingStatus, Problem> {
        Ok(meeting_step(self.status()?, step)?)
    }
}

/// Someone who sits on a meeting.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = hub_meeting_member)]
pub struct Member {
    pub id: Uuid,
    pub name: String,
    pub agency: String,
    pub user_id: Option<Uuid>,
    pub attendance: Option<String>,
}

/// Someone who is to sit on a meeting.
#[derive(Debug)]
pub struct NewMember<'a> {
    pub name: &'a str,
    pub agency: &'a str,
    pub user: Option<Uuid>,
}

/// Plans a meeting, which the district's hub sees.
///
/// # Errors
/// As the database says.
pub async fn plan(
    connection: &mut AsyncPgConnection,
    locality: &str,
    held_on: DateTime<Utc>,
    chair: &str,
    members: &[NewMember<'_>],
    actor: &Actor,
) -> Result<MeetingId, Problem> {
    let id = MeetingId::new();
    diesel::insert_into(hub_meeting::table)
        .values((
            hub_meeting::id.eq(id),
            hub_meeting::locality.eq(locality),
            hub_meeting::held_on.eq(held_on),
            hub_meeting::chair.eq(chair),
            hub_meeting::status.eq(MeetingStatus::Planned.as_str()),
            hub_meeting::planned_by_name.eq(&actor.name),
            hub_meeting::version.eq(1),
        ))
        .execute(connection)
        .await?;
    access::grant(connection, &[shown_to_hub(id, locality, held_on)]).await?;
    seat(connection, id, members).await?;
    Ok(id)
}

fn shown_to_hub(id: MeetingId, locality: &str, held_on: DateTime<Utc>) -> Grant {
    Grant {
        record: id.0,
        kind: "hub_meeting",
        scope: format!("hub:{locality}"),
        view: View::Full,
        state: MeetingStatus::Planned.as_str(),
        sort_at: held_on,
    }
}

async fn seat(connection: &mut AsyncPgConnection, id: MeetingId, members: &[NewMember<'_>]) -> Result<(), Problem> {
    let rows: Vec<_> = members
        .iter()
        .zip(1i16..)
        .map(|(member, place)| {
            (
                hub_meeting_member::id.eq(Uuid::now_v7()),
                hub_meeting_member::meeting_id.eq(id),
                hub_meeting_member::place.eq(place),
                hub_meeting_member::name.eq(member.name),
                hub_meeting_member::agency.eq(member.agency),
                hub_meeting_member::user_id.eq(member.user),
            )
        })
        .collect();
    diesel::insert_into(hub_meeting_member::table).values(&rows).execute(connection).await?;
    Ok(())
}

/// A meeting of the district's hub.
///
/// # Errors
/// 404 if the caller doesn't see it, or it is another hub's.
pub async fn find(connection: &mut AsyncPgConnection, locality: &str, id: MeetingId) -> Result<Meeting, Problem> {
    let found = hub_meeting::table.find(id).select(Meeting::as_select()).first(connection).await.optional()?;
    found.filter(|meeting: &Meeting| meeting.locality == locality).ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends. Meetings are locked first, then referrals, then items.
///
/// # Errors
/// 404 as [`find`].
pub async fn for_change(connection: &mut AsyncPgConnection, locality: &str, id: MeetingId) -> Result<Meeting, Problem> {
    let found =
        hub_meeting::table.find(id).select(Meeting::as_select()).for_update().first(connection).await.optional()?;
    found.filter(|meeting: &Meeting| meeting.locality == locality).ok_or_else(Problem::not_found)
}

/// The same, kept as it is until the transaction ends: others may decide in it at the same time, and
/// nobody closes it meanwhile.
///
/// # Errors
/// 404 as [`find`].
pub async fn kept(connection: &mut AsyncPgConnection, locality: &str, id: MeetingId) -> Result<Meeting, Problem> {
    let found =
        hub_meeting::table.find(id).select(Meeting::as_select()).for_share().first(connection).await.optional()?;
    found.filter(|meeting: &Meeting| meeting.locality == locality).ok_or_else(Problem::not_found)
}

/// Who sits on it, in order.
///
/// # Errors
/// As the database says.
pub async fn members(connection: &mut AsyncPgConnection, id: MeetingId) -> Result<Vec<Member>, Problem> {
    Ok(hub_meeting_member::table
        .filter(hub_meeting_member::meeting_id.eq(id))
        .order(hub_meeting_member::place)
        .select(Member::as_select())
        .load(connection)
        .await?)
}

/// What of a planned meeting is changed.
#[derive(Debug)]
pub struct Changed<'a> {
    pub held_on: DateTime<Utc>,
    pub chair: &'a str,
    /// Who sits on it from now on; those who did, if none.
    pub members: Option<Vec<NewMember<'a>>>,
}

/// Changes a planned meeting.
///
/// # Errors
/// As the database says.
pub async fn change(connection: &mut AsyncPgConnection, row: &Meeting, changed: &Changed<'_>) -> Result<(), Problem> {
    diesel::update(hub_meeting::table.find(row.id))
        .set((
            hub_meeting::held_on.eq(changed.held_on),
            hub_meeting::chair.eq(changed.chair),
            hub_meeting::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    if let Some(members) = &changed.members {
        diesel::delete(hub_meeting_member::table.filter(hub_meeting_member::meeting_id.eq(row.id)))
            .execute(connection)
            .await?;
        seat(connection, row.id, members).await?;
    }
    // Its place in the list follows its day.
    access::revoke(connection, row.id.0, &format!("hub:{}", row.locality)).await?;
    access::grant(connection, &[shown_to_hub(row.id, &row.locality, changed.held_on)]).await
}

/// Opens a meeting.
///
/// # Errors
/// As the database says.
pub async fn open(connection: &mut AsyncPgConnection, row: &Meeting, now: DateTime<Utc>) -> Result<(), Problem> {
    diesel::update(hub_meeting::table.find(row.id))
        .set((
            hub_meeting::status.eq(MeetingStatus::Open.as_str()),
            hub_meeting::opened_at.eq(now),
            hub_meeting::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    access::move_to_state(connection, row.id.0, MeetingStatus::Open.as_str()).await
}

/// Records who came.
///
/// # Errors
/// As the database says.
pub async fn attend(
    connection: &mut AsyncPgConnection,
    row: &Meeting,
    who: &[(Uuid, Attendance)],
) -> Result<(), Problem> {
    for (member, attendance) in who {
        diesel::update(hub_meeting_member::table.find(member))
            .set(hub_meeting_member::attendance.eq(attendance.as_str()))
            .execute(connection)
            .await?;
    }
    diesel::update(hub_meeting::table.find(row.id))
        .set(hub_meeting::version.eq(row.version + 1))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Closes a meeting with its minutes, and what it left open with it. The answer is how many items were
/// not reached.
///
/// # Errors
/// As the database says.
pub async fn close(
    connection: &mut AsyncPgConnection,
    row: &Meeting,
    minutes: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<i64, Problem> {
    let settled: Number = diesel::sql_query("SELECT hub_agenda_settle($1, $2, $3) AS number")
        .bind::<SqlUuid, _>(row.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(&actor.name)
        .get_result(connection)
        .await?;
    diesel::update(hub_meeting::table.find(row.id))
        .set((
            hub_meeting::status.eq(MeetingStatus::Closed.as_str()),
            hub_meeting::closed_at.eq(now),
            hub_meeting::closed_by_name.eq(&actor.name),
            hub_meeting::minutes.eq(minutes),
            hub_meeting::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    access::move_to_state(connection, row.id.0, MeetingStatus::Closed.as_str()).await?;
    Ok(settled.number)
}

/// What became of a meeting's items, in numbers.
#[derive(Debug, Default, QueryableByName)]
pub struct Counted {
    #[diesel(sql_type = BigInt)]
    pub listed: i64,
    #[diesel(sql_type = BigInt)]
    pub decided: i64,
    #[diesel(sql_type = BigInt)]
    pub deferred: i64,
    #[diesel(sql_type = BigInt)]
    pub removed: i64,
    #[diesel(sql_type = BigInt)]
    pub not_reached: i64,
    #[diesel(sql_type = BigInt)]
    pub overtaken: i64,
    #[diesel(sql_type = BigInt)]
    pub noted: i64,
}

/// What became of a meeting's items.
///
/// # Errors
/// As the database says.
pub async fn counted(connection: &mut AsyncPgConnection, id: MeetingId) -> Result<Counted, Problem> {
    let rows: Vec<Counted> = diesel::sql_query("SELECT * FROM hub_agenda_count($1)")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

/// The list behind `GET /v1/hubs/{locality}/meetings`, the latest first.
pub const LIST: Listing = Listing::new("hub_meeting", "m.*", "JOIN hub_meeting m ON m.id = page.record_id");

/// A page of a hub's meetings, the latest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scope: &str,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Meeting>, Problem> {
    let scopes = [scope.to_owned()];
    LIST.page(connection, &Asked { scopes: &scopes, states: None, filter: None, after, limit }).await
}
