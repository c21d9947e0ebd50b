//! The auditor's work: grades, and the end of the audit.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post, put};
use serde_json::{Value, json};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::Event;
use shared::problem::{self, FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit::{CLOCK, facts, show};
use super::domain::form::{AuditCompletion, GradesForm, grade_errors};
use super::domain::{AuditId, AuditStep};
use super::store::audit::{self, Audit, Grade};
use super::store::reference::{AuditReference, reference};
use super::view::CaseAuditView;
use crate::policy;

/// Routes of grading.
pub fn routes(config: &mut ServiceConfig) {
    config.service(grade_case_audit).service(finish_case_audit);
}

/// Refuses everyone but the auditor.
pub fn require_auditor(actor: &Actor, row: &Audit) -> Result<(), Problem> {
    if row.auditor == Some(actor.user.0) {
        return Ok(());
    }
    Err(Problem::new(problem::NOT_ALLOWED).detail("its auditor does this"))
}

/// Grade a file
///
/// Says all grades there are so far, each with what in the file shows it, or why the standard does not apply. Only its
/// auditor does, as often as they like until it is finished.
#[utoipa::path(operation_id = "grade_case_audit", tag = "case audits", request_body = GradesForm,
    params(("id" = uuid::Uuid, Path, description = "The audit's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseAuditView)))]
#[put("/v1/case-audits/{id}/grades")]
async fn grade_case_audit(
    service: Data<Service>,
    command: Command<GradesForm>,
    id: Path<AuditId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::AUDIT_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = audit::for_change(tx, id).await?;
            policy::AUDIT_CASE.require(actor)?;
            require_auditor(actor, &row)?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let day = row.given_at.unwrap_or_else(|| tx.now()).local_day();
            let known = reference(tx, day).await?;
            let errors = grade_errors(&body.grades, &known.standard_codes(), &known.scale_codes());
            Problem::refuse_any(errors)?;
            row.may(AuditStep::Grade)?;
            audit::regrade(tx, id, &body.grades).await?;
            row.take(tx, AuditStep::Grade).await?;
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok(Done::changed(version, CaseAuditView::of(tx, row).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Finish an audit
///
/// Every standard is graded or does not apply. From now on nothing of it changes, the auditor reads the file no longer,
/// and the service that was audited reads what was found.
#[utoipa::path(operation_id = "finish_case_audit", tag = "case audits", request_body = AuditCompletion,
    params(("id" = uuid::Uuid, Path, description = "The audit's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseAuditView)))]
#[post("/v1/case-audits/{id}/completion")]
async fn finish_case_audit(
    service: Data<Service>,
    command: Command<AuditCompletion>,
    id: Path<AuditId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::AUDIT_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = audit::for_change(tx, id).await?;
            policy::AUDIT_CASE.require(actor)?;
            require_auditor(actor, &row)?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let mut errors = Vec::new();
            row.may(AuditStep::Finish)?;
            let day = row.given_at.unwrap_or(now).local_day();
            let known = reference(tx, day).await?;
            let grades = audit::grades(tx, &[id]).await?;
            let missing: Vec<&str> = known
                .standard_codes()
                .into_iter()
                .filter(|code| !grades.iter().any(|one| one.standard == *code))
                .collect();
            if !missing.is_empty() {
                let detail = format!("not every standard is graded yet: {}", missing.join(", "));
                errors.push(FieldError::at("/grades", "required", detail));
            }
            Problem::refuse_any(errors)?;
            let due = deadline::due(tx, id.0, CLOCK).await?;
            row.summary = Some(body.summary);
            row.finished_at = Some(now);
            row.take(tx, AuditStep::Finish).await?;
            deadline::meet(tx, id.0, CLOCK, now).await?;
            let seen = row.grant(format!("team:{}", row.team), now)?;
            shared::access::grant(tx, &[seen]).await?;
            let told = json!({ "finished_at": now, "in_time": now <= due, "grades": told(&grades, &known) });
            tx.publish(Event::new("audit.finished.v1", id.0, facts(&row, told)));
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok(Done::changed(version, CaseAuditView::of(tx, row).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// What figures need of grades: codes, and never a word of evidence.
fn told(grades: &[Grade], known: &AuditReference) -> Vec<Value> {
    grades
        .iter()
        .map(|one| {
            let good = one.grade.as_deref().map(|grade| known.is_good(grade));
            json!({ "standard": one.standard, "grade": one.grade, "good": good })
        })
        .collect()
}
