//! What samples, audits and actions look like.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::calendar::LocalDay;
use shared::db::from_nullable_jsonb;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::draw::fingerprint;
use super::domain::form::GradeForm;
use super::domain::{AuditActionId, AuditActionStatus, AuditBasis, AuditId, AuditStatus, SampleId};
use super::store::action::{self, Action};
use super::store::audit::{self, Audit, Grade};
use super::store::reference::{AuditReference, reference};
use super::store::sample::{self, Sample};
use crate::family::CaseId;

/// A sample on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditSampleLine {
    /// Its id.
    pub id: SampleId,
    /// When it was drawn.
    pub drawn_at: DateTime<Utc>,
    /// By whom.
    pub drawn_by: String,
    /// Which cases it was drawn from.
    pub basis: AuditBasis,
    /// The first day of the period.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// Only this service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Only of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_type: Option<String>,
    /// Only of this district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// How many files were asked for.
    pub size: i16,
    /// How many cases were in scope.
    pub population: i32,
    /// How many more there were that are restricted to named users: no auditor would see them.
    pub left_out: i32,
    /// What decided the draw: 16 bytes, in hexadecimal.
    #[schema(example = "000102030405060708090a0b0c0d0e0f")]
    pub seed: String,
    /// By when the files should be audited.
    pub due_on: NaiveDate,
}

impl AuditSampleLine {
    /// From its row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Sample) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            drawn_at: row.drawn_at,
            drawn_by: row.drawn_by_name,
            basis: row.basis.parse().map_err(|()| Problem::internal(&"unknown basis of a sample"))?,
            from: row.from_day,
            to: row.to_day,
            team: row.team,
            case_type: row.case_type,
            locality: row.locality,
            size: row.size,
            population: row.population,
            left_out: row.left_out,
            seed: row.seed,
            due_on: row.due_on,
        })
    }
}

/// A sample with its files and what was found so far.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditSampleView {
    /// The sample.
    #[serde(flatten)]
    pub sample: AuditSampleLine,
    /// Its files, in the order they were drawn.
    pub files: Vec<CaseAuditLine>,
    /// What was found, by standard: finished audits alone.
    pub results: Vec<AuditResult>,
}

/// What was found of one standard.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct AuditResult {
    /// The standard's code.
    pub standard: String,
    /// How many files were graded good or better.
    pub good: usize,
    /// Out of how many that were graded.
    pub graded: usize,
    /// To how many more it did not apply. They are in no base.
    pub not_applicable: usize,
}

impl AuditSampleView {
    /// A sample as it stands.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(connection: &mut AsyncPgConnection, row: Sample) -> Result<Self, Problem> {
        let files = audit::of_sample(connection, row.id).await?;
        let ids: Vec<AuditId> = files.iter().filter(|file| file.finished_at.is_some()).map(|file| file.id).collect();
        let grades = audit::grades(connection, &ids).await?;
        let known = reference(connection, row.drawn_at.local_day()).await?;
        Ok(Self {
            sample: AuditSampleLine::of(row)?,
            files: files.into_iter().map(CaseAuditLine::of).collect::<Result<_, _>>()?,
            results: results(&grades, &known),
        })
    }
}

fn results(grades: &[Grade], known: &AuditReference) -> Vec<AuditResult> {
    let mut found: BTreeMap<&str, AuditResult> = BTreeMap::new();
    for grade in grades {
        let result = found.entry(&grade.standard).or_default();
        match &grade.grade {
            Some(word) => {
                result.graded += 1;
                result.good += usize::from(known.is_good(word));
            }
            None => result.not_applicable += 1,
        }
    }
    let named = |(standard, result): (&str, AuditResult)| AuditResult { standard: standard.to_owned(), ..result };
    found.into_iter().map(named).collect()
}

/// All that shows that a draw was what it says.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditDrawProof {
    /// What decided it.
    pub seed: String,
    /// How the files are found: the order of this digest.
    #[schema(example = "sha256(seed bytes, then the 16 bytes of the id)")]
    pub method: &'static str,
    /// Every case in scope when it was drawn, in order of their ids.
    pub population: Vec<Uuid>,
    /// SHA-256 of the bytes of those ids.
    pub population_sha256: String,
    /// How many were asked for.
    pub size: i16,
    /// What is drawn when it is drawn again now.
    pub drawn: Vec<Uuid>,
    /// Whether those are the files of the sample, in their order.
    pub as_kept: bool,
}

impl AuditDrawProof {
    /// Draws a sample again.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(connection: &mut AsyncPgConnection, row: &Sample) -> Result<Self, Problem> {
        use super::domain::draw::{Seed, draw};
        let population = sample::population(connection, row.id).await?;
        let kept: Vec<Uuid> =
            audit::of_sample(connection, row.id).await?.into_iter().map(|file| file.case_id.0).collect();
        let seed = Seed::parse(&row.seed).ok_or_else(|| Problem::internal(&"a seed of another form"))?;
        let drawn = draw(seed, &population, usize::try_from(row.size).unwrap_or_default());
        Ok(Self {
            seed: row.seed.clone(),
            method: "sha256(seed bytes, then the 16 bytes of the id)",
            population_sha256: fingerprint(&population),
            population,
            size: row.size,
            as_kept: drawn == kept,
            drawn,
        })
    }
}

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
        let actions = action::of_audit(connection, row.id).await?;
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
