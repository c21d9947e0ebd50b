//! What the audit of a file looks like; samples and actions, each in a file of its own.

mod action;
mod sample;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::calendar::LocalDay;
use shared::db::from_nullable_jsonb;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::form::GradeForm;
use super::domain::{AuditId, AuditStatus, SampleId};
use super::store::action::of_audit;
use super::store::audit::{self, Audit, Grade};
use super::store::reference::reference;
use crate::family::CaseId;

pub use action::AuditActionView;
pub use sample::{AuditDrawProof, AuditSampleLine, AuditSampleView};

/// The audit of a file on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAuditLine {
    /// Its id.
    pub id: AuditId,
    /// The sample it was drawn with.
    pub sample_id: SampleId,
    /// The case, under `/v1/cases`.
    pub case_id: CaseId,
    /// Its place in the draw, from 1.
    pub place: i16,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose case it is, a code of the set `service`.
    pub team: String,
    /// The family's district when it was drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Where the audit stands.
    pub status: AuditStatus,
    /// Who audits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auditor: Option<AuditorView>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// When it was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Why it was taken out of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excluded_because: Option<String>,
}

/// Who audits a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditorView {
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_at: Option<DateTime<Utc>>,
}

impl CaseAuditLine {
    /// From its row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Audit) -> Result<Self, Problem> {
        Ok(Self {
            status: row.status()?,
            id: row.id,
            sample_id: row.sample_id,
            case_id: row.case_id,
            place: row.place,
            case_type: row.case_type,
            team: row.team,
            locality: row.locality,
            auditor: row.auditor.zip(row.auditor_name).map(|(user_id, name)| AuditorView {
                user_id,
                name,
                given_at: row.given_at,
            }),
            due_on: row.due_on,
            finished_at: row.finished_at,
            excluded_because: row.excluded_because,
        })
    }
}

/// The audit of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAuditView {
    /// Its file and where it stands.
    #[serde(flatten)]
    pub audit: CaseAuditLine,
    /// What the record says of itself, as it was when the file was given to its auditor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<AuditFacts>,
    /// The grades so far.
    pub grades: Vec<GradeForm>,
    /// Which standards are not graded yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What the auditor found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What must follow, as far as you see it.
    pub actions: Vec<AuditActionView>,
}

/// What the record of a case says of itself.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditFacts {
    /// For how many days the case is, or was, open.
    pub days_open: i64,
    /// Whether the family began to work with the service within the limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged_in_time: Option<bool>,
    /// Whether the whole-family assessment was in time; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment_in_time: Option<bool>,
    /// How many reviews were held.
    pub reviews: i64,
    /// How many of them in time.
    pub reviews_in_time: i64,
    /// How many notes there are, corrections apart.
    pub notes: i64,
    /// How many of them were written up in time.
    pub notes_in_time: i64,
    /// When something last happened that was noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_note_on: Option<NaiveDate>,
    /// In how many notes a child was seen.
    pub child_seen: i64,
    /// How many notes are of supervision and management oversight.
    pub oversight_notes: i64,
    /// How often the family's own words were kept.
    pub voices: i64,
    /// How often a child's.
    pub child_voices: i64,
    /// How many meetings of the team around the family were held.
    pub meetings_held: i64,
    /// How many agencies came to them or were asked for an action.
    pub agencies: i64,
    /// How many goals the plan has.
    pub goals: i64,
    /// How many of them were reached.
    pub goals_achieved: i64,
}

impl CaseAuditView {
    /// An audit as it stands.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(connection: &mut AsyncPgConnection, row: Audit) -> Result<Self, Problem> {
        let grades = audit::grades(connection, &[row.id]).await?;
        let actions = of_audit(connection, row.id).await?;
        let missing = match (row.given_at, row.finished_at) {
            (Some(given), None) => {
                let known = reference(connection, given.local_day()).await?;
                let graded = |code: &str| grades.iter().any(|grade| grade.standard == code);
                known.standards.into_iter().map(|standard| standard.code).filter(|code| !graded(code)).collect()
            }
            _ => Vec::new(),
        };
        Ok(Self {
            facts: from_nullable_jsonb(row.facts.clone())?,
            summary: row.summary.clone(),
            audit: CaseAuditLine::of(row)?,
            grades: grades.into_iter().map(form).collect(),
            missing,
            actions: actions.into_iter().map(AuditActionView::of).collect::<Result<_, _>>()?,
        })
    }
}

fn form(row: Grade) -> GradeForm {
    GradeForm { standard: row.standard, grade: row.grade, evidence: row.evidence, not_applicable: row.not_applicable }
}
