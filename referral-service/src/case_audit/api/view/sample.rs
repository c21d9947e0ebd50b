//! What a sample looks like, and the proof of its draw.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::CaseAuditLine;
use crate::case_audit::domain::draw::{Seed, draw, fingerprint};
use crate::case_audit::domain::{AuditBasis, AuditId, SampleId};
use crate::case_audit::store::audit::{self, Grade};
use crate::case_audit::store::reference::{AuditReference, reference};
use crate::case_audit::store::sample::{self, Sample};

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
