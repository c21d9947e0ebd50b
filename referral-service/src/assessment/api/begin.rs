//! Beginning an assessment, a review, or a correction.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;

use super::read::show;
use crate::assessment::view::AssessmentView;
use crate::family::{CaseId, case_to_add_to};
use crate::measurement::store::{contents, point};
use crate::measurement::{Content, MeasurementId, MeasurementPoint, MeasurementStatus, Setting};
use crate::policy;

/// Begin an assessment
///
/// The whole-family assessment of a case: once, after the family has begun to work with the service,
/// and due some weeks from that day. It is a draft, of as much as is known; complete it when it is done.
#[utoipa::path(operation_id = "begin_assessment", tag = "assessments", request_body = Content,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = AssessmentView)))]
#[post("/v1/cases/{id}/assessments")]
pub async fn begin_assessment(
    service: Data<Service>,
    command: Command<Content>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let setting = locked(tx, &command.actor, id).await?;
            let content = command.body()?;
            begin(tx, &service, &command.actor, &setting, MeasurementPoint::Initial, &content).await
        })
        .await?;
    written
        .respond("assessment", async |stored| Ok(show(&service, &command.actor, MeasurementId(stored.id()?)).await?.1))
        .await
}

/// A review of the work with a family.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "closing": false, "content": { "measured_on": "2027-01-05", "scores": [{ "area": "health", "score": 6 }] } }))]
pub struct Review {
    /// Whether it is the last one, for the closure of the case.
    #[serde(default)]
    pub closing: bool,
    /// What it says so far.
    #[serde(default)]
    pub content: Content,
}

/// Begin a review
///
/// Asks again what the assessment asked. Refused before the assessment is completed. Reviews are due at
/// intervals, the first from the assessment on; the closing review is the last.
#[utoipa::path(operation_id = "begin_review", tag = "assessments", request_body = Review,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = AssessmentView)))]
#[post("/v1/cases/{id}/reviews")]
pub async fn begin_review(
    service: Data<Service>,
    command: Command<Review>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let setting = locked(tx, &command.actor, id).await?;
            let review = command.body()?;
            let at = if review.closing { MeasurementPoint::Closure } else { MeasurementPoint::Review };
            begin(tx, &service, &command.actor, &setting, at, &review.content).await
        })
        .await?;
    written
        .respond("assessment", async |stored| Ok(show(&service, &command.actor, MeasurementId(stored.id()?)).await?.1))
        .await
}

/// Locks the case; with the checks that come before the body.
async fn locked<T>(tx: &mut Write<'_, T>, actor: &Actor, id: CaseId) -> Result<Setting, Stop> {
    let case = case_to_add_to(tx, actor, id).await?;
    Ok(Setting::of(tx, case).await?)
}

async fn begin<T>(
    tx: &mut Write<'_, T>,
    service: &Service,
    actor: &Actor,
    setting: &Setting,
    at: MeasurementPoint,
    content: &Content,
) -> Result<Done<AssessmentView>, Stop> {
    let reference = setting.reference(tx, content).await?;
    let today = tx.now().local_day();
    let pointer = if at == MeasurementPoint::Initial { "" } else { "/content" };
    setting.check(content, pointer, (false, false), &reference, (&service.rules(), today))?;
    let point = setting.begin(tx, actor, at, content, &reference).await?;
    let location = format!("/v1/assessments/{}", point.id);
    Ok(Done::created(location, point.version, AssessmentView::of(tx, point, today).await?))
}

/// Why a completed assessment or review is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentCorrection)]
pub struct Correction {
    /// Why it needs to be corrected.
    #[schema(min_length = 1, max_length = 4000, example = "The dentist's letter had come before the assessment.")]
    pub reason: String,
}

/// Correct an assessment
///
/// What is completed is never changed. This begins a new draft that says what the completed one says;
/// change it and complete it, and from then on it counts in the other's place, with its day and its
/// clock. Possible also after the case was closed.
#[utoipa::path(operation_id = "correct_assessment", tag = "assessments", request_body = Correction,
    params(("id" = uuid::Uuid, Path, description = "The id of the completed assessment or review"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = AssessmentView)))]
#[post("/v1/assessments/{id}/corrections")]
pub async fn correct_assessment(
    service: Data<Service>,
    command: Command<Correction>,
    id: Path<MeasurementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let case = point::find(tx, id).await?.case_id;
            let setting = locked(tx, &command.actor, case).await?;
            let body = command.body()?;
            let wrong = point::find(tx, id).await?;
            if wrong.status()? != MeasurementStatus::Completed {
                return Err(Problem::conflict("only what is completed is corrected: change the draft itself").into());
            }
            if setting.points.iter().any(|other| other.corrects == Some(id)) {
                return Err(Problem::conflict("it has been corrected already: correct the correction").into());
            }
            let content = contents::of(tx, &wrong).await?;
            let reference = setting.reference(tx, &content).await?;
            let now = tx.now();
            let begun = point::Begun { point: wrong.point()?, content: &content, corrects: Some((id, &body.reason)) };
            let new = point::begin(tx, &setting.case, begun, &reference.ladder, &command.actor, now).await?;
            let new = point::find(tx, new).await?;
            let location = format!("/v1/assessments/{}", new.id);
            Ok(Done::created(location, new.version, AssessmentView::of(tx, new, now.local_day()).await?))
        })
        .await?;
    written
        .respond("assessment", async |stored| Ok(show(&service, &command.actor, MeasurementId(stored.id()?)).await?.1))
        .await
}
