//! Prevention cases over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::de::DeserializeOwned;
use shared::access::Action;
use shared::actor::Actor;
use shared::background::Background;
use shared::client::OnBehalf;
use shared::page::{Cursor, Page};
use shared::problem::{Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::ask::Ask;
use super::change::{Desk, VIEW, Wish, carry_out, read_case};
use super::domain::{PreventionCaseId, Step};
use super::store::{self, Case};
use super::view::{
    PreventionCase, PreventionCaseAcceptance, PreventionCaseClosure, PreventionCaseHistory, PreventionCaseRefusal,
    PreventionCaseStep, PreventionCaseSummary,
};
use crate::policy;

const TAG: &str = "youth justice";

/// What a change is given by the server.
type Parts = (Data<Service>, Data<Background>, Data<OnBehalf>);

/// The slice's routes.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(list_prevention_cases)
        .service(read_prevention_case)
        .service(read_prevention_case_history)
        .service(accept_prevention_case)
        .service(refuse_prevention_case)
        .service(close_prevention_case);
}

/// List the prevention cases of your team, the newest offer first
#[utoipa::path(operation_id = "list_prevention_cases", tag = TAG,
    params(("status" = Option<super::domain::Status>, Query, description = "Only cases that stand there"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PreventionCaseSummary>)))]
#[get("/v1/prevention-cases")]
async fn list_prevention_cases(
    actor: Actor,
    service: Data<Service>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::LIST_CASES, async |tx| {
            policy::LIST_CASES.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional("status", "a status of a prevention case");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let cases = store::list(tx, &actor.scopes(), status, cursor, limit).await?;
            let key = |case: &Case| Cursor { sort_at: case.offered_at, id: case.id.0 };
            let page = Page::from_rows(cases, limit, key, PreventionCaseSummary::from);
            tx.entry.records.extend(page.items.iter().map(|case| case.id.0));
            Ok(page)
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a prevention case
#[utoipa::path(operation_id = "read_prevention_case", tag = TAG,
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = PreventionCase, headers(("ETag" = String))),
              (status = 400, body = ProblemDocument)))]
#[get("/v1/prevention-cases/{id}")]
async fn read_prevention_case(
    actor: Actor,
    service: Data<Service>,
    id: Path<PreventionCaseId>,
) -> Result<HttpResponse, Problem> {
    let (version, case) = read_case(&service, &actor, *id).await?;
    Ok(found(version, VIEW, &case))
}

/// Read who did what to a prevention case, when and why
#[utoipa::path(operation_id = "read_prevention_case_history", tag = TAG,
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = PreventionCaseHistory)))]
#[get("/v1/prevention-cases/{id}/history")]
async fn read_prevention_case_history(
    actor: Actor,
    service: Data<Service>,
    id: Path<PreventionCaseId>,
) -> Result<HttpResponse, Problem> {
    let steps = service
        .read(&actor, &policy::READ_HISTORY, async |tx| {
            let case = store::find(tx, *id).await?;
            policy::READ_HISTORY.require(&actor)?;
            tx.entry.record = Some(case.id.0);
            tx.entry.records.push(case.id.0);
            store::steps(tx, case.id).await
        })
        .await?;
    let items = steps.into_iter().map(PreventionCaseStep::from).collect();
    Ok(HttpResponse::Ok().json(PreventionCaseHistory { items }))
}

/// Accept a prevention case
///
/// Asks referral-service, which owns the allocation, under your own rights. If the referral was
/// withdrawn meanwhile the answer is 409 and says so.
#[utoipa::path(operation_id = "accept_prevention_case", tag = TAG,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    request_body = PreventionCaseAcceptance,
    responses((status = 200, body = PreventionCase, headers(("ETag" = String))),
              (status = 503, body = ProblemDocument)))]
#[post("/v1/prevention-cases/{id}/acceptance")]
async fn accept_prevention_case(
    parts: Parts,
    id: Path<PreventionCaseId>,
    command: Command<PreventionCaseAcceptance>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    change(&parts, id, &command, &policy::ACCEPT_CASE, Step::Accept, |PreventionCaseAcceptance {}, _| Wish {
        ask: Ask::acceptance(id),
        reason: None,
        outcome: None,
    })
    .await
}

/// Refuse a prevention case
///
/// Declines the allocation at referral-service, with your reason.
#[utoipa::path(operation_id = "refuse_prevention_case", tag = TAG,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    request_body = PreventionCaseRefusal,
    responses((status = 200, body = PreventionCase, headers(("ETag" = String))),
              (status = 503, body = ProblemDocument)))]
#[post("/v1/prevention-cases/{id}/refusal")]
async fn refuse_prevention_case(
    parts: Parts,
    id: Path<PreventionCaseId>,
    command: Command<PreventionCaseRefusal>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    change(&parts, id, &command, &policy::REFUSE_CASE, Step::Refuse, |PreventionCaseRefusal { reason }, fingerprint| {
        Wish { ask: Ask::decline(id, fingerprint, &reason), reason: Some(reason), outcome: None }
    })
    .await
}

/// Close a prevention case with its outcome
///
/// Closes the allocation at referral-service, so that those who referred hear of it.
#[utoipa::path(operation_id = "close_prevention_case", tag = TAG,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    request_body = PreventionCaseClosure,
    responses((status = 200, body = PreventionCase, headers(("ETag" = String))),
              (status = 503, body = ProblemDocument)))]
#[post("/v1/prevention-cases/{id}/closure")]
async fn close_prevention_case(
    parts: Parts,
    id: Path<PreventionCaseId>,
    command: Command<PreventionCaseClosure>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    change(
        &parts,
        id,
        &command,
        &policy::CLOSE_CASE,
        Step::Close,
        |PreventionCaseClosure { outcome, summary }, fingerprint| Wish {
            ask: Ask::closure(id, fingerprint, outcome.as_str(), &summary),
            reason: Some(summary),
            outcome: Some(outcome.as_str()),
        },
    )
    .await
}

/// Carries a change out and answers with the case; sent again, with the case as it is by then.
async fn change<T: DeserializeOwned + ToSchema + 'static>(
    (service, background, owner): &Parts,
    id: PreventionCaseId,
    command: &Command<T>,
    action: &'static Action,
    step: Step,
    wish: impl FnOnce(T, &[u8]) -> Wish,
) -> Result<HttpResponse, Problem> {
    let desk = Desk { service, background, owner };
    let written = carry_out(&desk, id, command, action, step, wish).await?;
    written.respond(VIEW, async |_| Ok(read_case(service, &command.actor, id).await?.1)).await
}
