//! Evidence of headline problems, and the rule of the day.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::FamilyId;
use crate::family::domain::eligibility::{Noted, Programme};
use crate::schema::family_problem;

/// A piece of evidence.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = family_problem)]
pub struct Evidence {
    pub id: Uuid,
    pub family_id: FamilyId,
    pub code: String,
    pub person_id: Option<Uuid>,
    pub evidence: String,
    pub source: String,
    pub noted_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Uuid,
    pub recorded_by_name: String,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_by_name: Option<String>,
    pub withdrawn_because: Option<String>,
}

/// What is noted of a problem.
#[derive(Debug)]
pub struct NewEvidence {
    /// The headline problem.
    pub code: String,
    /// Whose it is, if one person's.
    pub person_id: Option<Uuid>,
    /// What speaks for it.
    pub evidence: String,
    /// Who says so.
    pub source: String,
    /// When it was noted.
    pub noted_on: NaiveDate,
}

impl Evidence {
    /// As it is first kept.
    pub fn of(family: FamilyId, noted: NewEvidence, who: &Actor, at: DateTime<Utc>) -> Self {
        Self {
            id: Uuid::now_v7(),
            family_id: family,
            code: noted.code,
            person_id: noted.person_id,
            evidence: noted.evidence,
            source: noted.source,
            noted_on: noted.noted_on,
            recorded_at: at,
            recorded_by: who.user.0,
            recorded_by_name: who.name.clone(),
            withdrawn_at: None,
            withdrawn_by_name: None,
            withdrawn_because: None,
        }
    }

    /// As the rules see it.
    pub fn noted(&self) -> Noted {
        Noted {
            code: self.code.clone(),
            person: self.person_id,
            noted_on: self.noted_on,
            withdrawn_on: self.withdrawn_at.map(|at| at.local_day()),
        }
    }
}

/// The evidence of a family, withdrawn pieces too, in the order it was noted.
///
/// # Errors
/// As the database says.
pub async fn evidence(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Vec<Evidence>, Problem> {
    Ok(family_problem::table
        .filter(family_problem::family_id.eq(id))
        .order((family_problem::noted_on, family_problem::id))
        .select(Evidence::as_select())
        .load(connection)
        .await?)
}

/// Keeps pieces of evidence.
///
/// # Errors
/// As the database says.
pub async fn add(connection: &mut AsyncPgConnection, rows: &[Evidence]) -> Result<(), Problem> {
    diesel::insert_into(family_problem::table).values(rows).execute(connection).await?;
    Ok(())
}

/// Withdraws a piece of evidence.
///
/// # Errors
/// As the database says.
pub async fn withdraw(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    at: DateTime<Utc>,
    who: &Actor,
    because: &str,
) -> Result<(), Problem> {
    diesel::update(family_problem::table.find(id))
        .set((
            family_problem::withdrawn_at.eq(at),
            family_problem::withdrawn_by_name.eq(&who.name),
            family_problem::withdrawn_because.eq(because),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Rule {
    #[diesel(sql_type = Text)]
    framework: String,
    #[diesel(sql_type = SmallInt)]
    threshold: i16,
    #[diesel(sql_type = Array<Text>)]
    case_types: Vec<String>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Bool)]
    verified: bool,
}

/// The programme's rule of a day; none before there was a programme.
///
/// # Errors
/// As the database says.
pub async fn programme(connection: &mut AsyncPgConnection, on: NaiveDate) -> Result<Option<Programme>, Problem> {
    let rule: Option<Rule> = diesel::sql_query(
        "SELECT framework, threshold, case_types, source, verified FROM programme_rule
         WHERE valid_from <= $1 AND (valid_to IS NULL OR $1 < valid_to) ORDER BY valid_from DESC LIMIT 1",
    )
    .bind::<Date, _>(on)
    .prepared()
    .get_result(connection)
    .await
    .optional()?;
    Ok(rule.map(|rule| Programme {
        framework: rule.framework,
        threshold: rule.threshold,
        case_types: rule.case_types,
        source: rule.source,
        verified: rule.verified,
    }))
}
