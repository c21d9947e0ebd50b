//! Families and cases over HTTP.

mod basis;
mod case;
mod case_work;
mod details;
mod family;
mod household;
mod member;
mod problem;
mod told_need;
mod worker;

use serde::de::DeserializeOwned;
use shared::access;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::service::{Service, Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{CaseId, FamilyId};
use super::store::case::{Case, case_for_change, case_seen, require_caseworker};
use super::store::family::{Family, for_change, seen};
use super::view::{CaseView, FamilyView, Shown, case_view, family_view};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(family::routes)
        .configure(details::routes)
        .configure(member::routes)
        .configure(household::routes)
        .configure(problem::routes)
        .configure(told_need::routes)
        .configure(case::routes)
        .configure(case_work::routes)
        .configure(worker::routes);
}

/// The family, locked, after the checks that come before the body.
async fn family_to_change<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: FamilyId,
) -> Result<Family, Stop> {
    tx.entry.record = Some(id.0);
    let family = for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, &["team", "user"]).await?;
    tx.proceed(Some(family.version)).await?;
    tx.entry.records.push(id.0);
    Ok(family)
}

/// The case, locked, after the checks that come before the body.
async fn case_to_change<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: CaseId,
) -> Result<Case, Stop> {
    tx.entry.record = Some(id.0);
    let case = case_for_change(tx, id).await?;
    require_caseworker(tx, actor, id).await?;
    tx.proceed(Some(case.version)).await?;
    tx.entry.records.push(id.0);
    Ok(case)
}

/// The family as the actor sees it, with its version. Also what a retried change is answered with.
async fn show_family(
    service: &Service,
    actor: &Actor,
    id: FamilyId,
    shown: Option<Shown>,
) -> Result<(i64, FamilyView), Problem> {
    service
        .read(actor, &policy::READ_FAMILY, async |tx| {
            tx.entry.record = Some(id.0);
            let row = seen(tx, id).await?;
            policy::READ_FAMILY.require(actor)?;
            tx.entry.records.push(id.0);
            let (version, today) = (row.version, tx.now().local_day());
            Ok((version, family_view(tx, row, shown.unwrap_or(Shown::On(today))).await?))
        })
        .await
}

/// The case as the actor sees it, with its version.
async fn show_case(service: &Service, actor: &Actor, id: CaseId) -> Result<(i64, CaseView), Problem> {
    service
        .read(actor, &policy::READ_CASE, async |tx| {
            tx.entry.record = Some(id.0);
            let row = case_seen(tx, id).await?;
            policy::READ_CASE.require(actor)?;
            tx.entry.records.push(id.0);
            let (version, now) = (row.version, tx.now());
            Ok((version, case_view(tx, row, now).await?))
        })
        .await
}
