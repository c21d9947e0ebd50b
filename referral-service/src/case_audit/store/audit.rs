//! The audits of files, and their grades.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Jsonb, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use shared::access::{self, Asked, Grant, Listing, View};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::case_audit::domain::form::GradeForm;
use crate::case_audit::domain::{AuditId, AuditStatus, AuditStep, SampleId, transition};
use crate::family::CaseId;
use crate::schema::{case_audit, case_audit_grade};

/// An audit's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = case_audit)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Audit {
    pub id: AuditId,
    pub sample_id: SampleId,
    pub case_id: CaseId,
    pub place: i16,
    pub case_type: String,
    pub team: String,
    pub locality: Option<String>,
    status: String,
    pub auditor: Option<Uuid>,
    pub auditor_name: Option<String>,
    pub given_at: Option<DateTime<Utc>>,
    pub due_on: Option<NaiveDate>,
    pub facts: Option<Value>,
    pub finished_at: Option<DateTime<Utc>>,
    pub summary: Option<String>,
    pub excluded_because: Option<String>,
    pub version: i64,
}

impl Audit {
    /// A file that has been drawn.
    pub fn drawn(
        sample: SampleId,
        case: Uuid,
        place: i16,
        (case_type, team, locality): (String, String, Option<String>),
    ) -> Self {
        Self {
            id: AuditId::new(),
            sample_id: sample,
            case_id: CaseId(case),
            place,
            case_type,
            team,
            locality,
            status: AuditStatus::Drawn.as_str().to_owned(),
            auditor: None,
            auditor_name: None,
            given_at: None,
            due_on: None,
            facts: None,
            finished_at: None,
            summary: None,
            excluded_because: None,
            version: 1,
        }
    }

    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<AuditStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of an audit"))
    }

    /// Refuses a step that can't be taken now.
    ///
    /// # Errors
    /// 409.
    pub fn may(&self, step: AuditStep) -> Result<AuditStatus, Problem> {
        transition(self.status()?, step).map_err(|refused| Problem::conflict(refused.to_string()))
    }

    /// Takes a step, and gives it its next version.
    ///
    /// # Errors
    /// 409 if it can't be taken now.
    pub async fn take(&mut self, connection: &mut AsyncPgConnection, step: AuditStep) -> Result<(), Problem> {
        let to = self.may(step)?;
        self.status = to.as_str().to_owned();
        self.version += 1;
        let changed = diesel::update(case_audit::table.find(self.id))
            .set((
                case_audit::status.eq(&self.status),
                case_audit::auditor.eq(self.auditor),
                case_audit::auditor_name.eq(&self.auditor_name),
                case_audit::given_at.eq(self.given_at),
                case_audit::due_on.eq(self.due_on),
                case_audit::facts.eq(&self.facts),
                case_audit::finished_at.eq(self.finished_at),
                case_audit::summary.eq(&self.summary),
                case_audit::excluded_because.eq(&self.excluded_because),
                case_audit::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }

    /// What lets a scope see it.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn grant(&self, scope: String, sort_at: DateTime<Utc>) -> Result<Grant, Problem> {
        let state = self.status()?.as_str();
        Ok(Grant { record: self.id.0, kind: "case_audit", scope, view: View::Full, state, sort_at })
    }
}

/// Keeps the files of a sample, for whoever drew it and information governance.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    rows: &[Audit],
    drawn_by: Uuid,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(case_audit::table).values(rows).execute(connection).await?;
    let mut grants = Vec::with_capacity(2 * rows.len());
    for row in rows {
        grants.push(row.grant(format!("user:{drawn_by}"), at)?);
        grants.push(row.grant("governance".to_owned(), at)?);
    }
    access::grant(connection, &grants).await
}

/// An audit.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: AuditId) -> Result<Audit, Problem> {
    let found = case_audit::table.find(id).select(Audit::as_select()).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The same, kept as it is until the transaction ends. Row-level security lets nobody lock one that is finished, so
