//! What was measured at an assessment or a review: where the family stands on the ladder, and which
//! answers named an issue.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Date, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use crate::projection::read;

/// `assessment.completed.v1`: an assessment, a review, or what was measured at closure.
#[derive(Deserialize)]
struct Completed {
    measurement_id: Uuid,
    case_id: Uuid,
    point: String,
    measured_on: NaiveDate,
    completed_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    in_time: Option<bool>,
    corrects: Option<Uuid>,
    /// When the review after this one is due.
    review_due_at: Option<DateTime<Utc>>,
    team: Option<String>,
    locality: Option<String>,
    #[serde(default)]
    scores: Vec<Score>,
    #[serde(default)]
    issues: Vec<Issue>,
}

#[derive(Deserialize)]
struct Score {
    area: String,
    /// None where the area does not apply to the family.
    score: Option<i16>,
    /// The stage's place on the ladder, from 1 for the lowest.
    stage: Option<i16>,
    #[serde(default)]
    little_or_no_support: bool,
}

#[derive(Deserialize)]
struct Issue {
    question: String,
    /// Whom it is about; nobody if it is about the family.
    person_id: Option<Uuid>,
    /// Whether the answer names an issue; none if the answer is not known or no question of one.
    issue: Option<bool>,
}

/// Makes the facts of a measurement.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    if event.kind == "assessment.completed.v1" {
        let it: Completed = read(event)?;
        measured(connection, &it).await?;
        scores(connection, &it).await?;
        issues(connection, &it).await?;
    }
    Ok(())
}

async fn measured(connection: &mut AsyncPgConnection, it: &Completed) -> Result<usize, diesel::result::Error> {
    // Completed once and never changed: what is there already is the same.
    sql_query(
        "INSERT INTO measurement_fact (measurement_id, case_id, point, measured_on, completed_at, due_at, in_time, \
             corrects, review_due_at, locality, service) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (measurement_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(it.measurement_id)
    .bind::<SqlUuid, _>(it.case_id)
    .bind::<Text, _>(&it.point)
    .bind::<Date, _>(it.measured_on)
    .bind::<Timestamptz, _>(it.completed_at)
    .bind::<Nullable<Timestamptz>, _>(it.due_at)
    .bind::<Nullable<Bool>, _>(it.in_time)
    .bind::<Nullable<SqlUuid>, _>(it.corrects)
    .bind::<Nullable<Timestamptz>, _>(it.review_due_at)
    .bind::<Nullable<Text>, _>(it.locality.as_deref())
    .bind::<Nullable<Text>, _>(it.team.as_deref())
    .execute(connection)
    .await
}

async fn scores(connection: &mut AsyncPgConnection, it: &Completed) -> Result<usize, diesel::result::Error> {
    let given: Vec<(&str, i16, i16, bool)> =
        it.scores.iter().filter_map(|s| Some((s.area.as_str(), s.score?, s.stage?, s.little_or_no_support))).collect();
    sql_query(
        "INSERT INTO score_fact (measurement_id, area, score, stage, little_or_no_support) \
         SELECT $1, * FROM unnest($2, $3, $4, $5) ON CONFLICT (measurement_id, area) DO NOTHING",
    )
    .bind::<SqlUuid, _>(it.measurement_id)
    .bind::<Array<Text>, _>(given.iter().map(|s| s.0).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(given.iter().map(|s| s.1).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(given.iter().map(|s| s.2).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(given.iter().map(|s| s.3).collect::<Vec<_>>())
    .execute(connection)
    .await
}

/// One question may have several answers about one subject (debts): it is an issue if one of them is.
async fn issues(connection: &mut AsyncPgConnection, it: &Completed) -> Result<usize, diesel::result::Error> {
    let told: Vec<(&str, Uuid, bool)> = it
        .issues
        .iter()
        .filter_map(|i| Some((i.question.as_str(), i.person_id.unwrap_or(Uuid::nil()), i.issue?)))
        .collect();
    sql_query(
        "INSERT INTO issue_fact (measurement_id, question, person_id, issue) \
         SELECT $1, t.question, t.person_id, bool_or(t.issue) FROM unnest($2, $3, $4) AS t(question, person_id, issue) \
         GROUP BY t.question, t.person_id ON CONFLICT (measurement_id, question, person_id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(it.measurement_id)
    .bind::<Array<Text>, _>(told.iter().map(|i| i.0).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(told.iter().map(|i| i.1).collect::<Vec<_>>())
    .bind::<Array<Bool>, _>(told.iter().map(|i| i.2).collect::<Vec<_>>())
    .execute(connection)
    .await
}
