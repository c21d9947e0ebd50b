//! What must follow from an audit.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde_json::json;
use shared::actor::{Actor, Role};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::{self, FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa_actix_web::service_config::ServiceConfig;

use super::audit::facts;
use super::domain::form::{AuditActionEnd, AuditActionForm};
use super::domain::{AuditActionId, AuditId, AuditStatus};
use super::grade::require_auditor;
use super::store::action::{self, Action, Asked};
use super::store::audit;
use super::store::reference::reference;
use super::view::AuditActionView;
use crate::policy;

/// Routes of actions.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_audit_action).service(read_audit_action).service(end_audit_action);
}

/// Add an action from an audit
///
/// With an owner and a day: it stands on their list of what is due, and on the service's. Its auditor adds actions
/// while the audit runs and after it is finished.
#[utoipa::path(operation_id = "add_audit_action", tag = "case audits", request_body = AuditActionForm,
    params(("id" = uuid::Uuid, Path, description = "The audit's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = AuditActionView)))]
#[post("/v1/case-audits/{id}/actions")]
async fn add_audit_action(
    service: Data<Service>,
    command: Command<AuditActionForm>,
    id: Path<AuditId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::AUDIT_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let row = audit::for_change(tx, id).await?;
            policy::AUDIT_CASE.require(actor)?;
            require_auditor(actor, &row)?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let mut errors = Vec::new();
            if body.due_on < now.local_day() {
                errors.push(FieldError::at("/due_on", "in_the_past", "is past"));
            }
            let known = reference(tx, row.given_at.unwrap_or(now).local_day()).await?;
            if body.standard.as_ref().is_some_and(|code| !known.standard_codes().contains(&code.as_str())) {
                let detail = "is no standard; GET /v1/audit-standards lists them";
                errors.push(FieldError::at("/standard", "unknown_code", detail));
            }
            Problem::refuse_any(errors)?;
            if row.status()? == AuditStatus::Excluded {
                return Err(Problem::conflict("this file was taken out of the sample").into());
            }
            let asked = Asked {
                what: &body.what,
                standard: body.standard.as_deref(),
                owner: (body.owner.user_id.0, &body.owner.name),
                due_on: body.due_on,
            };
            let added = action::add(tx, &row, &asked, actor, now).await?;
            let more =
                json!({ "action_id": added.id, "standard": added.standard, "due_on": added.due_on, "added_at": now });
            tx.publish(Event::new("audit.action_added.v1", added.id.0, facts(&row, more)));
            tx.entry.records.extend([id.0, added.id.0]);
            let address = format!("/v1/audit-actions/{}", added.id);
            Ok(Done::created(address, 1, AuditActionView::of(added)?))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, AuditActionId(stored.id()?)).await?.1)).await
}

/// Read an action from an audit
#[utoipa::path(operation_id = "read_audit_action", tag = "case audits",
    params(("id" = uuid::Uuid, Path, description = "The action's id")),
    responses((status = 200, body = AuditActionView)))]
#[get("/v1/audit-actions/{id}")]
async fn read_audit_action(
    service: Data<Service>,
    actor: Actor,
    id: Path<AuditActionId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: AuditActionId) -> Result<(i64, AuditActionView), Problem> {
    service
        .read(actor, &policy::READ_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = action::find(tx, id).await?;
            policy::READ_AUDIT.require(actor)?;
            tx.entry.records.push(row.audit_id.0);
            Ok((row.version, AuditActionView::of(row)?))
        })
        .await
}

/// Say what became of an action from an audit
///
/// Its owner, or a manager of the service, says that it was done, or why it is no longer to be done.
#[utoipa::path(operation_id = "end_audit_action", tag = "case audits", request_body = AuditActionEnd,
    params(("id" = uuid::Uuid, Path, description = "The action's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AuditActionView)))]
#[post("/v1/audit-actions/{id}/completion")]
async fn end_audit_action(
    service: Data<Service>,
    command: Command<AuditActionEnd>,
    id: Path<AuditActionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ACT_ON_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = action::for_change(tx, id).await?;
            policy::ACT_ON_AUDIT.require(actor)?;
            require_owner(actor, &row)?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            row.end(tx, body.done, &body.note, actor, now).await?;
            let told = json!({
                "action_id": id, "audit_id": row.audit_id, "case_id": row.case_id, "service": row.team,
                "standard": row.standard, "due_on": row.due_on, "done": body.done, "ended_at": now,
                "in_time": now.local_day() <= row.due_on,
            });
            tx.publish(Event::new("audit.action_ended.v1", id.0, told));
            tx.entry.records.push(row.audit_id.0);
            let version = row.version;
            Ok(Done::changed(version, AuditActionView::of(row)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

fn require_owner(actor: &Actor, row: &Action) -> Result<(), Problem> {
    let leads = actor.holds_any(&[Role::ServiceManager]) && actor.scopes().contains(&format!("team:{}", row.team));
    if row.owner == actor.user.0 || leads {
        return Ok(());
    }
    Err(Problem::new(problem::NOT_ALLOWED).detail("its owner or a manager of the service says what became of it"))
}
