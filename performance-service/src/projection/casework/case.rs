//! Cases.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use crate::projection::read;

/// `case.opened.v1`.
#[derive(Deserialize)]
struct Opened {
    case_id: Uuid,
    family_id: Uuid,
    referral_id: Option<Uuid>,
    case_type: String,
    team: String,
    locality: Option<String>,
    opened_at: DateTime<Utc>,
    eligible: Option<bool>,
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    person_ids: Vec<Uuid>,
    #[serde(default)]
    children: i32,
    #[serde(default)]
    under_5: i32,
}

/// `case.engaged.v1`.
#[derive(Deserialize)]
struct Engaged {
    case_id: Uuid,
    engaged_on: NaiveDate,
    /// When the assessment is due, if a limit holds for it.
    assessment_due_at: Option<DateTime<Utc>>,
}

/// `case.closed.v1`.
#[derive(Deserialize)]
struct Closed {
    case_id: Uuid,
    closed_at: DateTime<Utc>,
    outcome: String,
    planned_exit: Option<bool>,
}

/// Makes the facts of a case.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "case.opened.v1" => opened(connection, read(event)?).await?,
        "case.engaged.v1" => engaged(connection, read(event)?).await?,
        "case.closed.v1" => closed(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

async fn opened(connection: &mut AsyncPgConnection, it: Opened) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO case_fact (case_id, family_id, referral_id, case_type, service, locality, opened_at, eligible, \
             problems, people, children, under_5) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (case_id) DO UPDATE \
         SET family_id = excluded.family_id, referral_id = excluded.referral_id, case_type = excluded.case_type, \
             service = excluded.service, locality = excluded.locality, opened_at = excluded.opened_at, \
             eligible = excluded.eligible, problems = excluded.problems, people = excluded.people, \
             children = excluded.children, under_5 = excluded.under_5",
    )
    .bind::<SqlUuid, _>(it.case_id)
    .bind::<SqlUuid, _>(it.family_id)
    .bind::<Nullable<SqlUuid>, _>(it.referral_id)
    .bind::<Text, _>(it.case_type)
    .bind::<Text, _>(it.team)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Timestamptz, _>(it.opened_at)
    .bind::<Nullable<Bool>, _>(it.eligible)
    .bind::<Array<Text>, _>(it.problems)
    .bind::<Integer, _>(i32::try_from(it.person_ids.len()).unwrap_or(i32::MAX))
    .bind::<Integer, _>(it.children)
    .bind::<Integer, _>(it.under_5)
    .execute(connection)
    .await
}

async fn engaged(connection: &mut AsyncPgConnection, it: Engaged) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO case_fact (case_id, engaged_on, assessment_due_at) VALUES ($1, $2, $3) \
         ON CONFLICT (case_id) DO UPDATE \
         SET engaged_on = excluded.engaged_on, assessment_due_at = excluded.assessment_due_at",
    )
    .bind::<SqlUuid, _>(it.case_id)
    .bind::<Date, _>(it.engaged_on)
    .bind::<Nullable<Timestamptz>, _>(it.assessment_due_at)
    .execute(connection)
    .await
}

async fn closed(connection: &mut AsyncPgConnection, it: Closed) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO case_fact (case_id, closed_at, outcome, planned_exit) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (case_id) DO UPDATE \
         SET closed_at = excluded.closed_at, outcome = excluded.outcome, planned_exit = excluded.planned_exit",
    )
    .bind::<SqlUuid, _>(it.case_id)
    .bind::<Timestamptz, _>(it.closed_at)
    .bind::<Text, _>(it.outcome)
    .bind::<Nullable<Bool>, _>(it.planned_exit)
    .execute(connection)
    .await
}
