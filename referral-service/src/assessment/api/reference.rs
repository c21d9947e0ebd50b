//! The ladder and the questions.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;

use crate::measurement::domain::question::{AnswerType, Question, QuestionSubject, Threshold};
use crate::measurement::store::reference;
use crate::policy;

/// The ladder families are placed on.
#[derive(Debug, Serialize, ToSchema)]
pub struct LadderView {
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i16,
    /// What people call it.
    pub label: String,
    /// The lowest point of the scale.
    pub lowest: i16,
    /// The highest.
    pub highest: i16,
    /// The first day it is used.
    pub valid_from: NaiveDate,
    /// The first day it no longer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether that was seen; if not, treat it as a proposal.
    pub verified: bool,
    /// The areas of life, in order.
    pub areas: Vec<LadderAreaView>,
    /// The stages, the lowest first.
    pub stages: Vec<LadderStageView>,
}

/// An area of life.
#[derive(Debug, Serialize, ToSchema)]
pub struct LadderAreaView {
    /// The code to send.
    pub area: String,
    /// What people call it.
    pub label: String,
    /// What it is about.
    pub about: String,
    /// Where the county's report counts it.
    pub counted_at: String,
}

/// A stage on the way up.
#[derive(Debug, Serialize, ToSchema)]
pub struct LadderStageView {
    /// Its code.
    pub stage: String,
    /// What people call it.
    pub label: String,
    /// What it means.
    pub about: String,
    /// Its lowest point.
    pub from_point: i16,
    /// Its highest.
    pub to_point: i16,
    /// Whether a family that stands here needs little or no support.
    pub little_or_no_support: bool,
}

/// Read the outcome ladder
///
/// The areas, the scale and the stages in force today, or on the day asked for. All of it is data of
/// the partnership; the wording that is shipped is neutral.
#[utoipa::path(operation_id = "read_outcome_ladder", tag = "assessments",
    params(("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = LadderView)))]
#[get("/v1/outcome-ladder")]
pub async fn read_outcome_ladder(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    policy::READ_CODES.require(&actor)?;
    let mut query = Query::of(&request);
    let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22").unwrap_or_else(|| service.now().local_day());
    query.finish()?;
    let ladder = service.read(&actor, &policy::READ_CODES, async |tx| reference::ladder_on(tx, on).await).await?;
    let areas = ladder
        .areas
        .into_iter()
        .map(|area| LadderAreaView {
            area: area.area,
            label: area.label,
            about: area.about,
            counted_at: area.counted_at,
        })
        .collect();
    let stages = ladder
        .stages
        .into_iter()
        .map(|stage| LadderStageView {
            stage: stage.stage,
            label: stage.label,
            about: stage.about,
            from_point: stage.from_point,
            to_point: stage.to_point,
            little_or_no_support: stage.little_or_no_support,
        })
        .collect();
    Ok(HttpResponse::Ok().json(LadderView {
        code: ladder.code,
        version: ladder.version,
        label: ladder.label,
        lowest: ladder.lowest,
        highest: ladder.highest,
        valid_from: ladder.valid_from,
        valid_to: ladder.valid_to,
        source: ladder.source,
        verified: ladder.verified,
        areas,
        stages,
    }))
}

/// A question that is asked at the assessment, at each review and at closure.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// The code to send.
    #[schema(example = "rent_arrears")]
    pub code: String,
    /// Whom it is asked about.
    pub subject: QuestionSubject,
    /// What an answer is, and so which fields it has.
    pub answer_type: AnswerType,
    /// The question in words.
    pub label: String,
    /// The area of the ladder it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The set whose codes are `choice`: GET /v1/codes/{set}.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<String>,
    /// Whether one subject may have several answers.
    pub several: bool,
    /// Which answers are an issue: `yes` or `no`; codes; `above_zero`; `any`; the threshold below which
    /// a share is one. None: the answer is a fact.
    pub issue_when: Vec<String>,
    /// The thresholds of a share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<ThresholdView>,
    /// Where the county counts it.
    pub counted_at: Vec<String>,
    /// The first day it is asked.
    pub valid_from: NaiveDate,
    /// The first day it no longer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether the county was seen to count it.
    pub verified: bool,
}

/// A share that is to be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThresholdView {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Reached at this percentage and above.
    pub at_least: f64,
    /// Who says so.
    pub source: String,
    /// Whether that was seen.
    pub verified: bool,
}

impl ThresholdView {
    fn of(threshold: Threshold) -> Self {
        Self {
            code: threshold.code,
            label: threshold.label,
            at_least: threshold.at_least,
            source: threshold.source,
            verified: threshold.verified,
        }
    }
}

impl QuestionView {
    fn of(question: Question) -> Self {
        Self {
            code: question.code,
            subject: question.subject,
            answer_type: question.answer_type,
            label: question.label,
            area: question.area,
            choices: question.choices,
            several: question.several,
            issue_when: question.issue_when,
            thresholds: question.thresholds.into_iter().map(ThresholdView::of).collect(),
            counted_at: question.counted_at,
            valid_from: question.valid_from,
            valid_to: question.valid_to,
            source: question.source,
            verified: question.verified,
        }
    }
}

/// List the issue questions
///
/// Everything that is asked of the family and of each member, in the order of the ladder's areas:
/// those in force today, or on the day asked for.
#[utoipa::path(operation_id = "list_issue_questions", tag = "assessments",
    params(("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise"),
           ("subject" = Option<QuestionSubject>, Query, description = "Only those asked about these")),
    responses((status = 200, body = Vec<QuestionView>)))]
#[get("/v1/issue-questions")]
pub async fn list_issue_questions(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    policy::READ_CODES.require(&actor)?;
    let mut query = Query::of(&request);
    let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22").unwrap_or_else(|| service.now().local_day());
    let subject = query.optional::<QuestionSubject>("subject", "family, individual, adult or child");
    query.finish()?;
    let questions = service.read(&actor, &policy::READ_CODES, async |tx| reference::questions(tx, on).await).await?;
    let questions: Vec<QuestionView> = questions
        .into_iter()
        .filter(|question| subject.is_none_or(|subject| question.subject == subject))
        .map(QuestionView::of)
        .collect();
    Ok(HttpResponse::Ok().json(questions))
}
