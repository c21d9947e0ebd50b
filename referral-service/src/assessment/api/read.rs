//! Reading assessments and reviews.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::service::{Service, found};

use crate::assessment::view::{AssessmentLine, AssessmentView};
use crate::family::CaseId;
use crate::measurement::store::point;
use crate::measurement::{MeasurementId, case_whole};
use crate::policy;

/// List the assessments of a case
///
/// The assessment, its reviews and the closing review, the oldest first, drafts and corrections too.
#[utoipa::path(operation_id = "list_assessments", tag = "assessments",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = Vec<AssessmentLine>)))]
#[get("/v1/cases/{id}/assessments")]
pub async fn list_assessments(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let lines = service
        .read(&actor, &policy::READ_ASSESSMENT, async |tx| {
            tx.entry.record = Some(id.0);
            case_whole(tx, id).await?;
            policy::READ_ASSESSMENT.require(&actor)?;
            tx.entry.records.push(id.0);
            AssessmentLine::of_case(tx, id).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(lines))
}

/// Read an assessment
///
/// Or a review: all of it. The ETag is its version: send it as `If-Match` with what you do to a draft.
#[utoipa::path(operation_id = "read_assessment", tag = "assessments",
    params(("id" = uuid::Uuid, Path, description = "The assessment's id")),
    responses((status = 200, body = AssessmentView)))]
#[get("/v1/assessments/{id}")]
pub async fn read_assessment(
    service: Data<Service>,
    actor: Actor,
    id: Path<MeasurementId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let (version, view) = show(&service, &actor, id).await?;
    Ok(found(version, "assessment", &view))
}

/// An assessment as it stands, with its version. Also what a retried change is answered with.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(service: &Service, actor: &Actor, id: MeasurementId) -> Result<(i64, AssessmentView), Problem> {
    service
        .read(actor, &policy::READ_ASSESSMENT, async |tx| {
            let row = point::find(tx, id).await?;
            tx.entry.record = Some(row.case_id.0);
            policy::READ_ASSESSMENT.require(actor)?;
            tx.entry.records.push(row.case_id.0);
            let today = tx.now().local_day();
            Ok((row.version, AssessmentView::of(tx, row, today).await?))
        })
        .await
}
