//! What an allocation looks like to whoever reads it.

use std::collections::HashMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::db::Tx;
use shared::db::from_nullable_jsonb;
use shared::deadline::{Standing, standing};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{self, Shown};
use crate::policy;
use crate::referral::allocation::{AllocationStatus, helpers, worker};
use crate::referral::domain::ReferralId;
use crate::referral::offer::{ANSWER_CLOCK, AllocationId, Part};
use crate::referral::view::{ChildLine, Warning};

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
    /// Whether it leads or supports the one that does.
    pub part: Part,
    /// Where it stands.
    pub status: AllocationStatus,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Which kind of work it is, a code of the set `case_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_type: Option<String>,
    /// How complex it is, a code of the set `complexity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<String>,
    /// What the service is asked to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_for: Option<String>,
    /// Why it is asked although it is not for such a family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regardless_reason: Option<String>,
    /// The children it is about.
    pub children: Vec<ChildLine>,
    /// When the service was asked.
    pub offered_at: DateTime<Utc>,
    /// By when it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_due_at: Option<DateTime<Utc>>,
    /// Where the clock of its answer stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_clock: Option<Standing>,
    /// Its place on the waiting list, while it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingView>,
    /// When it accepted or declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// Who leads the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker: Option<WorkerLine>,
    /// By when somebody is to be named who leads, while nobody is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker_due_at: Option<DateTime<Utc>>,
    /// Who supports whoever leads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supporting_workers: Vec<WorkerLine>,
    /// By when such work usually ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_end_at: Option<DateTime<Utc>>,
    /// When its work ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// What came of it. `transferred`: another service took it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it was declined, or what came of the work, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The allocation by which another service took it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_to: Option<Uuid>,
    /// The other services that are asked or at work. Not on lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alongside: Vec<HelperView>,
    /// What you should know and nobody stops you from: a worker's ceiling is exceeded. Only in the answer
    /// to a change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// A place on a waiting list.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingView {
    /// Since when.
    pub since: DateTime<Utc>,
    /// From which day the service expects to have room.
    pub expected_from: NaiveDate,
    /// Why not now.
    pub reason: String,
    /// Its place, 1 the next.
    pub position: i64,
    /// How many wait for the service.
    pub waiting: i64,
}

/// Someone who works on it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkerLine {
    /// The id of their part, by which it is ended.
    pub id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// `lead` or `supporting`.
    pub part: String,
    /// Since when.
    pub from: DateTime<Utc>,
}

/// Another service that is asked or at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelperView {
    /// The service, a code of the set `service`.
    pub service: String,
    /// `lead` or `supporting`.
    pub part: String,
    /// Where its allocation stands.
    pub status: String,
}

#[derive(Deserialize)]
struct Clock {
    due_at: DateTime<Utc>,
    met_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct Queue {
    ahead: i64,
    waiting: i64,
}

impl AllocationView {
    fn of(row: Shown, now: DateTime<Utc>) -> Result<Self, Problem> {
        let status: AllocationStatus =
            row.status.parse().map_err(|()| Problem::internal(&"unknown allocation status"))?;
        let clocks: HashMap<String, Clock> = from_nullable_jsonb(row.clocks)?.unwrap_or_default();
        let workers: Vec<WorkerLine> = from_nullable_jsonb(row.workers)?.unwrap_or_default();
        let queue: Option<Queue> = from_nullable_jsonb(row.queue)?;
        let answer = clocks.get(ANSWER_CLOCK);
        let running = |code: &str| clocks.get(code).filter(|clock| clock.met_at.is_none()).map(|clock| clock.due_at);
        let (leads, supporting_workers): (Vec<_>, Vec<_>) =
            workers.into_iter().partition(|worker| worker.part == Part::Lead.as_str());
        let waiting = match (queue, row.waiting_since, row.expected_from, row.waiting_reason) {
            (Some(queue), Some(since), Some(expected_from), Some(reason)) => {
                Some(WaitingView { since, expected_from, reason, position: queue.ahead + 1, waiting: queue.waiting })
            }
            _ => None,
        };
        Ok(Self {
            id: AllocationId(row.id),
            referral_id: ReferralId(row.referral_id),
            referral_reference: row.reference,
            service: row.service,
            part: row.part.parse().map_err(|()| Problem::internal(&"unknown part"))?,
            status,
            locality: row.locality,
            case_type: row.case_type,
            complexity: row.complexity,
            asked_for: row.asked_for,
            regardless_reason: row.regardless_reason,
            children: from_nullable_jsonb(row.children)?.unwrap_or_default(),
            offered_at: row.offered_at,
            answer_due_at: answer.map(|clock| clock.due_at),
            answer_clock: answer.map(|clock| standing(clock.due_at, clock.met_at, now)),
            waiting,
            answered_at: row.answered_at,
            lead_worker: leads.into_iter().next(),
            lead_worker_due_at: running(worker::CLOCK),
            supporting_workers,
            expected_end_at: running(worker::LENGTH_CLOCK),
            closed_at: row.closed_at,
            outcome: row.outcome,
            note: row.note,
            transferred_to: row.transferred_to,
            alongside: Vec::new(),
            warnings: Vec::new(),
        })
    }
}

/// One allocation with the other services that help, and its version.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn whole(tx: &mut Tx, id: AllocationId, now: DateTime<Utc>) -> Result<(i64, AllocationView), Problem> {
    let row = store::show(tx, id).await?;
    let version = row.version;
    let mut view = AllocationView::of(row, now)?;
    // Whoever no longer sees the referral has no business with who helps there.
    if view.referral_reference.is_some() {
        let others = helpers(tx, view.referral_id).await?;
        let shown = |helper: crate::referral::allocation::Helper| HelperView {
            service: helper.service,
            part: helper.part,
            status: helper.status,
        };
        view.alongside = others.into_iter().filter(|helper| helper.allocation_id != id).map(shown).collect();
    }
    Ok((version, view))
}

/// List allocations
///
/// Those of your team's service, those you work on, those your hub made, or for First Response all;
/// newest first.
#[utoipa::path(operation_id = "list_allocations", tag = "allocations",
    params(("status" = Option<AllocationStatus>, Query, description = "Only those that stand here"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<AllocationView>)))]
#[get("/v1/allocations")]
pub async fn list_allocations(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ALLOCATION, async |tx| {
            policy::READ_ALLOCATION.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query
                .optional::<AllocationStatus>("status", "offered, waiting, accepted, declined, withdrawn or closed");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let now = tx.now();
            let rows = store::list(tx, &actor.scopes(), status, cursor, limit).await?;
            let page = Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.offered_at, id: row.id },
                |row| AllocationView::of(row, now),
            );
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
    responses((status = 200, body = AllocationView)))]
#[get("/v1/allocations/{id}")]
pub async fn read_allocation(
    service: Data<Service>,
    actor: Actor,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = super::show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}
