//! Files: who audits them, which are left out, and reading them.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde_json::{Value, json};
use shared::actor::{Actor, Role};
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::{Event, joined};
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Write, found};
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::form::{AuditorForm, ExclusionForm};
use super::domain::{AuditId, AuditStatus, AuditStep};
use super::store::audit::{self, Audit};
use super::store::sample;
use super::view::{CaseAuditLine, CaseAuditView};
use crate::family::end_of;
use crate::policy;

/// The clock of a file that somebody audits.
pub const CLOCK: &str = "case_audit";

/// Routes of audits.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_case_audits).service(read_case_audit).service(give_case_audit).service(exclude_case_audit);
}

/// What every event about an audit says.
pub fn facts(row: &Audit, more: Value) -> Value {
    let facts = json!({
        "audit_id": row.id, "sample_id": row.sample_id, "case_id": row.case_id, "case_type": row.case_type,
        "service": row.team, "locality": row.locality, "due_on": row.due_on,
    });
    joined(facts, more)
}

/// Refuses whoever follows a sample without having drawn it.
async fn require_drawer<T>(tx: &mut Write<'_, T>, actor: &Actor, row: &Audit) -> Result<(), Problem> {
    let drawn = sample::find(tx, row.sample_id).await.is_ok_and(|sample| sample.drawn_by == actor.user.0);
    if drawn || actor.holds_any(&[Role::InformationGovernanceOfficer]) {
        return Ok(());
    }
    Err(Problem::new(problem::NOT_ALLOWED).detail("whoever drew the sample gives its files"))
}

/// Give a file to an auditor
///
/// To somebody who is none of its workers and never was; they read the file from now until the audit is finished.
/// Given again, it goes to another. What the record says of its own timeliness is written down with it.
#[utoipa::path(operation_id = "give_case_audit", tag = "case audits", request_body = AuditorForm,
    params(("id" = uuid::Uuid, Path, description = "The audit's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseAuditView)))]
#[post("/v1/case-audits/{id}/auditor")]
async fn give_case_audit(
    service: Data<Service>,
    command: Command<AuditorForm>,
    id: Path<AuditId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::GIVE_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = audit::for_change(tx, id).await?;
            policy::GIVE_AUDIT.require(actor)?;
            require_drawer(tx, actor, &row).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let mut errors = Vec::new();
            if body.due_on.is_some_and(|day| day < now.local_day()) {
                errors.push(FieldError::at("/due_on", "in_the_past", "is past"));
            }
            if audit::worked_on(tx, id, body.user_id.0).await? {
                let detail = "has worked on this case: nobody audits their own work";
                errors.push(FieldError::at("/user_id", "own_work", detail));
            }
            Problem::refuse_any(errors)?;
            row.may(AuditStep::Give)?;
            if row.auditor == Some(body.user_id.0) {
                return Err(Problem::conflict("they have this file already").into());
            }
            give(tx, &mut row, &body).await?;
            tx.publish(Event::new(
                "audit.file_given.v1",
                id.0,
                facts(&row, json!({ "given_at": now, "auditor": row.auditor })),
            ));
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok(Done::changed(version, CaseAuditView::of(tx, row).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

async fn give<T>(tx: &mut Write<'_, T>, row: &mut Audit, body: &AuditorForm) -> Result<(), Problem> {
    let (now, auditor) = (tx.now(), body.user_id.0);
    let drawn = sample::find(tx, row.sample_id).await?;
    let before = row.auditor;
    if before.is_some() {
        // Whoever audits it begins anew.
        audit::regrade(tx, row.id, &[]).await?;
    }
    row.facts = Some(audit::facts(tx, row.id, now).await?);
    row.auditor = Some(auditor);
    row.auditor_name = Some(body.name.clone());
    row.given_at = Some(now);
    let due = body.due_on.unwrap_or(drawn.due_on);
    row.due_on = Some(due);
    row.take(tx, AuditStep::Give).await?;
    let seen = row.grant(format!("user:{auditor}"), now)?;
    shared::access::grant(tx, &[seen]).await?;
    deadline::restart(tx, row.id.0, CLOCK, now, end_of(due)).await?;
    deadline::assign(tx, row.id.0, CLOCK, Some(auditor)).await?;
    if let Some(before) = before.filter(|before| *before != drawn.drawn_by) {
        shared::access::revoke(tx, row.id.0, &format!("user:{before}")).await?;
    }
    Ok(())
}

/// Take a file out of its sample
///
/// With the reason, which stands in the sample: it counts in no base, and none is drawn in its place.
#[utoipa::path(operation_id = "exclude_case_audit", tag = "case audits", request_body = ExclusionForm,
    params(("id" = uuid::Uuid, Path, description = "The audit's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseAuditView)))]
#[post("/v1/case-audits/{id}/exclusion")]
async fn exclude_case_audit(
    service: Data<Service>,
    command: Command<ExclusionForm>,
    id: Path<AuditId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::GIVE_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = audit::for_change(tx, id).await?;
            policy::GIVE_AUDIT.require(actor)?;
            require_drawer(tx, actor, &row).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            row.may(AuditStep::Exclude)?;
            let now = tx.now();
            row.excluded_because = Some(body.reason);
            row.take(tx, AuditStep::Exclude).await?;
            deadline::meet_all(tx, id.0, now).await?;
            tx.publish(Event::new("audit.file_excluded.v1", id.0, facts(&row, json!({ "excluded_at": now }))));
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok(Done::changed(version, CaseAuditView::of(tx, row).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// List audits
///
/// Those of samples you drew, those you have to audit, and the finished ones of your service; information governance
/// sees all. The newest first.
#[utoipa::path(operation_id = "list_case_audits", tag = "case audits",
    params(("status" = Option<AuditStatus>, Query, description = "Only those that stand here"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<CaseAuditLine>)))]
#[get("/v1/case-audits")]
async fn list_case_audits(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_AUDIT, async |tx| {
            policy::READ_AUDIT.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<AuditStatus>("status", "drawn, given, finished or excluded");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = audit::list(tx, &actor.scopes(), status, cursor, limit).await?;
            tx.entry.records = rows.iter().map(|row| row.audit.id.0).collect();
            let page = Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.sort_at, id: row.audit.id.0 },
                |row| CaseAuditLine::of(row.audit),
            );
            Ok(Page { items: page.items.into_iter().collect::<Result<Vec<_>, _>>()?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an audit
///
/// The grades with their evidence, what the record says of itself, and what must follow. The service that was audited
/// sees it once it is finished.
#[utoipa::path(operation_id = "read_case_audit", tag = "case audits",
    params(("id" = uuid::Uuid, Path, description = "The audit's id")),
    responses((status = 200, body = CaseAuditView)))]
#[get("/v1/case-audits/{id}")]
async fn read_case_audit(service: Data<Service>, actor: Actor, id: Path<AuditId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// An audit as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(service: &Service, actor: &Actor, id: AuditId) -> Result<(i64, CaseAuditView), Problem> {
    service
        .read(actor, &policy::READ_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = audit::find(tx, id).await?;
            policy::READ_AUDIT.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, CaseAuditView::of(tx, row).await?))
        })
        .await
}
