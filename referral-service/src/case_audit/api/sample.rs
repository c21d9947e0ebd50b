//! Standards, and drawing samples.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use serde_json::json;
use shared::actor::{Actor, Role, Word};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, found};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::SampleId;
use super::domain::draw::{Seed, draw};
use super::domain::form::SampleForm;
use super::store::audit::{self, Audit};
use super::store::reference::{AuditReference, reference};
use super::store::sample::{self, Sample};
use super::view::{AuditDrawProof, AuditSampleLine, AuditSampleView};
use crate::policy;

/// Routes of samples.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read_audit_standards)
        .service(draw_audit_sample)
        .service(list_audit_samples)
        .service(read_audit_sample)
        .service(prove_audit_draw);
}

/// Read the audit standards
///
/// What files are held against, and on which scale, on a day. They are rows, dated; what is not verified is for the
/// partnership to settle.
#[utoipa::path(operation_id = "read_audit_standards", tag = "case audits",
    params(("on" = Option<NaiveDate>, Query, description = "The day; today, if left out")),
    responses((status = 200, body = AuditReference)))]
#[get("/v1/audit-standards")]
async fn read_audit_standards(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let known = service
        .read(&actor, &policy::READ_AUDIT_STANDARDS, async |tx| {
            policy::READ_AUDIT_STANDARDS.require(&actor)?;
            let mut query = Query::of(&request);
            let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22");
            query.finish()?;
            let today = tx.now().local_day();
            reference(tx, on.unwrap_or(today)).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(known))
}

/// Draw a sample
///
/// At random from the cases in scope, closed in the period or open when it ended. The seed and the cases in scope are
/// kept, so that the draw can be repeated and proven. Cases restricted to named users are left out, and counted. A
/// service's manager draws from their own service, information governance from any.
#[utoipa::path(operation_id = "draw_audit_sample", tag = "case audits", request_body = SampleForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = AuditSampleView)))]
#[post("/v1/audit-samples")]
async fn draw_audit_sample(service: Data<Service>, command: Command<SampleForm>) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DRAW_AUDIT, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let mut errors = body.check(&service.rules(), now.local_day());
            let team = team(actor, body.team.as_ref(), &mut errors)?;
            Problem::refuse_any(errors)?;
            let found = sample::scope(tx, &body, team.as_deref()).await?;
            let among: Vec<Uuid> = found.iter().filter(|case| !case.restricted).map(|case| case.id).collect();
            if among.is_empty() {
                let detail = "has no case in scope that could be drawn";
                return Err(Problem::invalid(vec![FieldError::at("/from", "nothing_in_scope", detail)]).into());
            }
            let seed = Seed::random()?;
            let drawn = draw(seed, &among, usize::try_from(body.size).unwrap_or_default());
            let count = |many: usize| i32::try_from(many).map_err(|error| Problem::internal(&error));
            let row = Sample {
                id: SampleId::new(),
                drawn_at: now,
                drawn_by: actor.user.0,
                drawn_by_name: actor.name.clone(),
                basis: body.basis.as_str().to_owned(),
                from_day: body.from,
                to_day: body.to,
                team,
                case_type: body.case_type.as_ref().map(|code| code.as_str().to_owned()),
                locality: body.locality.as_ref().map(|code| code.as_str().to_owned()),
                size: body.size,
                due_on: body.due_on,
                seed: seed.text(),
                population: count(among.len())?,
                left_out: count(found.len() - among.len())?,
                version: 1,
            };
            sample::insert(tx, &row, &among).await?;
            let files: Vec<Audit> = drawn
                .iter()
                .zip(1i16..)
                .filter_map(|(id, place)| {
                    let case = found.iter().find(|case| case.id == *id)?;
                    let what = (case.case_type.clone(), case.team.clone(), case.locality.clone());
                    Some(Audit::drawn(row.id, case.id, place, what))
                })
                .collect();
            audit::insert(tx, &files, actor.user.0, now).await?;
            tx.entry.record = Some(row.id.0);
            let facts = json!({
                "sample_id": row.id, "drawn_at": now, "basis": row.basis, "from": row.from_day, "to": row.to_day,
                "service": row.team, "case_type": row.case_type, "locality": row.locality, "size": row.size,
                "drawn": files.len(), "population": row.population, "left_out": row.left_out, "due_on": row.due_on,
            });
            tx.publish(Event::new("audit.sample_drawn.v1", row.id.0, facts));
            let id = row.id;
            Ok(Done::created(format!("/v1/audit-samples/{id}"), 1, AuditSampleView::of(tx, row).await?))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, SampleId(stored.id()?)).await?.1)).await
}

