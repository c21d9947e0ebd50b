//! What was told while the child was missing.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::super::api::UpdateForm;
use super::super::domain::EpisodeId;
use crate::schema::missing_update;

#[derive(QueryableByName)]
struct Risk {
    #[diesel(sql_type = Nullable<Text>)]
    risk: Option<String>,
}

/// The risk as last judged, whether the caller may read it or not: it is not for showing.
///
/// # Errors
/// As the database says.
pub async fn risk(connection: &mut AsyncPgConnection, id: EpisodeId) -> Result<Option<String>, Problem> {
    let row: Risk = diesel::sql_query("SELECT missing_risk($1) AS risk")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.risk)
}

/// Keeps what was told while the child is missing.
///
/// # Errors
/// As the database says.
pub async fn keep_update(
    connection: &mut AsyncPgConnection,
    id: EpisodeId,
    form: &UpdateForm,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let seen = form.sighting.as_ref();
    diesel::insert_into(missing_update::table)
        .values((
            missing_update::id.eq(Uuid::now_v7()),
            missing_update::episode_id.eq(id),
            missing_update::risk_level.eq(form.risk_level.as_ref().map(|risk| risk.as_str())),
            missing_update::seen_at.eq(seen.map(|seen| seen.seen_at)),
            missing_update::seen_place.eq(seen.map(|seen| &seen.place)),
            missing_update::seen_told_by.eq(seen.map(|seen| &seen.told_by)),
            missing_update::locality.eq(form.locality.as_ref().map(|locality| locality.as_str())),
            missing_update::note.eq(&form.note),
            missing_update::agency.eq(actor.agency.as_str()),
            missing_update::recorded_by.eq(actor.user),
            missing_update::recorded_by_name.eq(&actor.name),
            missing_update::recorded_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
