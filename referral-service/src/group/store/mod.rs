//! The rows of group work: the group itself here, how its plan is changed in `change`, enrolments in
//! `enrolment`, sessions and registers in `session`, how groups are read in `read`.

mod change;
mod enrolment;
mod read;
mod session;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::{self, Problem};
use uuid::Uuid;

pub use change::{hand_over, last_place};
pub use enrolment::{
    Enrolment, EnrolmentShown, EnrolmentsOf, Left, NewEnrolment, enrolment_for_change, enrolments, insert_enrolment,
    is_enrolled, people_of_family, people_of_referral, show_enrolment,
};
pub use read::{GroupListed, GroupShown, LIST, list, show};
pub use session::{
    NewLine, Recorded, Session, SessionShown, expected_at, has_session_on, insert_session, record, recorded,
    session_days, session_for_change, show_session,
};

use super::api::GroupPlan;
use super::domain::{GroupEnrolmentStatus, GroupId, GroupStatus, GroupStep, transition};
use super::view::GroupFacilitator;
use crate::schema::{group_facilitator, group_run, support_group};

/// A group's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = support_group)]
pub struct Group {
    pub id: GroupId,
    pub title: String,
    pub programme: String,
    pub service: String,
    pub locality: Option<String>,
    pub capacity: i32,
    pub taken: i32,
    pub waiting: i32,
    pub first_day: NaiveDate,
    pub last_day: Option<NaiveDate>,
    status: String,
    ended_on: Option<NaiveDate>,
    pub version: i64,
}

/// The group, locked until the transaction ends. Lock order: group, session or enrolment.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: GroupId) -> Result<Group, Problem> {
    let found = support_group::table.find(id).select(Group::as_select()).for_update().first(connection).await;
    found.optional()?.ok_or_else(Problem::not_found)
}

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Refuses who knows of the group, but does not run it.
///
/// # Errors
/// 403.
pub async fn require_running(connection: &mut AsyncPgConnection, id: GroupId) -> Result<(), Problem> {
    let row: Yes = diesel::sql_query("SELECT group_is_whole($1) AS yes")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    if row.yes { Ok(()) } else { Err(Problem::new(problem::NOT_ALLOWED)) }
}

#[derive(QueryableByName)]
struct Scope {
    #[diesel(sql_type = Text)]
    scope: String,
}

/// The scopes that have the group whole.
///
/// # Errors
/// 500 if the caller does not know of it.
pub async fn holders(connection: &mut AsyncPgConnection, id: GroupId) -> Result<Vec<String>, Problem> {
    let rows: Vec<Scope> = diesel::sql_query("SELECT * FROM group_holders($1) AS t(scope)")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.scope).collect())
}

