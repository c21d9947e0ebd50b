//! The service's answers: accept, wait, decline, close.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::access;
use shared::actor::Word;
use shared::calendar::{LocalDay, end_of_day};
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;

use super::domain::expected_from_error;
use super::view::AllocationView;
use super::worker::WorkerForm;
use super::{locked, show, shown, store, warnings};
use crate::alert::{self, Alert, Urgency};
use crate::family::due;
use crate::policy;
use crate::referral::allocation::domain::consequence;
use crate::referral::allocation::worker::{self, LENGTH_CLOCK, Named};
use crate::referral::allocation::{
    Allocation, Answer, ClosingOutcome, Ending, Given, end, end_referral, refuse_unstepped,
};
use crate::referral::hub_note::{HubNote, note_for_hub};
use crate::referral::offer::{ANSWER_CLOCK, AllocationId, Part};
use crate::referral::{Happening, Referral, Status};

/// The clock that runs until a service that has the family on its list has room.
const WAITING_CLOCK: &str = "allocation_waiting";

/// A service takes a family on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "lead_worker": { "user_id": "0198c0de-0000-7000-8000-0000000000a1", "name": "Robin Support (invented)" },
    "case_type": "intensive-family-support", "complexity": "standard" }))]
pub struct Acceptance {
    /// Who leads the work. Named later if left out; a clock runs until then, and is chased.
    pub lead_worker: Option<WorkerForm>,
    /// Which kind of work it is, a code of the set `case_type`: what was asked for, or what is usual for
    /// the service, if left out.
    pub case_type: Option<Word>,
    /// How complex it is, a code of the set `complexity`; `standard` if left out.
    pub complexity: Option<Word>,
}

