//! `/v1/allocations`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::Actor;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{AllocationStatus, Answer};
use super::store::{self, Shown};
use crate::policy;
use crate::referral::domain::ReferralId;
use crate::referral::offer::AllocationId;
use crate::referral::view::ChildLine;
use crate::referral::{self, Happening};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_allocations)
        .service(read_allocation)
        .service(accept_allocation)
        .service(decline_allocation)
        .service(close_allocation);
}

/// A referral given to a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationView {
    /// Its id.
    pub id: AllocationId,
    /// The referral, which the service's team may read whole.
    pub referral_id: ReferralId,
    /// The referral's reference; absent once the service has no more to do with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_reference: Option<String>,
    /// The service, a code of the set `service`.
    pub service: String,
    /// Where it stands.
    pub status: AllocationStatus,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The children it is about.
    pub children: Vec<ChildLine>,
    /// When the service was asked.
    pub offered_at: DateTime<Utc>,
    /// When it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// When its work ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it was declined, or what came of the work, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl AllocationView {
    fn of(row: Shown) -> Result<Self, Problem> {
        let children =
            row.children.map(serde_json::from_value).transpose().map_err(|error| Problem::internal(&error))?;
        Ok(Self {
            id: AllocationId(row.id),
            referral_id: ReferralId(row.referral_id),
            referral_reference: row.reference,
            service: row.service,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown allocation status"))?,
            locality: row.locality,
            children: children.unwrap_or_default(),
            offered_at: row.offered_at,
            answered_at: row.answered_at,
            closed_at: row.closed_at,
            outcome: row.outcome,
            note: row.note,
        })
    }
}

/// List allocations
///
/// Those of your team's service, those your hub made, or for First Response all; newest first.
#[utoipa::path(operation_id = "list_allocations", tag = "allocations",
    params(("status" = Option<AllocationStatus>, Query, description = "Only those that stand here"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<AllocationView>), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument)))]
#[get("/v1/allocations")]
async fn list_allocations(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ALLOCATION, async |tx| {
            policy::READ_ALLOCATION.require(&actor)?;
            let mut query = Query::of(&request);
            let status =
                query.optional::<AllocationStatus>("status", "offered, accepted, declined, withdrawn or closed");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, &actor.scopes(), status, cursor, limit).await?;
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.offered_at, id: row.id }, AllocationView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an allocation
#[utoipa::path(operation_id = "read_allocation", tag = "allocations",
    params(("id" = uuid::Uuid, Path, description = "The allocation's id")),
    responses((status = 200, body = AllocationView), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/v1/allocations/{id}")]
async fn read_allocation(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id: AllocationId = id.parse().map_err(|_| Problem::not_found())?;
    let (version, view) = show(&service, &actor, id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: AllocationId) -> Result<(i64, AllocationView), Problem> {
    service
        .read(actor, &policy::READ_ALLOCATION, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show(tx, id).await?;
            policy::READ_ALLOCATION.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, AllocationView::of(row)?))
        })
        .await
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct Acceptance {}