/// The service a sample is drawn from; none, for governance that named none.
fn team(actor: &Actor, asked: Option<&Word>, errors: &mut Vec<FieldError>) -> Result<Option<String>, Stop> {
    if actor.holds_any(&[Role::InformationGovernanceOfficer]) {
        return Ok(asked.map(|team| team.as_str().to_owned()));
    }
    let own: Vec<String> =
        actor.scopes().iter().filter_map(|scope| scope.strip_prefix("team:").map(str::to_owned)).collect();
    match (asked, own.as_slice()) {
        (Some(team), own) if own.iter().any(|one| one == team.as_str()) => Ok(Some(team.as_str().to_owned())),
        (Some(_), _) => Err(Problem::new(problem::NOT_ALLOWED).detail("that service is not yours to audit").into()),
        (None, [one]) => Ok(Some(one.clone())),
        (None, _) => {
            errors.push(FieldError::at("/team", "required", "is needed: you are not in exactly one service"));
            Ok(None)
        }
    }
}

/// List samples
///
/// Those you drew; information governance sees all. The newest first.
#[utoipa::path(operation_id = "list_audit_samples", tag = "case audits",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<AuditSampleLine>)))]
#[get("/v1/audit-samples")]
async fn list_audit_samples(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::DRAW_AUDIT, async |tx| {
            policy::DRAW_AUDIT.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = sample::list(tx, &actor, cursor, limit).await?;
            let key = |row: &Sample| Cursor { sort_at: row.drawn_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, AuditSampleLine::of);
            Ok(Page { items: page.items.into_iter().collect::<Result<Vec<_>, _>>()?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a sample
///
/// Its files with where each stands, and what was found so far: how many were graded good or better, out of how many,
/// by standard.
#[utoipa::path(operation_id = "read_audit_sample", tag = "case audits",
    params(("id" = uuid::Uuid, Path, description = "The sample's id")),
    responses((status = 200, body = AuditSampleView)))]
#[get("/v1/audit-samples/{id}")]
async fn read_audit_sample(service: Data<Service>, actor: Actor, id: Path<SampleId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: SampleId) -> Result<(i64, AuditSampleView), Problem> {
    service
        .read(actor, &policy::DRAW_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = sample::find(tx, id).await?;
            policy::DRAW_AUDIT.require(actor)?;
            let version = row.version;
            let view = AuditSampleView::of(tx, row).await?;
            tx.entry.records = view.files.iter().map(|file| file.id.0).collect();
            Ok((version, view))
        })
        .await
}

/// Prove a draw
///
/// The seed, every case that was in scope, and the draw repeated: the same files, in the same order. Whoever has
/// these needs no word of ours for it.
#[utoipa::path(operation_id = "prove_audit_draw", tag = "case audits",
    params(("id" = uuid::Uuid, Path, description = "The sample's id")),
    responses((status = 200, body = AuditDrawProof)))]
#[get("/v1/audit-samples/{id}/draw")]
async fn prove_audit_draw(service: Data<Service>, actor: Actor, id: Path<SampleId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let proof = service
        .read(&actor, &policy::DRAW_AUDIT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = sample::find(tx, id).await?;
            policy::DRAW_AUDIT.require(&actor)?;
            AuditDrawProof::of(tx, &row).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(proof))
}
