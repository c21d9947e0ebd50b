//! How a case ended.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::Closure;
use crate::family::{Case, CaseId};
use crate::measurement::MeasurementId;
use crate::schema::{case_ending, case_exit};

/// Keeps what a closure says beyond its outcome.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    case: CaseId,
    closure: &Closure,
    measured: Option<MeasurementId>,
    who: &Actor,
) -> Result<(), Problem> {
    diesel::insert_into(case_exit::table)
        .values((
            case_exit::case_id.eq(case),
            case_exit::measurement_id.eq(measured.map(|id| id.0)),
            case_exit::not_measured_because.eq(&closure.not_measured_because),
            case_exit::continuing_help.eq(closure.exit_plan.as_ref().map(|plan| &plan.continuing_help)),
            case_exit::asking_again.eq(closure.exit_plan.as_ref().map(|plan| &plan.asking_again)),
            case_exit::family_feedback.eq(&closure.family_feedback),
            case_exit::closed_by.eq(who.user),
            case_exit::closed_by_name.eq(&who.name),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// How a case ended.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = case_exit)]
pub struct Exit {
    pub measurement_id: Option<Uuid>,
    pub not_measured_because: Option<String>,
    pub continuing_help: Option<String>,
    pub asking_again: Option<String>,
    pub family_feedback: Option<String>,
    pub closed_by_name: String,
}

/// How it ended: the outcome, whether the exit was planned, the summary; and what this slice keeps.
///
/// # Errors
/// 404 if it has not, or the caller doesn't see it whole.
pub async fn ending(
    connection: &mut AsyncPgConnection,
    case: &Case,
) -> Result<((String, bool, Option<String>), Exit), Problem> {
    let ending = case_ending::table
        .find(case.id)
        .select((case_ending::outcome, case_ending::planned_exit, case_ending::summary))
        .first(connection)
        .await
        .optional()?;
    let exit = case_exit::table.find(case.id).select(Exit::as_select()).first(connection).await.optional()?;
    ending.zip(exit).ok_or_else(Problem::not_found)
}
