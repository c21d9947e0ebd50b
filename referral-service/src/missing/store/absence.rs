//! One absence that two reported, each not seeing the other's report. What is found here is for marking, following and
//! telling other services; it is never shown to the caller.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;

use super::super::domain::EpisodeId;
use crate::schema::missing_same_absence;

/// The first open episode of a child.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct First {
    /// The episode.
    #[diesel(sql_type = SqlUuid)]
    pub id: EpisodeId,
    /// Which of the child's it was.
    #[diesel(sql_type = Integer)]
    pub repeat_number: i32,
}

/// The first open episode of a child, whoever asks. Until the transaction ends nobody else reports this child or changes
/// an episode of it: two at the same moment would not see each other.
///
/// # Errors
/// As the database says.
pub async fn first_open(connection: &mut AsyncPgConnection, child: PersonId) -> Result<Option<First>, Problem> {
    let rows: Vec<First> = sql_query("SELECT id, repeat_number FROM missing_absence_of($1)")
        .bind::<SqlUuid, _>(child)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().next())
}

/// Marks an episode as the same absence as one that was reported before.
///
/// # Errors
/// As the database says.
pub async fn mark(connection: &mut AsyncPgConnection, id: EpisodeId, same_as: EpisodeId) -> Result<(), Problem> {
    diesel::insert_into(missing_same_absence::table)
        .values((missing_same_absence::episode_id.eq(id), missing_same_absence::same_as.eq(same_as)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Waits for whoever changes an episode of the same child.
///
/// # Errors
/// As the database says.
pub async fn hold(connection: &mut AsyncPgConnection, id: EpisodeId) -> Result<(), Problem> {
    sql_query("SELECT missing_absence_hold($1)").bind::<SqlUuid, _>(id).prepared().execute(connection).await?;
    Ok(())
}

/// Another episode of the same absence.
#[derive(Clone, Debug, QueryableByName)]
pub struct Follower {
    /// The episode.
    #[diesel(sql_type = SqlUuid)]
    pub id: EpisodeId,
    /// Its district.
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    /// Since when the child was missing, as it was told.
    #[diesel(sql_type = Timestamptz)]
    pub missing_since: DateTime<Utc>,
    /// Whether it stands where this one stands now; not, if the caller does not hold it.
    #[diesel(sql_type = Bool)]
    pub followed: bool,
}

/// Lets the other episodes of the absence that the caller holds stand where this one stands, with its clock; and finds
/// those whose holders must be told of a return that they did not record.
///
/// # Errors
/// As the database says.
pub async fn follow(
    connection: &mut AsyncPgConnection,
    id: EpisodeId,
    now: DateTime<Utc>,
) -> Result<Vec<Follower>, Problem> {
    Ok(sql_query("SELECT id, locality, missing_since, followed FROM missing_absence_follow($1, $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .load(connection)
        .await?)
}
