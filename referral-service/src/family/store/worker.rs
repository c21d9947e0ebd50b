//! Who works on a case: the lead worker, supporting workers and supporting teams.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::CaseId;
use crate::schema::{case_team, case_worker};

/// A worker on a case.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_worker)]
pub struct Worker {
    pub id: Uuid,
    pub case_id: CaseId,
    pub user_id: Uuid,
    pub name: String,
    pub part: String,
    pub reached_by: Option<String>,
    pub from_at: DateTime<Utc>,
    pub to_at: Option<DateTime<Utc>>,
}

/// Everyone who ever worked on these cases, in the order they came.
///
/// # Errors
/// As the database says.
pub async fn workers(connection: &mut AsyncPgConnection, cases: &[CaseId]) -> Result<Vec<Worker>, Problem> {
    Ok(case_worker::table
        .filter(case_worker::case_id.eq_any(cases))
        .order((case_worker::from_at, case_worker::id))
        .select(Worker::as_select())
        .load(connection)
        .await?)
}

/// Puts a worker on a case.
///
/// # Errors
/// As the database says.
pub async fn add(connection: &mut AsyncPgConnection, row: &Worker) -> Result<(), Problem> {
    diesel::insert_into(case_worker::table).values(row).execute(connection).await?;
    Ok(())
}

/// Ends a worker's part.
///
/// # Errors
/// As the database says.
pub async fn end(connection: &mut AsyncPgConnection, id: Uuid, at: DateTime<Utc>) -> Result<(), Problem> {
    diesel::update(case_worker::table.find(id)).set(case_worker::to_at.eq(at)).execute(connection).await?;
    Ok(())
}

/// A team that helps on a case.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_team)]
pub struct Team {
    pub id: Uuid,
    pub case_id: CaseId,
    pub team: String,
    pub from_at: DateTime<Utc>,
    pub to_at: Option<DateTime<Utc>>,
}

/// The teams that ever helped on these cases.
///
/// # Errors
/// As the database says.
pub async fn teams(connection: &mut AsyncPgConnection, cases: &[CaseId]) -> Result<Vec<Team>, Problem> {
    Ok(case_team::table
        .filter(case_team::case_id.eq_any(cases))
        .order((case_team::from_at, case_team::id))
        .select(Team::as_select())
        .load(connection)
        .await?)
}

/// Lets a team help on a case.
///
/// # Errors
/// As the database says.
pub async fn add_team(connection: &mut AsyncPgConnection, row: &Team) -> Result<(), Problem> {
    diesel::insert_into(case_team::table).values(row).execute(connection).await?;
    Ok(())
}
