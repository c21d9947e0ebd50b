//! The plan's rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Listing};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{ActionId, ActionStatus, GoalId, PlanId, Step, transition};
use crate::family::{CaseId, FamilyId};
use crate::schema::{plan, plan_action, plan_action_history, plan_goal, plan_signature, team_around};

/// A plan's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan)]
pub struct Plan {
    pub id: PlanId,
    pub case_id: CaseId,
    pub made_at: DateTime<Utc>,
    pub made_by_name: String,
    pub version: i64,
}

/// The plan of a case, if there is one and the caller sees the case whole.
///
/// # Errors
/// As the database says.
pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Option<Plan>, Problem> {
    Ok(plan::table.filter(plan::case_id.eq(case)).select(Plan::as_select()).first(connection).await.optional()?)
}

/// The same, locked until the transaction ends. The case is locked first.
///
/// # Errors
/// 404 if there is none.
pub async fn for_change(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Plan, Problem> {
    plan::table
        .filter(plan::case_id.eq(case))
        .select(Plan::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// Keeps a new plan.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Plan) -> Result<(), Problem> {
    diesel::insert_into(plan::table).values(row).execute(connection).await?;
    Ok(())
}

impl Plan {
    /// Gives it its next version.
    ///
    /// # Errors
    /// 404 if the caller can't change it.
    pub async fn bump(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed =
            diesel::update(plan::table.find(self.id)).set(plan::version.eq(self.version)).execute(connection).await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// A goal's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_goal)]
pub struct Goal {
    pub id: GoalId,
    pub plan_id: PlanId,
    pub case_id: CaseId,
    pub place: i16,
    pub goal: String,
    pub need: Option<String>,
    pub person_id: Option<Uuid>,
    pub set_on: NaiveDate,
    pub status: String,
    pub closed_on: Option<NaiveDate>,
    pub note: Option<String>,
}

/// The goals of a plan, in their order.
///
/// # Errors
/// As the database says.
pub async fn goals(connection: &mut AsyncPgConnection, plan: PlanId) -> Result<Vec<Goal>, Problem> {
    Ok(plan_goal::table
        .filter(plan_goal::plan_id.eq(plan))
        .order(plan_goal::place)
        .select(Goal::as_select())
        .load(connection)
        .await?)
}

/// Keeps goals.
///
/// # Errors
/// As the database says.
pub async fn add_goals(connection: &mut AsyncPgConnection, rows: &[Goal]) -> Result<(), Problem> {
    diesel::insert_into(plan_goal::table).values(rows).execute(connection).await?;
    Ok(())
}

/// Ends a goal.
///
/// # Errors
/// As the database says.
pub async fn close_goal(
    connection: &mut AsyncPgConnection,
    id: GoalId,
    outcome: &str,
    on: NaiveDate,
    note: Option<&str>,
) -> Result<(), Problem> {
    diesel::update(plan_goal::table.find(id))
        .set((plan_goal::status.eq(outcome), plan_goal::closed_on.eq(on), plan_goal::note.eq(note)))
        .execute(connection)
        .await?;
    Ok(())
}

/// A signature's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_signature)]
pub struct Signature {
    pub id: Uuid,
    pub plan_id: PlanId,
    pub case_id: CaseId,
    pub person_id: Uuid,
    pub signed_on: NaiveDate,
    pub plan_version: i64,
}

/// Who signed a plan, oldest first.
///
/// # Errors
/// As the database says.
pub async fn signatures(connection: &mut AsyncPgConnection, plan: PlanId) -> Result<Vec<Signature>, Problem> {
    Ok(plan_signature::table
        .filter(plan_signature::plan_id.eq(plan))
        .order((plan_signature::signed_on, plan_signature::id))
        .select(Signature::as_select())
        .load(connection)
        .await?)
}

/// Keeps a signature.
///
/// # Errors
/// As the database says.
pub async fn sign(connection: &mut AsyncPgConnection, row: &Signature) -> Result<(), Problem> {
    diesel::insert_into(plan_signature::table).values(row).execute(connection).await?;
    Ok(())
}

/// An action's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = plan_action)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Action {
    pub id: ActionId,
    pub case_id: CaseId,
    pub goal_id: Option<GoalId>,
    pub meeting_id: Option<Uuid>,
    pub family_id: FamilyId,
    pub family_reference: String,
    pub case_type: String,
    pub team: String,
    pub locality: Option<String>,
    pub what: String,
    pub concerns_person: Option<Uuid>,
    pub concerns_name: Option<String>,
    pub concerns_birth_date: Option<NaiveDate>,
    pub concerns_address: Option<String>,
    pub owner_kind: String,
    pub owner_agency: Option<String>,
    pub owner_user: Option<Uuid>,
    pub owner_person: Option<Uuid>,
    pub owner_name: Option<String>,
    pub due_on: NaiveDate,
    pub status: String,
    pub proposed_at: DateTime<Utc>,
    pub proposed_by_name: String,
    pub answered_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// Keeps a new action.
///
/// # Errors
/// As the database says.
pub async fn add_action(connection: &mut AsyncPgConnection, row: &Action) -> Result<(), Problem> {
    diesel::insert_into(plan_action::table).values(row).execute(connection).await?;
    Ok(())
}

/// An action the caller sees.
///
/// # Errors
/// 404 if not.
pub async fn action(connection: &mut AsyncPgConnection, id: ActionId) -> Result<Action, Problem> {
    plan_action::table
        .find(id)
        .select(Action::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn action_for_change(connection: &mut AsyncPgConnection, id: ActionId) -> Result<Action, Problem> {
    plan_action::table
        .find(id)
        .select(Action::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The actions of a case, oldest first.
///
/// # Errors
/// As the database says.
pub async fn actions_of(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Action>, Problem> {
    Ok(plan_action::table
        .filter(plan_action::case_id.eq(case))
        .order((plan_action::proposed_at, plan_action::id))
        .select(Action::as_select())
        .load(connection)
        .await?)
}

impl Action {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<ActionStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of an action"))
    }

    /// Takes a step.
    ///
    /// # Errors
    /// 409 if it can't be taken now.
    pub async fn take(
        &mut self,
        connection: &mut AsyncPgConnection,
        step: Step,
        at: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let to = transition(self.status()?, step).map_err(|refused| Problem::conflict(refused.to_string()))?;
        self.version += 1;
        self.status = to.as_str().to_owned();
        if step != Step::Cancel {
            self.answered_at = self.answered_at.or(Some(at));
        }
        if to.is_ended() {
            self.ended_at = Some(at);
        }
        let changed = diesel::update(plan_action::table.find(self.id))
            .set((
                plan_action::status.eq(&self.status),
                plan_action::answered_at.eq(self.answered_at),
                plan_action::ended_at.eq(self.ended_at),
                plan_action::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }
}

/// A line of an action's history.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = plan_action_history)]
pub struct HistoryLine {
    pub id: Uuid,
    pub action_id: ActionId,
    pub at: DateTime<Utc>,
    pub who: String,
    pub agency: String,
    pub what: String,
    pub words: Option<String>,
    pub told_by: Option<String>,
}

/// Writes a line of an action's history.
///
/// # Errors
/// As the database says.
pub async fn note(
    connection: &mut AsyncPgConnection,
    action: &Action,
    who: &Actor,
    at: DateTime<Utc>,
    words: Option<&str>,
    told_by: Option<&str>,
) -> Result<(), Problem> {
    let line = HistoryLine {
        id: Uuid::now_v7(),
        action_id: action.id,
        at,
        who: who.name.clone(),
        agency: who.agency.as_str().to_owned(),
        what: action.status.clone(),
        words: words.map(str::to_owned),
        told_by: told_by.map(str::to_owned),
    };
    diesel::insert_into(plan_action_history::table).values(&line).execute(connection).await?;
    Ok(())
}

/// What happened to an action, oldest first.
///
/// # Errors
/// As the database says.
pub async fn history(connection: &mut AsyncPgConnection, id: ActionId) -> Result<Vec<HistoryLine>, Problem> {
    Ok(plan_action_history::table
        .filter(plan_action_history::action_id.eq(id))
        .order((plan_action_history::at, plan_action_history::id))
        .select(HistoryLine::as_select())
        .load(connection)
        .await?)
}

/// Who is to be told of an action, and whom it is about.
#[derive(Debug, QueryableByName)]
pub struct ToTell {
    /// The team that asked, and those who work on its case.
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    /// The people of the family.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

/// Who is to be told of what becomes of an action the caller sees: an agency does not see who works on the case.
///
/// # Errors
/// As the database says.
pub async fn to_tell(connection: &mut AsyncPgConnection, id: ActionId) -> Result<ToTell, Problem> {
    let statement = "SELECT action_team($1) AS scopes,
        ARRAY(SELECT s.person_id FROM record_subject s WHERE s.record_id = $1) AS people";
    Ok(sql_query(statement).bind::<SqlUuid, _>(id).prepared().get_result(connection).await?)
}

/// Whether a meeting of the team around the family is of this case.
///
/// # Errors
/// As the database says.
pub async fn has_meeting(connection: &mut AsyncPgConnection, case: CaseId, meeting: Uuid) -> Result<bool, Problem> {
    let found: Option<CaseId> =
        team_around::table.find(meeting).select(team_around::case_id).first(connection).await.optional()?;
    Ok(found == Some(case))
}

/// The list of actions, newest first.
pub const LIST: Listing = Listing::new("action", "a.*", "JOIN plan_action a ON a.id = page.record_id");

/// A page of the actions in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<ActionStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Action>, Problem> {
    let status = status.map(ActionStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
}
