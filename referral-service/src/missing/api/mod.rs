//! `/v1/missing-episodes`.

mod interview;
mod read;
mod report;
mod update;

use serde::de::DeserializeOwned;
use shared::access;
use shared::actor::Actor;
use shared::service::{Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub use interview::InterviewForm;
pub use report::{CancellationForm, ReportForm, ReturnForm};
pub use update::UpdateForm;

use super::domain::EpisodeId;
use super::event::Of;
use super::store::{self, Episode};
use super::view::MissingEpisodeView;
use crate::people;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(report::report_missing_child)
        .service(read::list_missing_episodes)
        .service(read::read_missing_episode)
        .service(report::record_missing_return)
        .service(interview::record_return_interview)
        .service(report::give_missing_episode)
        .service(report::cancel_missing_episode)
        .service(update::update_missing_episode);
}

/// In what capacity somebody may say what they know of a missing child.
const CAPACITIES: [&str; 5] = ["front-door", "hub", "team", "agency", "user"];

/// The episode, locked, with the checks that come before the body.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: EpisodeId,
    capacities: &[&str],
) -> Result<Episode, Stop> {
    tx.entry.record = Some(id.0);
    store::hold(tx, id).await?;
    let episode = store::for_change(tx, id).await?;
    access::require_capacity(tx, actor, id.0, capacities).await?;
    tx.proceed(Some(episode.version)).await?;
    tx.entry.records.push(id.0);
    Ok(episode)
}

/// The episode as it stands in this transaction.
async fn shown<T>(tx: &mut Write<'_, T>, id: EpisodeId) -> Result<MissingEpisodeView, Stop> {
    let now = tx.now();
    Ok(MissingEpisodeView::of(store::show(tx, id).await?, now)?)
}

/// What its events say of the episode.
async fn of<'a, T>(tx: &mut Write<'_, T>, episode: &'a Episode) -> Result<Of<'a>, Stop> {
    let child = people::subject_of(tx, episode.id.0).await?;
    Ok(Of { id: episode.id, child, locality: episode.locality.as_deref() })
}
