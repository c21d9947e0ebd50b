//! Group work, brief interventions, feedback, how small children develop, and who is on the pathway.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_query;
use diesel::sql_types::{Bool, Date, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::Value;
use shared::events::{CloudEvent, Failure};
use uuid::Uuid;

use super::read;

/// `group.attendance_recorded.v1`.
#[derive(Deserialize)]
struct Register {
    session_id: Uuid,
    held_on: NaiveDate,
    programme: String,
    service: String,
    locality: Option<String>,
    recorded_at: DateTime<Utc>,
    /// `enrolment_id` and `attendance` of each.
    attendances: Value,
}

/// `group.finished.v1`.
#[derive(Deserialize)]
struct Finished {
    group_id: Uuid,
    finished_on: NaiveDate,
    programme: String,
    service: String,
    locality: Option<String>,
    /// `enrolment_id` and `outcome` of each.
    enrolments: Value,
}

/// `brief.opened.v1`, and `brief.closed.v1`, which says the last four.
#[derive(Deserialize)]
struct Brief {
    intervention_id: Uuid,
    kind: String,
    service: String,
    locality: Option<String>,
    opened_on: NaiveDate,
    closed_on: Option<NaiveDate>,
    outcome: Option<String>,
    planned: Option<bool>,
    in_time: Option<bool>,
}

/// `feedback.given.v1`.
#[derive(Deserialize)]
struct Given {
    feedback_id: Uuid,
    occasion: String,
    service: String,
    locality: Option<String>,
    given_on: NaiveDate,
    /// `question`, `kind`, `answered` and `positive` of each.
    answers: Value,
}

/// `development.checked.v1`.
#[derive(Deserialize)]
struct Checked {
    check_id: Uuid,
    person_ids: Vec<Uuid>,
    service: String,
    locality: Option<String>,
    checked_on: NaiveDate,
    corrects: Option<Uuid>,
    /// `area` and `judgement` of each.
    judgements: Value,
}

/// `pathway.joined.v1`, which says `months_to_go`, and `pathway.left.v1`, which says the two after it.
#[derive(Deserialize)]
struct Membership {
    membership_id: Uuid,
    person_ids: Vec<Uuid>,
    service: String,
    locality: Option<String>,
    joined_on: NaiveDate,
    months_to_go: Option<i16>,
    left_on: Option<NaiveDate>,
    because: Option<String>,
}

/// Makes the facts of groups, brief interventions, feedback, development and the pathway.
///
/// # Errors
/// Lasting if the event lacks what its kind must say; otherwise as the database says.
pub async fn apply(connection: &mut AsyncPgConnection, event: &CloudEvent) -> Result<(), Failure> {
    match event.kind.as_str() {
        "group.attendance_recorded.v1" => register(connection, read(event)?).await?,
        "group.finished.v1" => finished(connection, read(event)?).await?,
        "brief.opened.v1" | "brief.closed.v1" => brief(connection, read(event)?).await?,
        "feedback.given.v1" => given(connection, read(event)?).await?,
        "development.checked.v1" => checked(connection, read(event)?).await?,
        "pathway.joined.v1" | "pathway.left.v1" => membership(connection, read(event)?).await?,
        _ => 0,
    };
    Ok(())
}

/// A line that is told again takes the place of the one before.
async fn register(connection: &mut AsyncPgConnection, it: Register) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO group_attendance_fact AS f (session_id, enrolment_id, held_on, attendance, programme, service, locality, recorded_at) \
         SELECT $1, t.enrolment_id, $2, t.attendance, $3, $4, $5, $6 \
         FROM jsonb_to_recordset($7) AS t(enrolment_id uuid, attendance text) \
         ON CONFLICT (session_id, enrolment_id) DO UPDATE \
         SET attendance = excluded.attendance, recorded_at = excluded.recorded_at WHERE f.recorded_at <= excluded.recorded_at",
    )
    .bind::<SqlUuid, _>(it.session_id)
    .bind::<Date, _>(it.held_on)
    .bind::<Text, _>(it.programme)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Timestamptz, _>(it.recorded_at)
    .bind::<Jsonb, _>(it.attendances)
    .execute(connection)
    .await
}

