//! The file as its auditor reads it.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::db::from_jsonb;
use shared::problem::{Problem, ProblemDocument};
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{AuditId, AuditStatus};
use super::grade::require_auditor;
use super::store::audit;
use crate::policy;

/// The route of the file.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_audited_file);
}

/// A case's file, to be audited. Nothing is done to a case by it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedFile {
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// When the family began to work with the service.
    pub engaged_on: Option<NaiveDate>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// What came of it, if it is closed.
    pub outcome: Option<String>,
    /// What was done and what changed, as the closure says.
    pub closing_summary: Option<String>,
    /// Who leads or led.
    pub lead_worker: Option<String>,
    /// Who belongs or belonged to the family.
    pub members: Vec<AuditedMember>,
    /// The assessment and the reviews, oldest first.
    pub measurements: Vec<AuditedMeasurement>,
    /// The goals of the plan.
    pub goals: Vec<AuditedGoal>,
    /// The actions, oldest first.
    pub actions: Vec<AuditedAction>,
    /// The meetings of the team around the family, oldest first.
    pub meetings: Vec<AuditedMeeting>,
    /// What the family said, oldest first.
    pub voices: Vec<AuditedVoice>,
    /// The notes, oldest first: the newest 1,000.
    pub notes: Vec<AuditedNote>,
}

/// Somebody of the family.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedMember {
    /// What they are in it.
    pub role: String,
    /// Given name.
    pub given_name: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

/// An assessment or a review.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedMeasurement {
    /// `initial`, `review` or `closure`.
    pub point: String,
    /// On which day it was done.
    pub measured_on: Option<NaiveDate>,
    /// Whether in time.
    pub in_time: Option<bool>,
    /// What is working well.
    pub working_well: Option<String>,
    /// What the worries are.
    pub worries: Option<String>,
    /// What comes next.
    pub next_steps: Option<String>,
}

/// A goal of the plan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedGoal {
    /// What is aimed at.
    pub goal: String,
    /// Where it stands.
    pub status: String,
    /// Since when.
    pub set_on: NaiveDate,
    /// Until when.
    pub closed_on: Option<NaiveDate>,
}

/// An action.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedAction {
    /// What is to be done.
    pub what: String,
    /// Whose it is: `worker`, `agency` or `family`.
    pub owner_kind: String,
    /// Which agency's.
    pub agency: Option<String>,
    /// By when.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub status: String,
}

/// A meeting of the team around the family.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedMeeting {
    /// When.
    pub starts_at: DateTime<Utc>,
    /// Where it stands.
    pub status: String,
    /// Which agencies came.
    pub agencies: Vec<String>,
    /// What was said.
    pub discussed: Option<String>,
    /// What was decided.
    pub decisions: Vec<String>,
}

/// What somebody of the family said.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedVoice {
    /// On which day.
    pub said_on: NaiveDate,
    /// Who.
    pub whose: String,
    /// What it is about.
    pub about: String,
    /// Word for word.
    pub words: String,
}

/// A note.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditedNote {
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// A code of the set `note_kind`.
    pub kind: String,
    /// What was seen, said and done.
    pub words: String,
    /// Whether a child was seen.
    pub child_seen: Option<bool>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// Whether as soon as notes are to be.
    pub in_time: Option<bool>,
}

/// Read the file to be audited
///
/// Only its auditor does, and only until the audit is finished. It gives no part in the case: nothing is changed by it,
/// and the family, its other cases and their people are not opened.
#[utoipa::path(operation_id = "read_audited_file", tag = "case audits",
    params(("id" = uuid::Uuid, Path, description = "The audit's id")),
    responses((status = 200, body = AuditedFile), (status = 409, body = ProblemDocument)))]
#[get("/v1/case-audits/{id}/file")]
async fn read_audited_file(service: Data<Service>, actor: Actor, id: Path<AuditId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let file: AuditedFile = service
        .read(&actor, &policy::AUDIT_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let row = audit::find(tx, id).await?;
            policy::AUDIT_CASE.require(&actor)?;
            require_auditor(&actor, &row)?;
            if row.status()? != AuditStatus::Given {
                return Err(Problem::conflict("the file was open to its auditor until the audit was finished"));
            }
            // Whom it is about stands in their access logs by the audit, which is about them too.
            tx.entry.records.extend([id.0, row.case_id.0]);
            let file = audit::file(tx, id).await?;
            from_jsonb(file)
        })
        .await?;
    Ok(HttpResponse::Ok().json(file))
}
