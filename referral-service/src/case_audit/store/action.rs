//! What must follow from audits.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::deadline;
use shared::problem::Problem;
use uuid::Uuid;

use super::audit::Audit;
use crate::case_audit::domain::{AuditActionId, AuditActionStatus, AuditId};
use crate::family::{CaseId, end_of};
use crate::schema::audit_action;

/// The clock of an action.
const CLOCK: &str = "audit_action";

/// An action's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_action)]
pub struct Action {
    pub id: AuditActionId,
    pub audit_id: AuditId,
    pub case_id: CaseId,
    pub team: String,
    pub standard: Option<String>,
    pub what: String,
    pub owner: Uuid,
    pub owner_name: String,
    pub due_on: NaiveDate,
    status: String,
    pub added_at: DateTime<Utc>,
    pub added_by_name: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by_name: Option<String>,
    pub note: Option<String>,
    pub version: i64,
}

/// An action to be added.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What is to be done.
    pub what: &'a str,
    /// The standard it comes from.
    pub standard: Option<&'a str>,
    /// Who answers for it.
    pub owner: (Uuid, &'a str),
    /// By when.
    pub due_on: NaiveDate,
}

/// Adds an action: it is on the list of what is due of its owner and of the service, whoever else sees the audit
/// follows it.
///
/// # Errors
/// As the database says.
pub async fn add(
    connection: &mut AsyncPgConnection,
    audit: &Audit,
    asked: &Asked<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Action, Problem> {
    let (owner, owner_name) = asked.owner;
    let row = Action {
        id: AuditActionId::new(),
        audit_id: audit.id,
        case_id: audit.case_id,
        team: audit.team.clone(),
        standard: asked.standard.map(str::to_owned),
        what: asked.what.to_owned(),
        owner,
        owner_name: owner_name.to_owned(),
        due_on: asked.due_on,
        status: AuditActionStatus::Open.as_str().to_owned(),
        added_at: now,
        added_by_name: who.name.clone(),
        ended_at: None,
        ended_by_name: None,
        note: None,
        version: 1,
    };
    diesel::insert_into(audit_action::table).values(&row).execute(connection).await?;
    let grant = |scope: String| Grant {
        record: row.id.0,
        kind: "audit_action",
        scope,
        view: View::Full,
        state: AuditActionStatus::Open.as_str(),
        sort_at: now,
    };
    let mut scopes = vec![format!("team:{}", audit.team), format!("user:{owner}"), "governance".to_owned()];
    scopes.extend(audit.auditor.map(|auditor| format!("user:{auditor}")));
    scopes.sort_unstable();
    scopes.dedup();
    let grants: Vec<Grant> = scopes.into_iter().map(grant).collect();
    access::grant(connection, &grants).await?;
    deadline::start(connection, row.id.0, CLOCK, now, end_of(asked.due_on)).await?;
    deadline::assign(connection, row.id.0, CLOCK, Some(owner)).await?;
    Ok(row)
}

/// An action, locked until the transaction ends if it is open.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: AuditActionId) -> Result<Action, Problem> {
    let found =
        audit_action::table.find(id).select(Action::as_select()).for_update().first(connection).await.optional()?;
    match found {
        Some(found) => Ok(found),
        None => find(connection, id).await,
    }
}

/// An action.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: AuditActionId) -> Result<Action, Problem> {
    let found = audit_action::table.find(id).select(Action::as_select()).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The actions of an audit that the caller sees, oldest first.
///
/// # Errors
/// As the database says.
pub async fn of_audit(connection: &mut AsyncPgConnection, audit: AuditId) -> Result<Vec<Action>, Problem> {
    Ok(audit_action::table
        .filter(audit_action::audit_id.eq(audit))
        .order((audit_action::added_at, audit_action::id))
        .select(Action::as_select())
        .load(connection)
        .await?)
}

impl Action {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<AuditActionStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of an action from an audit"))
    }

    /// Says what became of it.
    ///
    /// # Errors
    /// 409 if that was said before.
    pub async fn end(
        &mut self,
        connection: &mut AsyncPgConnection,
        done: bool,
        note: &str,
        who: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        if self.status()? != AuditActionStatus::Open {
            return Err(Problem::conflict("what became of this action was said already"));
        }
        let to = if done { AuditActionStatus::Done } else { AuditActionStatus::NotDone };
        self.status = to.as_str().to_owned();
        self.ended_at = Some(now);
        self.ended_by_name = Some(who.name.clone());
        self.note = Some(note.to_owned());
        self.version += 1;
        let changed = diesel::update(audit_action::table.find(self.id))
            .set((
                audit_action::status.eq(&self.status),
                audit_action::ended_at.eq(self.ended_at),
                audit_action::ended_by_name.eq(&self.ended_by_name),
                audit_action::note.eq(&self.note),
                audit_action::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        deadline::meet(connection, self.id.0, CLOCK, now).await?;
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }
}
