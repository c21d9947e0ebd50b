//! Sessions and their registers.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::{max, min};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::group::domain::{GroupAttendance, GroupId, GroupSessionId};
use crate::schema::{group_attendance, group_session};

/// A session's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = group_session)]
pub struct Session {
    pub id: GroupSessionId,
    pub held_on: NaiveDate,
    pub status: String,
    pub version: i64,
}

/// The session of that group, locked until the transaction ends.
///
/// # Errors
/// 404 if there is none, or the caller doesn't see the group whole.
pub async fn session_for_change(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    id: GroupSessionId,
) -> Result<Session, Problem> {
    let found = group_session::table
        .find(id)
        .filter(group_session::group_id.eq(group))
        .select(Session::as_select())
        .for_update()
        .first(connection)
        .await;
    found.optional()?.ok_or_else(Problem::not_found)
}

impl Session {
    /// Says that its register was taken, or that it was cancelled and why, as its next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn moves(
        &mut self,
        connection: &mut AsyncPgConnection,
        to: &str,
        because: Option<&str>,
    ) -> Result<(), Problem> {
        self.version += 1;
        self.status = to.to_owned();
        let changed = diesel::update(group_session::table.find(self.id))
            .set((
                group_session::status.eq(to),
                group_session::cancelled_because.eq(because),
                group_session::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Puts it on another day, and keeps where it stood and why, as its next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn moves_to(
        &mut self,
        connection: &mut AsyncPgConnection,
        day: NaiveDate,
        because: &str,
    ) -> Result<(), Problem> {
        self.version += 1;
        let from = std::mem::replace(&mut self.held_on, day);
        let changed = diesel::update(group_session::table.find(self.id))
            .set((
                group_session::held_on.eq(day),
                group_session::moved_from.eq(from),
                group_session::moved_because.eq(because),
                group_session::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// Keeps a new session.
///
/// # Errors
/// As the database says.
pub async fn insert_session(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    id: GroupSessionId,
    held_on: NaiveDate,
    topic: Option<&str>,
) -> Result<(), Problem> {
    diesel::insert_into(group_session::table)
        .values((
            group_session::id.eq(id),
            group_session::group_id.eq(group),
            group_session::held_on.eq(held_on),
            group_session::topic.eq(topic),
            group_session::status.eq("planned"),
            group_session::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the group meets on that day already.
///
/// # Errors
/// As the database says.
pub async fn has_session_on(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    day: NaiveDate,
) -> Result<bool, Problem> {
    let found: Option<Uuid> = group_session::table
        .filter(group_session::group_id.eq(group))
        .filter(group_session::held_on.eq(day))
        .filter(group_session::status.ne("cancelled"))
        .select(group_session::id)
        .first(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// The days of the first and the last session that was not cancelled, held or still to come.
///
/// # Errors
/// As the database says.
pub async fn session_days(
    connection: &mut AsyncPgConnection,
    group: GroupId,
) -> Result<Option<(NaiveDate, NaiveDate)>, Problem> {
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) = group_session::table
        .filter(group_session::group_id.eq(group))
        .filter(group_session::status.ne("cancelled"))
        .select((min(group_session::held_on), max(group_session::held_on)))
        .first(connection)
        .await?;
    Ok(first.zip(last))
}

/// Somebody who is, or was, enrolled.
#[derive(Debug, QueryableByName)]
pub struct Expected {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Date>)]
    placed_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    ended_on: Option<NaiveDate>,
}

/// Of these enrolments those in this group that the caller sees, each with whether they had a place that day.
///
/// # Errors
/// As the database says.
pub async fn expected_at(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    enrolments: &[Uuid],
    day: NaiveDate,
) -> Result<HashMap<Uuid, bool>, Problem> {
    let rows: Vec<Expected> = diesel::sql_query(
        "SELECT e.id, e.placed_on, e.ended_on FROM group_enrolment e WHERE e.id = ANY ($1) AND e.group_id = $2",
    )
    .bind::<diesel::sql_types::Array<SqlUuid>, _>(enrolments)
    .bind::<SqlUuid, _>(group)
    .prepared()
    .load(connection)
    .await?;
    let had_place =
        |row: &Expected| row.placed_on.is_some_and(|from| from <= day) && row.ended_on.is_none_or(|until| day <= until);
    Ok(rows.into_iter().map(|row| (row.id, had_place(&row))).collect())
}

/// A line of a register that holds.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = group_attendance)]
pub struct Recorded {
    pub id: Uuid,
    pub enrolment_id: Uuid,
    pub attendance: String,
    pub excluded_because: Option<String>,
    pub note: Option<String>,
}

/// The lines of a session's register that hold.
///
/// # Errors
/// As the database says.
pub async fn recorded(connection: &mut AsyncPgConnection, session: GroupSessionId) -> Result<Vec<Recorded>, Problem> {
    Ok(group_attendance::table
        .filter(group_attendance::session_id.eq(session))
        .filter(group_attendance::replaced_at.is_null())
        .select(Recorded::as_select())
        .load(connection)
        .await?)
}

/// A new line of a register.
pub struct NewLine<'a> {
    pub enrolment_id: Uuid,
    pub attendance: GroupAttendance,
    pub excluded_because: Option<&'a str>,
    pub note: Option<&'a str>,
    /// The line it corrects.
    pub corrects: Option<Uuid>,
}

/// Keeps the lines of a register; those they correct hold no longer.
///
/// # Errors
/// As the database says.
pub async fn record(
    connection: &mut AsyncPgConnection,
    session: &Session,
    lines: &[NewLine<'_>],
    reason: Option<&str>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let corrected: Vec<Uuid> = lines.iter().filter_map(|line| line.corrects).collect();
    diesel::update(group_attendance::table)
        .filter(group_attendance::id.eq_any(corrected))
        .set(group_attendance::replaced_at.eq(now))
        .execute(connection)
        .await?;
    let rows = lines.iter().map(|line| {
        json!({ "id": Uuid::now_v7(), "enrolment_id": line.enrolment_id, "attendance": line.attendance,
                "excluded_because": line.excluded_because, "note": line.note,
                "correction_reason": line.corrects.and(reason) })
    });
    diesel::sql_query(
        "INSERT INTO group_attendance (id, session_id, enrolment_id, held_on, attendance, excluded_because, note,
             correction_reason, recorded_at, recorded_by, recorded_by_name)
         SELECT t.id, $2, t.enrolment_id, $3, t.attendance, t.excluded_because, t.note, t.correction_reason, $4, $5, $6
         FROM jsonb_to_recordset($1) AS t(id uuid, enrolment_id uuid, attendance text, excluded_because text, note text,
             correction_reason text)",
    )
    .bind::<Jsonb, _>(Value::Array(rows.collect()))
    .bind::<SqlUuid, _>(session.id)
    .bind::<Date, _>(session.held_on)
    .bind::<Timestamptz, _>(now)
    .bind::<SqlUuid, _>(actor.user)
    .bind::<Text, _>(&actor.name)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// A session as it is shown.
#[derive(Debug, QueryableByName)]
pub struct SessionShown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Uuid,
    #[diesel(sql_type = Date)]
    pub held_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    pub topic: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancelled_because: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    pub moved_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub moved_because: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub register: Option<serde_json::Value>,
}

/// One session of a group with its register, as far as the caller sees who is enrolled.
///
/// # Errors
/// 404 if there is none, or the caller doesn't see the group.
pub async fn show_session(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    id: GroupSessionId,
) -> Result<SessionShown, Problem> {
    let rows: Vec<SessionShown> = diesel::sql_query(
        "SELECT s.*,
                (SELECT jsonb_agg(jsonb_build_object('enrolment_id', e.id, 'person_id', e.person_id, 'given_name', e.given_name,
                            'family_name', e.family_name, 'attendance', a.attendance, 'excluded_because', a.excluded_because,
                            'note', a.note) ORDER BY e.family_name, e.given_name, e.id)
                 FROM group_enrolment e
                 LEFT JOIN group_attendance a ON a.enrolment_id = e.id AND a.session_id = s.id AND a.replaced_at IS NULL
                 WHERE s.status <> 'cancelled' AND e.group_id = s.group_id AND e.placed_on <= s.held_on
                   AND (e.ended_on IS NULL OR e.ended_on >= s.held_on)) AS register
         FROM group_session s WHERE s.id = $1 AND s.group_id = $2",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(group)
    .prepared()
    .load(connection)
    .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}
