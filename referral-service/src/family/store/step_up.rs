//! Ending the cases of a referral that is stepped up, whoever sees them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::Value;
use shared::actor::Actor;
use shared::db::{KeepPrepared, from_jsonb};
use shared::problem::Problem;
use uuid::Uuid;

use crate::referral::domain::ReferralId;

/// A case that was ended.
#[derive(Debug)]
pub struct Ended {
    pub case_id: Uuid,
    pub family_id: Uuid,
    pub case_type: String,
    pub team: String,
    pub locality: Option<String>,
    /// Whether it had its closing review already.
    pub measured: bool,
    /// Who belonged to the family on that day.
    pub people: Vec<Person>,
    /// The actions that were cancelled.
    pub actions: Vec<Cancelled>,
    /// What is told of each goal that was dropped.
    pub goals: Vec<Value>,
    /// What is told of each meeting that was cancelled.
    pub meetings: Vec<Value>,
}

/// A member of the family.
#[derive(Debug, Deserialize)]
pub struct Person {
    pub person_id: Uuid,
    pub role: String,
    pub unborn: bool,
    pub birth_date: Option<NaiveDate>,
}

/// An action that was cancelled.
#[derive(Debug, Deserialize)]
pub struct Cancelled {
    pub id: Uuid,
    /// What is told of it.
    pub facts: Value,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    case_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    family_id: Uuid,
    #[diesel(sql_type = Text)]
    case_type: String,
    #[diesel(sql_type = Text)]
    team: String,
    #[diesel(sql_type = Nullable<Text>)]
    locality: Option<String>,
    #[diesel(sql_type = Bool)]
    measured: bool,
    #[diesel(sql_type = Jsonb)]
    people: Value,
    #[diesel(sql_type = Jsonb)]
    actions: Value,
    #[diesel(sql_type = Jsonb)]
    goals: Value,
    #[diesel(sql_type = Jsonb)]
    meetings: Value,
}

/// Ends the open cases of a referral.
///
/// # Errors
/// 500 if the caller does not see the referral.
pub async fn end_cases(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    who: &Actor,
    because: &str,
    at: DateTime<Utc>,
) -> Result<Vec<Ended>, Problem> {
    let rows: Vec<Row> = diesel::sql_query("SELECT * FROM cases_stepped_up($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(referral)
        .bind::<Timestamptz, _>(at)
        .bind::<Text, _>(because)
        .bind::<Text, _>(&who.name)
        .prepared()
        .load(connection)
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Ended {
                case_id: row.case_id,
                family_id: row.family_id,
                case_type: row.case_type,
                team: row.team,
                locality: row.locality,
                measured: row.measured,
                people: from_jsonb(row.people)?,
                actions: from_jsonb(row.actions)?,
                goals: from_jsonb(row.goals)?,
                meetings: from_jsonb(row.meetings)?,
            })
        })
        .collect()
}