/// that is found without a lock: it does not change.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: AuditId) -> Result<Audit, Problem> {
    let found =
        case_audit::table.find(id).select(Audit::as_select()).for_update().first(connection).await.optional()?;
    match found {
        Some(found) => Ok(found),
        None => find(connection, id).await,
    }
}

/// The files of a sample, in the order they were drawn.
///
/// # Errors
/// As the database says.
pub async fn of_sample(connection: &mut AsyncPgConnection, sample: SampleId) -> Result<Vec<Audit>, Problem> {
    Ok(case_audit::table
        .filter(case_audit::sample_id.eq(sample))
        .order(case_audit::place)
        .select(Audit::as_select())
        .load(connection)
        .await?)
}

/// A grade's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = case_audit_grade)]
pub struct Grade {
    pub audit_id: AuditId,
    pub standard: String,
    pub grade: Option<String>,
    pub not_applicable: Option<String>,
    pub evidence: Option<String>,
}

/// The grades of audits.
///
/// # Errors
/// As the database says.
pub async fn grades(connection: &mut AsyncPgConnection, audits: &[AuditId]) -> Result<Vec<Grade>, Problem> {
    Ok(case_audit_grade::table
        .filter(case_audit_grade::audit_id.eq_any(audits))
        .order((case_audit_grade::audit_id, case_audit_grade::standard))
        .select(Grade::as_select())
        .load(connection)
        .await?)
}

/// Puts these grades in the place of those there were.
///
/// # Errors
/// As the database says.
pub async fn regrade(connection: &mut AsyncPgConnection, audit: AuditId, given: &[GradeForm]) -> Result<(), Problem> {
    diesel::delete(case_audit_grade::table.filter(case_audit_grade::audit_id.eq(audit))).execute(connection).await?;
    let rows: Vec<Grade> = given
        .iter()
        .map(|one| Grade {
            audit_id: audit,
            standard: one.standard.clone(),
            grade: one.grade.clone(),
            not_applicable: one.not_applicable.clone(),
            evidence: one.evidence.clone(),
        })
        .collect();
    diesel::insert_into(case_audit_grade::table).values(&rows).execute(connection).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Yes {
    #[diesel(sql_type = Bool)]
    yes: bool,
}

/// Whether somebody works or ever worked on the file that is audited.
///
/// # Errors
/// 500 if the caller doesn't see the audit.
pub async fn worked_on(connection: &mut AsyncPgConnection, id: AuditId, user: Uuid) -> Result<bool, Problem> {
    let found: Yes = diesel::sql_query("SELECT audit_worked_on($1, $2) AS yes")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(user)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(found.yes)
}

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = Jsonb)]
    facts: Value,
}

/// What the record of a case says of itself. From now on the audit is about these people too: it stands in their
/// access logs, and what restricts them restricts it.
///
/// # Errors
/// 500 if the caller doesn't see the audit.
pub async fn facts(connection: &mut AsyncPgConnection, id: AuditId, at: DateTime<Utc>) -> Result<Value, Problem> {
    let found: Facts = diesel::sql_query("SELECT audit_facts($1, $2) AS facts")
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(found.facts)
}

/// The file itself, for its auditor.
///
/// # Errors
/// 500 for anyone else, and once the audit is finished.
pub async fn file(connection: &mut AsyncPgConnection, id: AuditId) -> Result<Value, Problem> {
    let found: Facts = diesel::sql_query("SELECT audit_file($1) AS facts")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(found.facts)
}

/// The list behind `GET /v1/case-audits`, newest first.
pub const LIST: Listing = Listing::new("case_audit", "a.*, page.sort_at", "JOIN case_audit a ON a.id = page.record_id");

/// An audit on a list, with where it stands on it.
#[derive(Debug, QueryableByName)]
pub struct Listed {
    #[diesel(embed)]
    pub audit: Audit,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
}

/// A page of audits in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<AuditStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    let status = status.map(AuditStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
}