/// Accept an allocation
///
/// The service takes the family on, from the waiting list or at once. Refused with 409 if the referral
/// was withdrawn meanwhile. A worker's ceiling warns and never blocks.
#[utoipa::path(operation_id = "accept_allocation", tag = "allocations", request_body = Acceptance,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/acceptance")]
pub async fn accept_allocation(
    service: Data<Service>,
    command: Command<Acceptance>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ANSWER_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let (rules, now) = (service.rules(), tx.now());
            check_kind(body.case_type.as_ref(), body.complexity.as_ref(), &rules, now.local_day())
                .map_err(Problem::invalid)?;
            if let Some(case_type) = &body.case_type {
                allocation.case_type = Some(case_type.as_str().to_owned());
            } else if allocation.case_type.is_none() {
                allocation.case_type = store::usual_case_type(tx, &allocation.service).await?;
            }
            let complexity = body.complexity.as_ref().map_or("standard", Word::as_str);
            allocation.complexity = Some(complexity.to_owned());
            allocation.take(tx, &Given::Accept, now).await?;
            accepted(tx, &command, &allocation, &mut referral).await?;
            start_clocks(tx, &allocation, now, &rules).await?;
            let facts = allocation.facts(&referral, json!({ "accepted_at": now, "offered_at": allocation.offered_at }));
            tx.publish(Event::new("allocation.accepted.v1", referral.id, facts));
            let mut told = Vec::new();
            if let Some(lead) = &body.lead_worker {
                let named = Named { user: lead.user_id, name: &lead.name, part: Part::Lead, because: None };
                worker::assign(tx, &command.actor, &mut allocation, &referral, &named, &rules).await?;
                told = warnings(tx, &allocation.service, lead.user_id).await?;
            }
            let view = shown(tx, id).await?;
            Ok(Done::changed(allocation.version, AllocationView { warnings: told, ..view }))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// What an acceptance means for the referral.
async fn accepted<T>(
    tx: &mut Write<'_, T>,
    command: &Command<Acceptance>,
    allocation: &Allocation,
    referral: &mut Referral,
) -> Result<(), Problem> {
    let now = tx.now();
    let around = allocation.surroundings(tx, referral).await?;
    if let Some(what) = consequence(Answer::Accept, around) {
        referral.happens(tx, what, &command.actor, now, None).await?;
        return referral.tell_referrer(tx, now, "allocation", "A service is working with the family.").await;
    }
    if matches!(around.referral, Status::Closed | Status::Withdrawn) {
        return Err(Problem::conflict("the referral has ended meanwhile"));
    }
    referral.noted(tx, &command.actor, now, "supporting_accepted", None).await?;
    referral.tell_referrer(tx, now, "allocation", "Another service supports the family.").await
}

/// The answer is there; what runs from now on is how long the work takes, and who leads it.
async fn start_clocks<T>(
    tx: &mut Write<'_, T>,
    allocation: &Allocation,
    now: chrono::DateTime<chrono::Utc>,
    rules: &Rules,
) -> Result<(), Problem> {
    deadline::meet_all(tx, allocation.id.0, now).await?;
    worker::wait_for_lead(tx, allocation, now, rules).await?;
    start_length(tx, allocation, now, rules).await
}

/// Starts, or starts anew, the clock of how long such work usually takes.
///
/// # Errors
/// As the database says.
pub async fn start_length<T>(
    tx: &mut Write<'_, T>,
    allocation: &Allocation,
    since: chrono::DateTime<chrono::Utc>,
    rules: &Rules,
) -> Result<(), Problem> {
    let case_type = allocation.case_type.as_deref().unwrap_or_default();
    match due(rules, LENGTH_CLOCK, case_type, since) {
        Some(due) => deadline::restart(tx, allocation.id.0, LENGTH_CLOCK, since, due).await,
        None => deadline::meet(tx, allocation.id.0, LENGTH_CLOCK, since).await,
    }
}

/// What is wrong with a kind of work.
///
/// # Errors
/// Every field that is no code of the day.
pub fn check_kind(
    case_type: Option<&Word>,
    complexity: Option<&Word>,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if case_type.is_some_and(|code| !rules.has_code("case_type", code.as_str(), today)) {
        errors.push(FieldError::at(
            "/case_type",
            "unknown_code",
            "is no case type; GET /v1/codes/case_type lists them",
        ));
    }
    if complexity.is_some_and(|code| !rules.has_code("complexity", code.as_str(), today)) {
        errors.push(FieldError::at("/complexity", "unknown_code", "is none; GET /v1/codes/complexity lists them"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A place on the service's waiting list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "expected_from": "2027-01-11", "reason": "Two workers are ill; a place is free in the new year." }))]
pub struct Waiting {
    /// From which day the service expects to have room: a day still to come.
    pub expected_from: NaiveDate,
    /// Why not now.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Put an allocation on the waiting list
///
/// The service will take the family on when it has room, and says from when. Say it again with another
/// day, and the place on the list stays. When that day has passed the service and the hub are reminded.
#[utoipa::path(operation_id = "wait_allocation", tag = "allocations", request_body = Waiting,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/waiting")]
pub async fn wait_allocation(
    service: Data<Service>,
    command: Command<Waiting>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ANSWER_ALLOCATION, async |tx| {
            let (mut allocation, referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let now = tx.now();
            if let Some(error) = expected_from_error(body.expected_from, now.local_day()) {
                return Err(Problem::invalid(vec![error]).into());
            }
            allocation.take(tx, &Given::Wait { expected_from: body.expected_from, reason: &body.reason }, now).await?;
            deadline::meet(tx, id.0, ANSWER_CLOCK, now).await?;
            deadline::restart(tx, id.0, WAITING_CLOCK, now, end_of_day(body.expected_from)).await?;
            referral.noted(tx, &command.actor, now, "waiting", Some(&body.reason)).await?;
            referral.tell_referrer(tx, now, "allocation", "The family is on a service's waiting list.").await?;
            let waiting =
                json!({ "waiting_at": now, "expected_from": body.expected_from, "offered_at": allocation.offered_at });
            tx.publish(Event::new("allocation.waiting.v1", referral.id, allocation.facts(&referral, waiting)));
            Ok(Done::changed(allocation.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Why a service says no.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decline {
    /// Why.
    #[schema(min_length = 1, max_length = 20000, example = "The family has moved to another county.")]
    pub reason: String,
}

/// Decline an allocation
///
/// With the reason. If the service was to lead, the referral goes back to whoever asked: the hub's list,
/// or the front door's. If it was to support, the work of the others goes on, and the hub is reminded.
#[utoipa::path(operation_id = "decline_allocation", tag = "allocations", request_body = Decline,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/decline")]
pub async fn decline_allocation(
    service: Data<Service>,
    command: Command<Decline>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ANSWER_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let now = tx.now();
            allocation.take(tx, &Given::Decline(&body.reason), now).await?;
            deadline::meet_all(tx, id.0, now).await?;
            let facts = allocation.facts(&referral, json!({ "declined_at": now, "offered_at": allocation.offered_at }));
            tx.publish(Event::new("allocation.declined.v1", referral.id, facts));
            let around = allocation.surroundings(tx, &referral).await?;
            match consequence(Answer::Decline, around) {
                Some(Happening::ServiceEnded) => {
                    end_referral(tx, &command.actor, &mut referral, Happening::ServiceEnded, &body.reason).await?;
                }
                Some(what) => {
                    referral.happens(tx, what, &command.actor, now, Some(&body.reason)).await?;
                    if what == Happening::DeclinedToFrontDoor {
                        // It waits for the front door's decision again, and nobody must forget it there.
                        let due = service.rules().must_due("front_door_decision", now)?;
                        deadline::restart(tx, referral.id.0, "front_door_decision", now, due).await?;
                    }
                }
                None => referral.noted(tx, &command.actor, now, "supporting_declined", Some(&body.reason)).await?,
            }
            if around.part == Part::Supporting {
                let note = HubNote::SupportingServiceDeclined(id);
                note_for_hub(tx, &referral, note, &body.reason, &command.actor, now).await?;
                remind_hub(tx, &allocation, &referral).await?;
            }
            let view = shown(tx, id).await?;
            // The last thing: from here on the team no longer sees the referral.
            access::revoke(tx, referral.id.0, &format!("team:{}", allocation.service)).await?;
            Ok(Done::changed(allocation.version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// A supporting service that declines takes nothing from the hub's list: whoever asked must learn of it.
async fn remind_hub<T>(tx: &mut Write<'_, T>, allocation: &Allocation, referral: &Referral) -> Result<(), Problem> {
    let people = referral.people(tx).await?;
    let hub = referral.locality.as_ref().map_or_else(|| "front-door".to_owned(), |locality| format!("hub:{locality}"));
    let reminder = Alert {
        kind: "supporting_service_declined",
        urgency: Urgency::Reminder,
        about: "allocations",
        record: allocation.id.0,
        people: &people,
        scopes: &[hub],
        locality: referral.locality.as_deref(),
    };
    alert::tell(tx, &reminder).await
}

/// The end of a service's work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "needs_met", "summary": "Arrears are on a payment plan the family keeps to; they have moved to a three-bedroom house." }))]
pub struct Closure {
    /// What came of it.
    pub outcome: ClosingOutcome,
    /// What was done and what changed, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub summary: String,
}

/// Close an allocation
///
/// The service ends its work, with an outcome. When it was the last that helped, the referral is closed
/// and its referrer told so. What goes to children's social care is not closed here: it is stepped up.
#[utoipa::path(operation_id = "close_allocation", tag = "allocations", request_body = Closure,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/closure")]
pub async fn close_allocation(
    service: Data<Service>,
    command: Command<Closure>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CLOSE_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id, &["team", "user"]).await?;
            let body = command.body()?;
            refuse_unstepped(body.outcome, referral.id)?;
            let ending = Ending { outcome: body.outcome.as_str(), summary: &body.summary };
            end(tx, &command.actor, &mut allocation, &mut referral, &ending).await?;
            Ok(Done::changed(allocation.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
