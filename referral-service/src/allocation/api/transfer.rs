//! Passing an allocation on: to another service, or to another worker of the team.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;

use super::view::AllocationView;
use super::worker::WorkerForm;
use super::{locked, show, shown, store, warnings};
use crate::policy;
use crate::referral::allocation::worker::{self, Named};
use crate::referral::allocation::{Allocation, Given, Helper, helpers};
use crate::referral::offer::{AllocationId, Offer, Part, offer};
use crate::referral::suits::{obstacles, weigh};
use crate::referral::{Happening, Referral};

/// To whom an allocation is passed on, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "service": "youth-work", "reason": "What is left is work with Rowan alone.",
    "asked_for": "One-to-one sessions until the summer." }))]
pub struct Transfer {
    /// The other service, a code of the set `service`. Either this or `worker`.
    pub service: Option<Word>,
    /// The other worker of your team, who leads from now on. Either this or `service`.
    pub worker: Option<WorkerForm>,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: String,
    /// What the other service is asked to do; only with `service`.
    #[schema(min_length = 1, max_length = 4000)]
    pub asked_for: Option<String>,
    /// Which kind of work that is, a code of the set `case_type`; only with `service`.
    pub case_type: Option<Word>,
    /// Why the other service is asked although it is not for such a family; only with `service`.
    #[schema(min_length = 1, max_length = 4000)]
    pub regardless_reason: Option<String>,
}

/// Transfer an allocation
///
/// To another service: this one ends its work with the outcome `transferred`, the other is asked, and if it
/// was to lead the referral waits for its answer. To another worker of the team: they lead from now on.
#[utoipa::path(operation_id = "transfer_allocation", tag = "allocations", request_body = Transfer,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/transfer")]
pub async fn transfer_allocation(
    service: Data<Service>,
    command: Command<Transfer>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::TRANSFER_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id, &["team", "user"]).await?;
            let body = command.body()?;
            let (rules, today) = (service.rules(), tx.now().local_day());
            let helping = helpers(tx, allocation.referral_id).await?;
            let mut errors = check(&body, &allocation.service, &helping, &rules, today);
            let mut told = Vec::new();
            if let Some(next) = &body.service {
                let found = obstacles(tx, &referral, next.as_str(), today).await?;
                weigh(&found, next.as_str(), body.regardless_reason.is_some(), "", &mut errors, &mut told);
            }
            Problem::refuse_any(errors)?;
            let more = match (&body.service, &body.worker) {
                (Some(next), _) => {
                    to_service(tx, &command.actor, &mut allocation, &mut referral, &body, next.as_str(), &rules)
                        .await?;
                    Vec::new()
                }
                (None, Some(next)) => {
                    let named =
                        Named { user: next.user_id, name: &next.name, part: Part::Lead, because: Some(&body.reason) };
                    worker::assign(tx, &command.actor, &mut allocation, &referral, &named, &rules).await?;
                    warnings(tx, &allocation.service, next.user_id).await?
                }
                (None, None) => Vec::new(),
            };
            told.extend(more);
            let view = shown(tx, id).await?;
            Ok(Done::changed(allocation.version, AllocationView { warnings: told, ..view }))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Ends this service's work and asks the other.
async fn to_service<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    allocation: &mut Allocation,
    referral: &mut Referral,
    body: &Transfer,
    next: &str,
    rules: &Rules,
) -> Result<(), Problem> {
    let now = tx.now();
    let part = allocation.part()?;
    allocation.take(tx, &Given::Close { outcome: "transferred", summary: &body.reason }, now).await?;
    worker::end_all(tx, allocation, actor, now, &body.reason).await?;
    deadline::meet_all(tx, allocation.id.0, now).await?;
    let facts = allocation.facts(referral, json!({ "outcome": "transferred", "closed_at": now }));
    tx.publish(Event::new("allocation.closed.v1", referral.id, facts));
    if part == Part::Lead {
        referral.happens(tx, Happening::Transferred, actor, now, Some(&body.reason)).await?;
        let told = "The service has passed its work with the family on; another service is asked.";
        referral.tell_referrer(tx, now, "allocation", told).await?;
    } else {
        referral.noted(tx, actor, now, "supporting_transferred", Some(&body.reason)).await?;
    }
    let asked = Offer {
        service: next,
        part,
        case_type: body.case_type.as_ref().map(Word::as_str),
        asked_for: body.asked_for.as_deref(),
        regardless_reason: body.regardless_reason.as_deref(),
    };
    let (next_id, offered) = offer(tx, referral, &asked, rules, now).await?;
    tx.publish(offered);
    store::passed_to(tx, allocation.id, next_id).await?;
    let passed = json!({ "to_service": next, "to_allocation_id": next_id, "transferred_at": now });
    tx.publish(Event::new("allocation.transferred.v1", referral.id, allocation.facts(referral, passed)));
    Ok(())
}

/// What a schema can't state of a transfer.
fn check(body: &Transfer, own: &str, helping: &[Helper], rules: &Rules, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    match (&body.service, &body.worker) {
        (None, None) => {
            errors.push(FieldError::at("/service", "required", "name another service, or a `worker` of your team"))
        }
        (Some(_), Some(_)) => {
            errors.push(FieldError::at("/worker", "does_not_fit", "pass it on either to a service or to a worker"));
        }
        (Some(next), None) if next.as_str() == own => {
            errors.push(FieldError::at(
                "/service",
                "does_not_fit",
                "has it already; name a `worker` to pass it on within the team",
            ));
        }
        (Some(next), None) if !rules.has_code("service", next.as_str(), today) => {
            errors.push(FieldError::at("/service", "unknown_code", "is no service; GET /v1/codes/service lists them"));
        }
        (Some(next), None) if helping.iter().any(|helper| helper.service == next.as_str()) => {
            errors.push(FieldError::at("/service", "asked_already", "is asked or at work on this already"));
        }
        _ => {}
    }
    if body.service.is_none() {
        for (given, field) in [
            (body.asked_for.is_some(), "/asked_for"),
            (body.case_type.is_some(), "/case_type"),
            (body.regardless_reason.is_some(), "/regardless_reason"),
        ] {
            if given {
                errors.push(FieldError::at(field, "does_not_fit", "has a place only with `service`"));
            }
        }
    }
    if body.case_type.as_ref().is_some_and(|code| !rules.has_code("case_type", code.as_str(), today)) {
        errors.push(FieldError::at(
            "/case_type",
            "unknown_code",
            "is no case type; GET /v1/codes/case_type lists them",
        ));
    }
    errors
}
