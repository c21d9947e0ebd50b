//! `/v1/allocations` and `/v1/caseloads`.

mod answer;
mod caseload;
mod classify;
mod transfer;
mod view;
mod worker;

use serde::de::DeserializeOwned;
use shared::access;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::service::{Service, Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use self::view::AllocationView;
use super::domain;
use super::store;
use crate::policy;
use crate::referral::allocation::{Allocation, for_change, referral_of};
use crate::referral::offer::AllocationId;
use crate::referral::view::Warning;
use crate::referral::{self, Referral};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(view::list_allocations)
        .service(view::read_allocation)
        .service(answer::accept_allocation)
        .service(answer::wait_allocation)
        .service(answer::decline_allocation)
        .service(answer::close_allocation)
        .service(transfer::transfer_allocation)
        .service(worker::list_allocation_workers)
        .service(worker::assign_allocation_worker)
        .service(worker::release_allocation_worker)
        .service(classify::classify_allocation)
        .service(caseload::read_caseload)
        .service(caseload::set_caseload_ceiling);
}

/// The allocation and its referral, locked in the order everyone locks them, the referral first;
/// with the checks that come before the body. The caller acts in one of the capacities.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: AllocationId,
    capacities: &[&str],
) -> Result<(Allocation, Referral), Stop> {
    tx.entry.record = Some(id.0);
    let referral = referral_of(tx, id).await?;
    let referral = referral::for_change(tx, referral).await;
    let allocation = for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, capacities).await?;
    tx.proceed(Some(allocation.version)).await?;
    tx.entry.records.push(id.0);
    // Once a team has declined, or the referral was withdrawn, it no longer sees the referral.
    match referral {
        Ok(referral) => Ok((allocation, referral)),
        Err(problem) if problem.status() == 404 => Err(Problem::conflict(allocation.status()?.in_words()).into()),
        Err(problem) => Err(problem.into()),
    }
}

/// The allocation as it stands in this transaction.
async fn shown<T>(tx: &mut Write<'_, T>, id: AllocationId) -> Result<AllocationView, Problem> {
    let now = tx.now();
    view::whole(tx, id, now).await.map(|(_, view)| view)
}

/// The same read anew: what a retried change is answered with.
async fn show(service: &Service, actor: &Actor, id: AllocationId) -> Result<(i64, AllocationView), Problem> {
    service
        .read(actor, &policy::READ_ALLOCATION, async |tx| {
            tx.entry.record = Some(id.0);
            let now = tx.now();
            let found = view::whole(tx, id, now).await?;
            policy::READ_ALLOCATION.require(actor)?;
            tx.entry.records.push(id.0);
            Ok(found)
        })
        .await
}

/// What a team should know of a worker who was just given more.
async fn warnings<T>(tx: &mut Write<'_, T>, team: &str, worker: uuid::Uuid) -> Result<Vec<Warning>, Problem> {
    let today = tx.now().local_day();
    let ceilings = store::ceilings(tx, team).await?;
    if domain::ceiling_of(&ceilings, worker).is_none() {
        return Ok(Vec::new());
    }
    let loads = store::loads(tx, team, today).await?;
    Ok(domain::over(&loads, &ceilings, worker).into_iter().collect())
}
