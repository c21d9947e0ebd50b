//! The family's journey of change.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use shared::actor::Actor;
use shared::id::PersonId;
use shared::problem::Problem;
use shared::service::Service;
use utoipa::ToSchema;

use crate::family::{CaseId, FamilyId};
use crate::measurement::domain::content::IssueAnswer;
use crate::measurement::domain::journey::{self, AreaJourney, Base, IssueJourney};
use crate::measurement::domain::ladder::Ladder;
use crate::measurement::store::{contents, point, reference};
use crate::measurement::{MeasurementPoint, case_whole};
use crate::policy;

/// Where the family stood in an area at first and at last.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaJourneyView {
    /// The area.
    pub area: String,
    /// The first score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_score: Option<i16>,
    /// The stage it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_stage: Option<String>,
    /// The last score, from a later point than the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_score: Option<i16>,
    /// The stage it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_stage: Option<String>,
    /// By how many points the score has risen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<i16>,
    /// Whether the score has risen *and* the family has moved up at least one stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positive_progress: Option<bool>,
    /// Whether the family began below the stages of little or no support, and so is in the second base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began_low: Option<bool>,
    /// Whether it ended in a stage of little or no support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub little_or_no_support: Option<bool>,
}

/// A share of positive progress as it is counted: always with its base.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressBase {
    /// How many areas are in the base.
    pub areas: usize,
    /// In how many of them there was positive progress.
    pub positive: usize,
}

impl ProgressBase {
    fn of(base: Base) -> Self {
        Self { areas: base.areas, positive: base.positive }
    }
}

/// What became of what was asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueJourneyView {
    /// The question.
    pub question: String,
    /// Whom it is about; absent if the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// The answers at the first point that has any.
    pub first: Vec<IssueAnswer>,
    /// Those at the last, if it is a later one.
    pub last: Vec<IssueAnswer>,
    /// Whether it was an issue at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_issue: Option<bool>,
    /// Whether it is at last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_issue: Option<bool>,
    /// It was an issue and no longer is.
    pub resolved: bool,
    /// By how many percentage points a share has risen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// Of a share, each threshold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdReached>,
    /// The sum of debts at first, in pence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_total_pence: Option<i64>,
    /// At last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_total_pence: Option<i64>,
}

/// Whether a share reached a threshold.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThresholdReached {
    /// The threshold.
    pub code: String,
    /// At first.
    pub at_first: bool,
    /// At last.
    pub at_last: bool,
}

/// The family's journey of change in a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyView {
    /// The case.
    pub case_id: CaseId,
    /// The family.
    pub family_id: FamilyId,
    /// The ladder, in the version of the first measurement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
    /// The points it is told from, in order.
    pub points: Vec<JourneyPoint>,
    /// Each area.
    pub areas: Vec<AreaJourneyView>,
    /// All areas that were scored twice.
    pub of_all: ProgressBase,
    /// Of these, those where the family began below the stages of little or no support.
    pub of_those_who_began_low: ProgressBase,
    /// Each question that was answered.
    pub issues: Vec<IssueJourneyView>,
}

/// A point of the journey.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyPoint {
    /// Which.
    pub point: MeasurementPoint,
    /// The day.
    pub measured_on: NaiveDate,
}

fn area(ladder: &Ladder, journey: AreaJourney) -> AreaJourneyView {
    let stage = |score: Option<i16>| score.and_then(|score| ladder.stage(score)).map(|stage| stage.stage.clone());
    AreaJourneyView {
        first_stage: stage(journey.first),
        last_stage: stage(journey.last),
        change: journey.first.zip(journey.last).map(|(first, last)| last - first),
        area: journey.area,
        first_score: journey.first,
        last_score: journey.last,
        positive_progress: journey.positive_progress,
        began_low: journey.began_low,
        little_or_no_support: journey.little_or_no_support,
    }
}

fn issue(journey: IssueJourney) -> IssueJourneyView {
    let reached = |(code, at_first, at_last)| ThresholdReached { code, at_first, at_last };
    IssueJourneyView {
        question: journey.question,
        person_id: journey.person_id.map(PersonId),
        first: journey.first,
        last: journey.last,
        was_issue: journey.was_issue,
        is_issue: journey.is_issue,
        resolved: journey.resolved,
        change: journey.change,
        thresholds: journey.thresholds.into_iter().map(reached).collect(),
        first_total_pence: journey.first_total_pence,
        last_total_pence: journey.last_total_pence,
    }
}

/// Read the journey of change
///
/// What changed between the first completed measurement and the last: each area of the ladder with both
/// scores and stages, whether that is positive progress, and on both bases; and what became of
/// each question.
#[utoipa::path(operation_id = "read_journey", tag = "assessments",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = JourneyView)))]
#[get("/v1/cases/{id}/journey")]
pub async fn read_journey(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let view = service
        .read(&actor, &policy::READ_ASSESSMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let case = case_whole(tx, id).await?;
            policy::READ_ASSESSMENT.require(&actor)?;
            tx.entry.records.push(id.0);
            let rows = point::of_case(tx, id).await?;
            let counted = point::that_count(&rows);
            let Some(first) = counted.first() else {
                return Ok(JourneyView {
                    case_id: id,
                    family_id: case.family_id,
                    ladder: None,
                    points: Vec::new(),
                    areas: Vec::new(),
                    of_all: ProgressBase::of(Base::default()),
                    of_those_who_began_low: ProgressBase::of(Base::default()),
                    issues: Vec::new(),
                });
            };
            let ladder = reference::ladder(tx, &first.ladder, first.ladder_version).await?;
            // Scores of another ladder, or another version of it, are not compared with these.
            let same = |row: &&&point::Point| row.ladder == first.ladder && row.ladder_version == first.ladder_version;
            let scores = contents::scores(tx, id).await?;
            let scored: Vec<Vec<(String, Option<i16>)>> = counted
                .iter()
                .filter(same)
                .map(|row| {
                    let mine = scores.iter().filter(|(of, _)| *of == row.id);
                    mine.map(|(_, score)| (score.area.clone(), score.score)).collect()
                })
                .collect();
            let answers = contents::answers(tx, id).await?;
            let answered: Vec<Vec<IssueAnswer>> = counted
                .iter()
                .map(|row| answers.iter().filter(|(of, _)| *of == row.id).map(|(_, one)| one.clone()).collect())
                .collect();
            let day = counted.last().and_then(|row| row.measured_on).unwrap_or_default();
            let questions = reference::questions(tx, day).await?;
            let areas = journey::areas(&ladder, &scored);
            let (all, low) = journey::bases(&areas);
            Ok(JourneyView {
                case_id: id,
                family_id: case.family_id,
                ladder: Some(ladder.code.clone()),
                points: counted
                    .iter()
                    .filter_map(|row| Some(JourneyPoint { point: row.point().ok()?, measured_on: row.measured_on? }))
                    .collect(),
                areas: areas.into_iter().map(|journey| area(&ladder, journey)).collect(),
                of_all: ProgressBase::of(all),
                of_those_who_began_low: ProgressBase::of(low),
                issues: journey::issues(&questions, &answered).into_iter().map(issue).collect(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}
