//! What other agencies were asked to do for a family, and whether they did.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_query;
use diesel::sql_types::{Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// What every event of an action says, and what only some do.
#[derive(Deserialize)]
struct Told {
    action_id: Uuid,
    /// Whose it is, if it is another agency's.
    agency: Option<String>,
    team: Option<String>,
    locality: Option<String>,
    due_on: NaiveDate,
    proposed_at: DateTime<Utc>,
    /// Of all but `action.proposed.v1`.
    at: Option<DateTime<Utc>>,
    /// Of `action.completed.v1`.
    completed_on: Option<NaiveDate>,
}

/// Makes the facts of an action; those of the family and of workers are passed over.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    let kind = event.kind.as_str();
    if !matches!(
        kind,
        "action.proposed.v1"
            | "action.accepted.v1"
            | "action.declined.v1"
            | "action.completed.v1"
            | "action.cancelled.v1"
    ) {
        return Ok(());
    }
    let it: Told = read(event)?;
    if let Some(agency) = it.agency.clone() {
        told(connection, kind, &agency, it).await?;
    }
    Ok(())
}

/// What only one kind of event says is kept when another is told, or told again.
async fn told(
    connection: &mut AsyncPgConnection,
    kind: &str,
    agency: &str,
    it: Told,
) -> Result<usize, diesel::result::Error> {
    let at = |of: &str| it.at.filter(|_| kind == of);
    sql_query(
        "INSERT INTO agency_action_fact AS f \
             (action_id, agency, service, locality, due_on, proposed_at, accepted_at, declined_at, completed_on, cancelled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (action_id) DO UPDATE \
         SET accepted_at = coalesce(excluded.accepted_at, f.accepted_at), \
             declined_at = coalesce(excluded.declined_at, f.declined_at), \
             completed_on = coalesce(excluded.completed_on, f.completed_on), \
             cancelled_at = coalesce(excluded.cancelled_at, f.cancelled_at)",
    )
    .bind::<SqlUuid, _>(it.action_id)
    .bind::<Text, _>(agency)
    .bind::<Nullable<Text>, _>(it.team.as_deref())
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .bind::<Date, _>(it.due_on)
    .bind::<Timestamptz, _>(it.proposed_at)
    .bind::<Nullable<Timestamptz>, _>(at("action.accepted.v1"))
    .bind::<Nullable<Timestamptz>, _>(at("action.declined.v1"))
    .bind::<Nullable<Date>, _>(it.completed_on.filter(|_| kind == "action.completed.v1"))
    .bind::<Nullable<Timestamptz>, _>(at("action.cancelled.v1"))
    .execute(connection)
    .await
}