/// Accept an allocation
///
/// The service takes the family on. Refused with 409 if the referral was withdrawn meanwhile.
#[utoipa::path(operation_id = "accept_allocation", tag = "allocations", request_body = Acceptance,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/allocations/{id}/acceptance")]
async fn accept_allocation(
    service: Data<Service>,
    command: Command<Acceptance>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: AllocationId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::ANSWER_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id).await?;
            command.body()?;
            let now = tx.now();
            allocation.answer(tx, Answer::Accept, now, None, None).await?;
            referral.happens(tx, Happening::Accepted, &command.actor, now, None).await?;
            referral.tell_referrer(tx, now, "allocation", "A service is working with the family.").await?;
            let facts = serde_json::json!({
                "allocation_id": id, "referral_id": referral.id, "service": allocation.service, "accepted_at": now,
            });
            tx.publish(Event::new("allocation.accepted.v1", referral.id, facts));
            Ok(Done::changed(allocation.version, AllocationView::of(store::show(tx, id).await?)?))
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
/// With the reason. The referral goes back to whoever asked: the hub's list, or the front door's.
#[utoipa::path(operation_id = "decline_allocation", tag = "allocations", request_body = Decline,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/allocations/{id}/decline")]
async fn decline_allocation(
    service: Data<Service>,
    command: Command<Decline>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: AllocationId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::ANSWER_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            allocation.answer(tx, Answer::Decline, now, None, Some(&body.reason)).await?;
            let what = if store::was_asked_by_hub(tx, referral.id).await? {
                Happening::DeclinedToHub
            } else {
                Happening::DeclinedToFrontDoor
            };
            referral.happens(tx, what, &command.actor, now, Some(&body.reason)).await?;
            let facts = serde_json::json!({
                "allocation_id": id, "referral_id": referral.id, "service": allocation.service, "declined_at": now,
            });
            tx.publish(Event::new("allocation.declined.v1", referral.id, facts));
            let view = AllocationView::of(store::show(tx, id).await?)?;
            // The last thing: from here on the team no longer sees the referral.
            access::revoke(tx, referral.id.0, &format!("team:{}", allocation.service)).await?;
            Ok(Done::changed(allocation.version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// What came of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosingOutcome {
    /// The family's needs are met.
    NeedsMet,
    /// Some of them are.
    NeedsPartlyMet,
    /// They are not.
    NeedsNotMet,
    /// The family no longer took part.
    FamilyDisengaged,
    /// The family moved away.
    MovedAway,
    /// It went to children's social care.
    SteppedUp,
}

impl ClosingOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            ClosingOutcome::NeedsMet => "needs_met",
            ClosingOutcome::NeedsPartlyMet => "needs_partly_met",
            ClosingOutcome::NeedsNotMet => "needs_not_met",
            ClosingOutcome::FamilyDisengaged => "family_disengaged",
            ClosingOutcome::MovedAway => "moved_away",
            ClosingOutcome::SteppedUp => "stepped_up",
        }
    }
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
/// The service ends its work, with an outcome; the referral is closed and its referrer told so.
#[utoipa::path(operation_id = "close_allocation", tag = "allocations", request_body = Closure,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/allocations/{id}/closure")]
async fn close_allocation(
    service: Data<Service>,
    command: Command<Closure>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: AllocationId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::CLOSE_ALLOCATION, async |tx| {
            let (mut allocation, mut referral) = locked(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            allocation.answer(tx, Answer::Close, now, Some(body.outcome.as_str()), Some(&body.summary)).await?;
            referral.happens(tx, Happening::ServiceEnded, &command.actor, now, Some(&body.summary)).await?;
            referral.tell_referrer(tx, now, "closed", "The service has ended its work with the family.").await?;
            let facts = serde_json::json!({
                "allocation_id": id, "referral_id": referral.id, "service": allocation.service,
                "outcome": body.outcome, "closed_at": now,
            });
            tx.publish(Event::new("allocation.closed.v1", referral.id, facts));
            let facts = serde_json::json!({ "referral_id": referral.id, "closed_at": now, "how": "service_ended" });
            tx.publish(Event::new("referral.closed.v1", referral.id, facts));
            Ok(Done::changed(allocation.version, AllocationView::of(store::show(tx, id).await?)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// The allocation and its referral, locked in the order everyone locks them, the referral first;
/// with the checks that come before the body.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: AllocationId,
) -> Result<(store::Allocation, referral::Referral), shared::service::Stop> {
    tx.entry.record = Some(id.0);
    let referral = store::referral_of(tx, id).await?;
    let referral = referral::for_change(tx, referral).await;
    let allocation = store::for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, &["team"]).await?;
    tx.proceed(Some(allocation.version)).await?;
    tx.entry.records.push(id.0);
    // Once a team has declined, or the referral was withdrawn, it no longer sees the referral.
    match referral {
        Ok(referral) => Ok((allocation, referral)),
        Err(problem) if problem.status() == 404 => Err(Problem::conflict(allocation.standing()?).into()),
        Err(problem) => Err(problem.into()),
    }
}