async fn finished(connection: &mut AsyncPgConnection, it: Finished) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO group_completion_fact (enrolment_id, group_id, outcome, finished_on, programme, service, locality) \
         SELECT t.enrolment_id, $1, t.outcome, $2, $3, $4, $5 \
         FROM jsonb_to_recordset($6) AS t(enrolment_id uuid, outcome text) \
         ON CONFLICT (enrolment_id) DO UPDATE SET outcome = excluded.outcome, finished_on = excluded.finished_on",
    )
    .bind::<SqlUuid, _>(it.group_id)
    .bind::<Date, _>(it.finished_on)
    .bind::<Text, _>(it.programme)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Jsonb, _>(it.enrolments)
    .execute(connection)
    .await
}

/// What only the end says is kept when the beginning is told again.
async fn brief(connection: &mut AsyncPgConnection, it: Brief) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO brief_fact AS f (intervention_id, kind, service, locality, opened_on, closed_on, outcome, planned, in_time) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (intervention_id) DO UPDATE \
         SET closed_on = coalesce(excluded.closed_on, f.closed_on), outcome = coalesce(excluded.outcome, f.outcome), \
             planned = coalesce(excluded.planned, f.planned), in_time = coalesce(excluded.in_time, f.in_time)",
    )
    .bind::<SqlUuid, _>(it.intervention_id)
    .bind::<Text, _>(it.kind)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Date, _>(it.opened_on)
    .bind::<Nullable<Date>, _>(it.closed_on)
    .bind::<Nullable<Text>, _>(it.outcome)
    .bind::<Nullable<Bool>, _>(it.planned)
    .bind::<Nullable<Bool>, _>(it.in_time)
    .execute(connection)
    .await
}

async fn given(connection: &mut AsyncPgConnection, it: Given) -> Result<usize, diesel::result::Error> {
    sql_query(
        "INSERT INTO feedback_fact (feedback_id, question, occasion, kind, given_on, answered, positive, service, locality) \
         SELECT $1, t.question, $2, t.kind, $3, t.answered, t.positive, $4, $5 \
         FROM jsonb_to_recordset($6) AS t(question text, kind text, answered boolean, positive boolean) \
         ON CONFLICT (feedback_id, question) DO UPDATE SET answered = excluded.answered, positive = excluded.positive",
    )
    .bind::<SqlUuid, _>(it.feedback_id)
    .bind::<Text, _>(it.occasion)
    .bind::<Date, _>(it.given_on)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Jsonb, _>(it.answers)
    .execute(connection)
    .await
}

async fn checked(connection: &mut AsyncPgConnection, it: Checked) -> Result<usize, diesel::result::Error> {
    let Some(person) = it.person_ids.into_iter().next() else { return Ok(0) };
    sql_query(
        "INSERT INTO development_fact (check_id, area, person_id, checked_on, judgement, corrects, service, locality) \
         SELECT $1, t.area, $2, $3, t.judgement, $4, $5, $6 FROM jsonb_to_recordset($7) AS t(area text, judgement text) \
         ON CONFLICT (check_id, area) DO UPDATE SET judgement = excluded.judgement",
    )
    .bind::<SqlUuid, _>(it.check_id)
    .bind::<SqlUuid, _>(person)
    .bind::<Date, _>(it.checked_on)
    .bind::<Nullable<SqlUuid>, _>(it.corrects)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .bind::<Jsonb, _>(it.judgements)
    .execute(connection)
    .await
}

/// What only the joining or only the leaving says is kept when the other is told, or told again.
async fn membership(connection: &mut AsyncPgConnection, it: Membership) -> Result<usize, diesel::result::Error> {
    let Some(person) = it.person_ids.into_iter().next() else { return Ok(0) };
    sql_query(
        "INSERT INTO pathway_fact AS f (membership_id, person_id, joined_on, months_to_go, left_on, because, service, locality) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (membership_id) DO UPDATE \
         SET months_to_go = coalesce(excluded.months_to_go, f.months_to_go), left_on = coalesce(excluded.left_on, f.left_on), \
             because = coalesce(excluded.because, f.because)",
    )
    .bind::<SqlUuid, _>(it.membership_id)
    .bind::<SqlUuid, _>(person)
    .bind::<Date, _>(it.joined_on)
    .bind::<Nullable<SmallInt>, _>(it.months_to_go)
    .bind::<Nullable<Date>, _>(it.left_on)
    .bind::<Nullable<Text>, _>(it.because)
    .bind::<Text, _>(it.service)
    .bind::<Nullable<Text>, _>(it.locality)
    .execute(connection)
    .await
}
