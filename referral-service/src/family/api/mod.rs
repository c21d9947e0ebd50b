//! Families and cases over HTTP.

mod basis;
mod case;
mod case_work;
mod details;
mod family;
mod forming;
mod household;
mod living;
mod member;
mod problem;
mod told_need;
mod worker;

use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::service::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{CaseId, FamilyId};
use super::store::case::case_seen;
use super::store::family::seen;
use super::view::{CaseView, FamilyView, Shown, case_view, family_view};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(family::routes)
        .configure(details::routes)
        .configure(member::routes)
        .configure(living::routes)
        .configure(household::routes)
        .configure(problem::routes)
        .configure(told_need::routes)
        .configure(case::routes)
        .configure(case_work::routes)
        .configure(worker::routes);
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
