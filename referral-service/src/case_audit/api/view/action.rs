//! What an action from an audit looks like.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use shared::problem::Problem;
use utoipa::ToSchema;

use super::AuditorView;
use crate::case_audit::domain::{AuditActionId, AuditActionStatus, AuditId};
use crate::case_audit::store::action::Action;
use crate::family::CaseId;

/// An action from an audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActionView {
    /// Its id.
    pub id: AuditActionId,
    /// The audit it comes from.
    pub audit_id: AuditId,
    /// The case.
    pub case_id: CaseId,
    /// What is to be done.
    pub what: String,
    /// The standard it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Who answers for it.
    pub owner: AuditorView,
    /// By when.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub status: AuditActionStatus,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// By whom.
    pub added_by: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// What was done, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl AuditActionView {
    /// From its row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Action) -> Result<Self, Problem> {
        Ok(Self {
            status: row.status()?,
            id: row.id,
            audit_id: row.audit_id,
            case_id: row.case_id,
            what: row.what,
            standard: row.standard,
            owner: AuditorView { user_id: row.owner, name: row.owner_name, given_at: None },
            due_on: row.due_on,
            added_at: row.added_at,
            added_by: row.added_by_name,
            ended_at: row.ended_at,
            ended_by: row.ended_by_name,
            note: row.note,
        })
    }
}