impl Group {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<GroupStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a group"))
    }

    /// Whether it has a place left.
    pub const fn has_room(&self) -> bool {
        self.taken < self.capacity
    }

    /// Takes a step.
    ///
    /// # Errors
    /// 409 if it can't be taken now.
    pub async fn take(
        &mut self,
        connection: &mut AsyncPgConnection,
        step: GroupStep,
        on: NaiveDate,
    ) -> Result<(), Problem> {
        let from = self.status()?;
        let to = transition(from, step)?;
        if from == to {
            return self.changed(connection).await;
        }
        self.status = to.as_str().to_owned();
        self.ended_on = to.must_be_open().is_err().then_some(on);
        self.changed(connection).await?;
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }

    /// Keeps what has changed of it, as its next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn changed(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(support_group::table.find(self.id))
            .set((
                support_group::title.eq(&self.title),
                support_group::capacity.eq(self.capacity),
                support_group::taken.eq(self.taken),
                support_group::waiting.eq(self.waiting),
                support_group::first_day.eq(self.first_day),
                support_group::last_day.eq(self.last_day),
                support_group::status.eq(&self.status),
                support_group::ended_on.eq(self.ended_on),
                support_group::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Keeps why and how it ended.
    ///
    /// # Errors
    /// As the database says.
    pub async fn keep_ending(
        &self,
        connection: &mut AsyncPgConnection,
        because: Option<&str>,
        words: Option<&str>,
        actor: &Actor,
    ) -> Result<(), Problem> {
        diesel::update(group_run::table.find(self.id))
            .set((
                group_run::ended_because.eq(because),
                group_run::ended_words.eq(words),
                group_run::ended_by_name.eq(&actor.name),
            ))
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// Keeps a new group.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    (id, reference): (GroupId, &str),
    plan: &GroupPlan,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(support_group::table)
        .values((
            support_group::id.eq(id),
            support_group::reference.eq(reference),
            support_group::title.eq(plan.title.trim()),
            support_group::programme.eq(plan.programme.as_str()),
            support_group::service.eq(plan.service.as_str()),
            support_group::locality.eq(plan.locality.as_ref().map(|locality| locality.as_str())),
            support_group::capacity.eq(plan.capacity),
            support_group::taken.eq(0),
            support_group::waiting.eq(0),
            support_group::first_day.eq(plan.first_day),
            support_group::last_day.eq(plan.last_day),
            support_group::status.eq(GroupStatus::Planned.as_str()),
            support_group::planned_at.eq(now),
            support_group::version.eq(1),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(group_run::table)
        .values((
            group_run::group_id.eq(id),
            group_run::venue.eq(&plan.venue),
            group_run::note.eq(&plan.note),
            group_run::planned_by.eq(actor.user),
            group_run::planned_by_name.eq(&actor.name),
        ))
        .execute(connection)
        .await?;
    insert_facilitators(connection, id, &plan.facilitators).await
}

/// Keeps who runs a group's sessions.
async fn insert_facilitators(
    connection: &mut AsyncPgConnection,
    id: GroupId,
    facilitators: &[GroupFacilitator],
) -> Result<(), Problem> {
    let rows: Vec<_> = facilitators
        .iter()
        .map(|one| {
            (
                group_facilitator::group_id.eq(id),
                group_facilitator::user_id.eq(one.user_id),
                group_facilitator::name.eq(&one.name),
            )
        })
        .collect();
    diesel::insert_into(group_facilitator::table).values(rows).execute(connection).await?;
    Ok(())
}

/// What the registers say of somebody who has a place, or that they wait.
#[derive(Debug, QueryableByName)]
pub struct Tally {
    #[diesel(sql_type = SqlUuid)]
    pub enrolment_id: Uuid,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = BigInt)]
    pub attended: i64,
    #[diesel(sql_type = BigInt)]
    pub expected: i64,
    #[diesel(sql_type = BigInt)]
    pub unrecorded: i64,
}

/// The same of everyone whose enrolment is open, whoever asks.
///
/// # Errors
/// 500 if the caller does not run the group.
pub async fn tally(connection: &mut AsyncPgConnection, id: GroupId) -> Result<Vec<Tally>, Problem> {
    Ok(diesel::sql_query("SELECT * FROM group_tally($1)").bind::<SqlUuid, _>(id).prepared().load(connection).await?)
}

/// Ends open enrolments, each with what became of it.
///
/// # Errors
/// 500 if the caller does not run the group.
pub async fn settle(
    connection: &mut AsyncPgConnection,
    id: GroupId,
    outcomes: &[(Uuid, GroupEnrolmentStatus)],
    on: NaiveDate,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT group_settle($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(id)
        .bind::<Array<SqlUuid>, _>(outcomes.iter().map(|(enrolment, _)| *enrolment).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(outcomes.iter().map(|(_, outcome)| outcome.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(outcomes.iter().map(|(_, outcome)| outcome.state()).collect::<Vec<_>>())
        .bind::<Date, _>(on)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = SmallInt)]
    at_least_percent: i16,
}

/// From which share of sessions on a programme is completed, as of a day: the programme's own rule, or that
/// of all.
///
/// # Errors
/// 500 if there is no rule of that day.
pub async fn completion_percent(
    connection: &mut AsyncPgConnection,
    programme: &str,
    on: NaiveDate,
) -> Result<i16, Problem> {
    let rows: Vec<Rule> = diesel::sql_query(
        "SELECT at_least_percent FROM group_completion_rule \
         WHERE programme IN ($1, '*') AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2) \
         ORDER BY programme = '*', valid_from DESC LIMIT 1",
    )
    .bind::<Text, _>(programme)
    .bind::<Date, _>(on)
    .prepared()
    .load(connection)
    .await?;
    let rule = rows.into_iter().next().ok_or_else(|| Problem::internal(&"no rule of completion"))?;
    Ok(rule.at_least_percent)
}
