//! Who works on an allocation.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::AllocationView;
use super::{locked, show, shown, store, warnings};
use crate::policy;
use crate::referral::allocation::worker::{self, Named, Worker};
use crate::referral::offer::{AllocationId, Part};

/// Someone who is to work on it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AllocationWorkerForm, example = json!({ "user_id": "0198c0de-0000-7000-8000-0000000000a1", "name": "Robin Support (invented)" }))]
pub struct WorkerForm {
    /// The user's id.
    pub user_id: Uuid,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

/// A part in the work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user_id": "0198c0de-0000-7000-8000-0000000000a1", "name": "Robin Support (invented)", "part": "lead" }))]
pub struct Assignment {
    /// The user's id.
    pub user_id: Uuid,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Whether they lead or support whoever does.
    pub part: Part,
}

/// Assign a worker
///
/// Names who leads the work or supports whoever does, and lets them see the family by name. One leads at
/// a time: whoever did no longer does. Their ceiling warns and never blocks.
#[utoipa::path(operation_id = "assign_allocation_worker", tag = "allocations", request_body = Assignment,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/workers")]
pub async fn assign_allocation_worker(
    service: Data<Service>,
    command: Command<Assignment>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ASSIGN_ALLOCATION, async |tx| {
            let (mut allocation, referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let named = Named { user: body.user_id, name: &body.name, part: body.part, because: None };
            worker::assign(tx, &command.actor, &mut allocation, &referral, &named, &service.rules()).await?;
            let told = warnings(tx, &allocation.service, body.user_id).await?;
            let view = shown(tx, id).await?;
            Ok(Done::changed(allocation.version, AllocationView { warnings: told, ..view }))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Why a worker's part ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Leaves the county at the end of the month." }))]
pub struct Release {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// End a worker's part
///
/// With the reason. If they led, the clock runs until somebody else is named.
#[utoipa::path(operation_id = "release_allocation_worker", tag = "allocations", request_body = Release,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("part" = uuid::Uuid, Path, description = "The id of the worker's part"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/workers/{part}/end")]
pub async fn release_allocation_worker(
    service: Data<Service>,
    command: Command<Release>,
    path: Path<(AllocationId, Uuid)>,
) -> Result<HttpResponse, Problem> {
    let (id, part) = *path;
    let written = service
        .write(&command, &policy::ASSIGN_ALLOCATION, async |tx| {
            let (mut allocation, referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let rules = service.rules();
            worker::release(tx, &command.actor, &mut allocation, &referral, part, &body.reason, &rules).await?;
            Ok(Done::changed(allocation.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// A worker's part, with its beginning and its end.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkerPart {
    /// Its id.
    pub id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// `lead` or `supporting`.
    pub part: String,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Who said so.
    pub assigned_by: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
}

impl From<Worker> for WorkerPart {
    fn from(row: Worker) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            name: row.name,
            part: row.part,
            from: row.from_at,
            assigned_by: row.assigned_by_name,
            until: row.until_at,
            ended_by: row.ended_by_name,
            ended_because: row.ended_because,
        }
    }
}

/// List an allocation's workers
///
/// Everyone who works or worked on it, in the order they came: a few, each with the beginning and the end.
#[utoipa::path(operation_id = "list_allocation_workers", tag = "allocations",
    params(("id" = uuid::Uuid, Path, description = "The allocation's id")),
    responses((status = 200, body = Vec<WorkerPart>)))]
#[get("/v1/allocations/{id}/workers")]
pub async fn list_allocation_workers(
    service: Data<Service>,
    actor: Actor,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let workers = service
        .read(&actor, &policy::READ_ALLOCATION, async |tx| {
            tx.entry.record = Some(id.0);
            store::show(tx, id).await?;
            policy::READ_ALLOCATION.require(&actor)?;
            tx.entry.records.push(id.0);
            worker::all(tx, id.0).await
        })
        .await?;
    let workers: Vec<WorkerPart> = workers.into_iter().map(WorkerPart::from).collect();
    Ok(HttpResponse::Ok().json(workers))
}
