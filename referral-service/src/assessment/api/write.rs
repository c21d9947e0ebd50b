//! Writing a draft, completing it, giving it up.

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
use crate::family::case_of_caseworker;
use crate::measurement::store::point;
use crate::measurement::{Content, MeasurementId, Point, Setting};
use crate::policy;

/// Write an assessment
///
/// Puts what is sent in place of what the draft says. A completed one is never changed: correct it.
#[utoipa::path(operation_id = "write_assessment", tag = "assessments", request_body = Content,
    params(("id" = uuid::Uuid, Path, description = "The assessment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AssessmentView)))]
#[post("/v1/assessments/{id}/content")]
pub async fn write_assessment(
    service: Data<Service>,
    command: Command<Content>,
    id: Path<MeasurementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let (setting, mut point) = locked(tx, &command.actor, id).await?;
            let content = command.body()?;
            let reference = setting.reference(tx, &content).await?;
            let today = tx.now().local_day();
            let correcting = point.corrects.is_some();
            setting.check(&content, "", (false, correcting), &reference, (&service.rules(), today))?;
            require_writable(&setting, &point)?;
            point.write(tx, &content, &reference.ladder).await?;
            Ok(Done::changed(point.version, AssessmentView::of(tx, point, today).await?))
        })
        .await?;
    written.respond("assessment", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Nothing more needs saying.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssessmentStep, example = json!({}))]
pub struct Step {}

/// Complete an assessment
///
/// From here on it is never changed, and it counts. It needs the day it was done and a score, or a reason
/// for none, in every area. Stops the clock of the assessment or review, and starts that of the next
/// review.
#[utoipa::path(operation_id = "complete_assessment", tag = "assessments", request_body = Step,
    params(("id" = uuid::Uuid, Path, description = "The assessment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AssessmentView)))]
#[post("/v1/assessments/{id}/completion")]
pub async fn complete_assessment(
    service: Data<Service>,
    command: Command<Step>,
    id: Path<MeasurementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let (setting, mut point) = locked(tx, &command.actor, id).await?;
            command.body()?;
            require_writable(&setting, &point)?;
            let content = point.written()?;
            let reference = setting.reference(tx, &content).await?;
            let today = tx.now().local_day();
            let rules = service.rules();
            // Held against today's rules once more: a draft may have lain for weeks.
            let correcting = point.corrects.is_some();
            setting.check(&content, "/content", (true, correcting), &reference, (&rules, today))?;
            setting.complete(tx, &command.actor, &mut point, &content, &reference, &rules).await?;
            Ok(Done::changed(point.version, AssessmentView::of(tx, point, today).await?))
        })
        .await?;
    written.respond("assessment", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Discard an assessment
///
/// Gives up a draft that was begun in error; what it says is removed.
#[utoipa::path(operation_id = "discard_assessment", tag = "assessments", request_body = Step,
    params(("id" = uuid::Uuid, Path, description = "The assessment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AssessmentView)))]
#[post("/v1/assessments/{id}/discard")]
pub async fn discard_assessment(
    service: Data<Service>,
    command: Command<Step>,
    id: Path<MeasurementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_ASSESSMENT, async |tx| {
            let (_, mut point) = locked(tx, &command.actor, id).await?;
            command.body()?;
            point.require_draft()?;
            point.discard(tx).await?;
            let today = tx.now().local_day();
            let point = point::find(tx, id).await?;
            Ok(Done::changed(point.version, AssessmentView::of(tx, point, today).await?))
        })
        .await?;
    written.respond("assessment", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Locks the case of a measurement, and then reads the measurement; with the checks that come
/// before the body.
async fn locked<T>(tx: &mut Write<'_, T>, actor: &Actor, id: MeasurementId) -> Result<(Setting, Point), Stop> {
    let case = point::find(tx, id).await?.case_id;
    let case = case_of_caseworker(tx, actor, case).await?;
    let point = point::find(tx, id).await?;
    tx.proceed(Some(point.version)).await?;
    tx.entry.records.push(case.id.0);
    Ok((Setting::of(tx, case).await?, point))
}

/// Refuses what is no draft, and any draft but a correction once the case is closed.
fn require_writable(setting: &Setting, point: &Point) -> Result<(), Problem> {
    point.require_draft()?;
    if point.corrects.is_none() { setting.case.require_open() } else { Ok(()) }
}
