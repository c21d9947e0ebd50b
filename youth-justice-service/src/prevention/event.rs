//! What referral-service tells of allocations, and what this service tells of its cases.

use chrono::{DateTime, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use serde::Deserialize;
use serde_json::json;
use shared::background::Background;
use shared::events::{self, CloudEvent, Event, Failure};
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::domain::Status;
use super::store::{self, Case, Offer, Reached};

/// The service whose allocations are this slice's; all others are ignored.
pub const OFFERED_SERVICE: &str = "youth-justice-prevention";

/// What any event about an allocation says, read tolerantly.
#[derive(Deserialize)]
struct Told {
    allocation_id: Uuid,
    referral_id: Uuid,
    locality: Option<String>,
    offered_at: Option<DateTime<Utc>>,
    #[serde(default)]
    person_ids: Vec<Uuid>,
    outcome: Option<String>,
}

/// Takes in one event about an allocation.
///
/// # Errors
/// [`Failure::Lasting`] if it can't be read, speaks of an offer that was never told, or
/// contradicts how the case ended.
pub async fn take_in(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    if event.data.get("service").and_then(serde_json::Value::as_str) != Some(OFFERED_SERVICE) {
        return Ok(());
    }
    let status = match event.kind.as_str() {
        "allocation.offered.v1" => Status::AwaitingAcceptance,
        "allocation.accepted.v1" => Status::Accepted,
        "allocation.declined.v1" => Status::Refused,
        "allocation.withdrawn.v1" => Status::Withdrawn,
        "allocation.closed.v1" => Status::Closed,
        _ => return Ok(()),
    };
    let told: Told = serde_json::from_value(event.data.clone()).map_err(|error| Failure::Lasting(error.to_string()))?;
    let taken_in = if status == Status::AwaitingAcceptance {
        let offer = Offer {
            allocation: told.allocation_id,
            referral: told.referral_id,
            locality: told.locality,
            offered_at: told.offered_at.unwrap_or(event.time),
            people: told.person_ids,
        };
        open(connection, &offer, event.trace.as_deref()).await
    } else {
        let outcome = told.outcome.filter(|_| status == Status::Closed);
        let reached = Reached { status, at: event.time, by: None, reason: None, outcome: outcome.as_deref() };
        learn(connection, told.allocation_id, &reached, event.trace.as_deref()).await
    };
    taken_in.map_err(|problem| {
        let cause = problem.document().detail.unwrap_or_else(|| problem.to_string());
        if problem.kind() == problem::UNAVAILABLE { Failure::Passing(cause) } else { Failure::Lasting(cause) }
    })
}

/// Records where an allocation was seen to stand, in a transaction of the worker role: what an
/// answer of referral-service showed before its event came.
///
/// # Errors
/// 503 if the database is away.
pub async fn take_in_answer(
    background: &Background,
    allocation: Uuid,
    status: Status,
    outcome: Option<&str>,
    trace: Option<&str>,
) -> Result<(), Problem> {
    let outcome = outcome.filter(|_| status == Status::Closed);
    let reached = Reached { status, at: background.now(), by: None, reason: None, outcome };
    let mut connection = background.connection().await?;
    connection.transaction(async |connection| learn(connection, allocation, &reached, trace).await).await
}

async fn open(connection: &mut AsyncPgConnection, offer: &Offer, trace: Option<&str>) -> Result<(), Problem> {
    if let Some(case) = store::open(connection, offer).await? {
        let event = event_of(&case, Status::AwaitingAcceptance, offer.offered_at, None);
        events::append(connection, &[event], offer.offered_at, trace).await?;
    }
    Ok(())
}

async fn learn(
    connection: &mut AsyncPgConnection,
    allocation: Uuid,
    reached: &Reached<'_>,
    trace: Option<&str>,
) -> Result<(), Problem> {
    let case = store::lock_by_allocation(connection, allocation)
        .await?
        .ok_or_else(|| Problem::conflict("the allocation was never offered here"))?;
    if store::record(connection, &case, reached).await?.first {
        let event = event_of(&case, reached.status, reached.at, reached.outcome);
        events::append(connection, &[event], reached.at, trace).await?;
    }
    Ok(())
}

/// What this service tells when a case reaches a status: ids and codes, nothing personal.
pub fn event_of(case: &Case, status: Status, at: DateTime<Utc>, outcome: Option<&str>) -> Event {
    let kind = match status {
        Status::AwaitingAcceptance => "prevention_case.offered.v1",
        Status::Accepted => "prevention_case.accepted.v1",
        Status::Refused => "prevention_case.refused.v1",
        Status::Withdrawn => "prevention_case.withdrawn.v1",
        Status::Closed => "prevention_case.closed.v1",
    };
    let mut data = json!({
        "prevention_case_id": case.id,
        "allocation_id": case.allocation,
        "referral_id": case.referral,
        "locality": case.locality,
        "at": at,
    });
    if let (Some(outcome), Some(fields)) = (outcome, data.as_object_mut()) {
        fields.insert("outcome".to_owned(), outcome.into());
    }
    Event::new(kind, case.id, data)
}
