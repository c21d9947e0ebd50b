//! The case's own row.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::deadline;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::family::Family;
use crate::family::domain::{CaseId, CaseStatus, FamilyId, FamilyState};
use crate::schema::{case_attachment, case_ending, case_worker, family_case};

/// The clocks that run while a case is open.
pub const CLOCKS: [&str; 3] = ["case_engagement", "family_assessment", "family_review"];

/// A case's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = family_case)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// The family it is about.
    pub family_id: FamilyId,
    /// The referral it came from, if from one.
    pub referral_id: Option<Uuid>,
    /// The allocation it came from, if from one.
    pub allocation_id: Option<Uuid>,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose it is, a code of the set `service`.
    pub team: String,
    pub(crate) origin: String,
    /// The case it follows, for a "top-up".
    pub previous_case_id: Option<CaseId>,
    pub(crate) status: String,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When the family began to work with the service.
    pub engaged_on: Option<NaiveDate>,
    /// Who leads, if that is settled.
    pub lead_worker: Option<Uuid>,
    /// Their name.
    pub lead_worker_name: Option<String>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Its version.
    pub version: i64,
}

/// The case, if the caller sees it in any view.
///
/// # Errors
/// 404 if not.
pub async fn case_seen(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Case, Problem> {
    family_case::table
        .find(id)
        .select(Case::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The case, locked until the transaction ends. Lock order: referral, allocation, family, case.
///
/// # Errors
/// 404 if the caller doesn't see it, 403 if only that somebody is helping.
pub async fn case_for_change(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Case, Problem> {
    let found =
        family_case::table.find(id).select(Case::as_select()).for_update().first(connection).await.optional()?;
    match found {
        Some(found) => Ok(found),
        // Row-level security locks only what the caller sees whole.
        None => case_seen(connection, id).await.and(Err(Problem::new(problem::NOT_ALLOWED))),
    }
}

/// Refuses who sees the case, but does not work on it: neither of a team of it nor a worker named on it.
///
/// # Errors
/// 403.
pub async fn require_caseworker(connection: &mut AsyncPgConnection, actor: &Actor, id: CaseId) -> Result<(), Problem> {
    access::require_capacity(connection, actor, id.0, &["team", "user"]).await
}

/// The family's cases that the caller sees, oldest first.
///
/// # Errors
/// As the database says.
pub async fn cases_of(connection: &mut AsyncPgConnection, family: FamilyId) -> Result<Vec<Case>, Problem> {
    Ok(family_case::table
        .filter(family_case::family_id.eq(family))
        .order((family_case::opened_at, family_case::id))
        .select(Case::as_select())
        .load(connection)
        .await?)
}

/// Whether a team has an open case with the family.
///
/// # Errors
/// As the database says.
pub async fn is_open_for(connection: &mut AsyncPgConnection, family: FamilyId, team: &str) -> Result<bool, Problem> {
    // Every team that works with a family sees that the others do.
    Ok(cases_of(connection, family).await?.iter().any(|case| case.team == team && case.status == "open"))
}

/// Whether an allocation has its case.
///
/// # Errors
/// As the database says.
pub async fn has_case(connection: &mut AsyncPgConnection, allocation: Uuid) -> Result<bool, Problem> {
    let found: Option<CaseId> = family_case::table
        .filter(family_case::allocation_id.eq(allocation))
        .select(family_case::id)
        .first(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// On what grounds a case was opened.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_attachment)]
pub struct Attachment {
    pub case_id: CaseId,
    pub attached_on: NaiveDate,
    pub framework: String,
    pub threshold: i16,
    pub problems: Vec<String>,
    pub eligible: bool,
    pub request_reason: Option<String>,
    pub regardless_reason: Option<String>,
}

/// How a case ended.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = case_ending)]
pub struct Ending {
    pub outcome: String,
    pub planned_exit: bool,
    pub summary: Option<String>,
}

/// Keeps a new case, and on what grounds it was opened.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, case: &Case, grounds: &Attachment) -> Result<(), Problem> {
    diesel::insert_into(family_case::table).values(case).execute(connection).await?;
    diesel::insert_into(case_attachment::table).values(grounds).execute(connection).await?;
    Ok(())
}

/// On what grounds a case was opened; none for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn attachment(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Option<Attachment>, Problem> {
    Ok(case_attachment::table.find(id).select(Attachment::as_select()).first(connection).await.optional()?)
}

/// How a case ended, if it has; none for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn ending(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Option<Ending>, Problem> {
    Ok(case_ending::table.find(id).select(Ending::as_select()).first(connection).await.optional()?)
}

/// The case, if the caller sees it whole.
///
/// # Errors
/// 404 if the caller doesn't see it, 403 if only that somebody is helping.
pub async fn case_whole(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Case, Problem> {
    let case = case_seen(connection, id).await?;
    match attachment(connection, id).await? {
        Some(_) => Ok(case),
        None => Err(Problem::new(problem::NOT_ALLOWED)),
    }
}

/// Those of the cases that the caller sees whole.
///
/// # Errors
/// As the database says.
pub async fn cases_whole(connection: &mut AsyncPgConnection, ids: &[CaseId]) -> Result<HashSet<CaseId>, Problem> {
    let whole: Vec<CaseId> = case_attachment::table
        .filter(case_attachment::case_id.eq_any(ids))
        .select(case_attachment::case_id)
        .load(connection)
        .await?;
    Ok(whole.into_iter().collect())
}

/// A clock of a case.
#[derive(QueryableByName)]
pub struct Clock {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub met_at: Option<DateTime<Utc>>,
}

/// The clocks that run, or ran, on a case.
///
/// # Errors
/// As the database says.
pub async fn clocks(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Vec<Clock>, Problem> {
    let statement = "SELECT code, due_at, met_at FROM deadline WHERE record_id = $1 ORDER BY due_at, code";
    Ok(diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?)
}

impl Case {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<CaseStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown case status"))
    }

    /// Refuses work on a case that has ended.
    ///
    /// # Errors
    /// 409.
    pub fn require_open(&self) -> Result<(), Problem> {
        match self.status()? {
            CaseStatus::Open => Ok(()),
            CaseStatus::Closed => Err(Problem::conflict("the case is closed")),
        }
    }

    /// Gives it its next version, once something of it has changed.
    ///
    /// # Errors
    /// 404 if the caller can't change it.
    pub async fn bump(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(family_case::table.find(self.id))
            .set((
                family_case::status.eq(&self.status),
                family_case::engaged_on.eq(self.engaged_on),
                family_case::lead_worker.eq(self.lead_worker),
                family_case::lead_worker_name.eq(&self.lead_worker_name),
                family_case::closed_at.eq(self.closed_at),
                family_case::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Ends the work, with what came of it (a code the caller has checked). Whoever worked on it
    /// goes on seeing it, and nobody is reminded of its clocks any more. Its allocation is the
    /// caller's to end, and the event to tell.
    ///
    /// # Errors
    /// 409 if it has ended already.
    pub async fn close(
        &mut self,
        connection: &mut AsyncPgConnection,
        family: &Family,
        at: DateTime<Utc>,
        outcome: &str,
        planned_exit: bool,
        summary: Option<&str>,
    ) -> Result<(), Problem> {
        self.require_open()?;
        self.status = CaseStatus::Closed.as_str().to_owned();
        self.closed_at = Some(at);
        self.bump(connection).await?;
        diesel::insert_into(case_ending::table)
            .values((
                case_ending::case_id.eq(self.id),
                case_ending::outcome.eq(outcome),
                case_ending::planned_exit.eq(planned_exit),
                case_ending::summary.eq(summary),
            ))
            .execute(connection)
            .await?;
        diesel::update(case_worker::table)
            .filter(case_worker::case_id.eq(self.id).and(case_worker::to_at.is_null()))
            .set(case_worker::to_at.eq(at))
            .execute(connection)
            .await?;
        for clock in CLOCKS {
            deadline::meet(connection, self.id.0, clock, at).await?;
        }
        access::move_to_state(connection, self.id.0, CaseStatus::Closed.as_str()).await?;
        let still_open = cases_of(connection, family.id).await?.iter().any(|case| case.status == "open");
        if !still_open {
            access::move_to_state(connection, family.id.0, FamilyState::Known.as_str()).await?;
        }
        Ok(())
    }
}
