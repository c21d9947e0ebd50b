//! `/v1/brief-interventions`.

mod closing;
mod contact;
mod open;
mod read;

use serde::de::DeserializeOwned;
use shared::actor::Actor;
use shared::problem::{self, Problem};
use shared::service::{Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub use closing::BriefClosure;
pub use contact::BriefContactForm;

use super::domain::BriefInterventionId;
use super::store::{self, Brief};
use super::view::BriefView;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(open::open_brief_intervention)
        .service(read::list_brief_interventions)
        .service(read::read_brief_intervention)
        .service(contact::record_brief_contact)
        .service(closing::close_brief_intervention);
}

/// The brief intervention, locked, with the checks that come before the body. `itself` says whether it is
/// changed, or something is only added to it.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: BriefInterventionId,
    itself: bool,
) -> Result<Brief, Stop> {
    tx.entry.record = Some(id.0);
    let brief = store::for_change(tx, id).await?;
    // Whoever has the family sees it too, and does not do it.
    if !actor.scopes().contains(&format!("team:{}", brief.service)) {
        return Err(Problem::new(problem::NOT_ALLOWED).into());
    }
    tx.proceed(itself.then_some(brief.version)).await?;
    tx.entry.records.push(id.0);
    Ok(brief)
}

/// The brief intervention as it stands in this transaction.
async fn shown<T>(tx: &mut Write<'_, T>, id: BriefInterventionId) -> Result<BriefView, Stop> {
    let now = tx.now();
    Ok(BriefView::of(store::show(tx, id).await?, now)?)
}
