//! What audits of case files found.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// `audit.finished.v1`.
#[derive(Deserialize)]
struct Finished {
    audit_id: Uuid,
    finished_at: DateTime<Utc>,
    service: Option<String>,
    locality: Option<String>,
    grades: Vec<Grade>,
}

#[derive(Deserialize)]
struct Grade {
    standard: String,
    good: Option<bool>,
}

/// Makes the facts of a finished audit.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    if event.kind != "audit.finished.v1" {
        return Ok(());
    }
    let it: Finished = read(event)?;
    for grade in it.grades {
        sql_query(
            "INSERT INTO audit_grade_fact (audit_id, standard, finished_at, locality, service, good) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (audit_id, standard) DO UPDATE \
             SET finished_at = excluded.finished_at, locality = excluded.locality, service = excluded.service, \
                 good = excluded.good",
        )
        .bind::<SqlUuid, _>(it.audit_id)
        .bind::<Text, _>(&grade.standard)
        .bind::<Timestamptz, _>(it.finished_at)
        .bind::<Nullable<Text>, _>(it.locality.as_deref())
        .bind::<Nullable<Text>, _>(it.service.as_deref())
        .bind::<Nullable<Bool>, _>(grade.good)
        .execute(connection)
        .await?;
    }
    Ok(())
}
