//! The rows of developmental checks.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::DevelopmentArea;
use super::domain::DevelopmentCheckId;
use crate::schema::{development_check, development_judgement, person};

/// A child of the index, as far as a check needs it.
#[derive(Debug, Queryable)]
pub struct Child {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: Option<NaiveDate>,
}

/// The child, if the caller sees it whole.
///
/// # Errors
/// 404 if not.
pub async fn child(connection: &mut AsyncPgConnection, id: PersonId) -> Result<Child, Problem> {
    person::table
        .find(id)
        .select((person::given_name, person::family_name, person::birth_date))
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The child's family now, and its district.
#[derive(Debug, QueryableByName)]
pub struct Home {
    #[diesel(sql_type = SqlUuid)]
    pub family_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
}

/// The family the child belongs to on a day, its main household before another, as far as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn home(connection: &mut AsyncPgConnection, child: PersonId, on: NaiveDate) -> Result<Option<Home>, Problem> {
    let rows: Vec<Home> = diesel::sql_query(
        "SELECT m.family_id, f.locality FROM family_member m JOIN family f ON f.id = m.family_id
         WHERE m.person_id = $1 AND (m.to_date IS NULL OR m.to_date > $2)
         ORDER BY m.main_household DESC, m.from_date, m.id LIMIT 1",
    )
    .bind::<SqlUuid, _>(child)
    .bind::<Date, _>(on)
    .prepared()
    .load(connection)
    .await?;
    Ok(rows.into_iter().next())
}

/// A check's row.
#[derive(Debug, Insertable)]
#[diesel(table_name = development_check)]
pub struct Check {
    pub id: DevelopmentCheckId,
    pub person_id: PersonId,
    pub family_id: Option<Uuid>,
    pub service: String,
    pub locality: Option<String>,
    pub checked_on: NaiveDate,
    pub age_months: i16,
    pub words: Option<String>,
    pub corrects: Option<DevelopmentCheckId>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: Uuid,
    pub recorded_by_name: String,
}

/// Keeps a check.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    check: &Check,
    judgements: &[DevelopmentArea],
) -> Result<(), Problem> {
    diesel::insert_into(development_check::table).values(check).execute(connection).await?;
    let rows: Vec<_> = judgements
        .iter()
        .map(|one| {
            (
                development_judgement::check_id.eq(check.id),
                development_judgement::area.eq(one.area.as_str()),
                development_judgement::judgement.eq(one.judgement.as_str()),
            )
        })
        .collect();
    diesel::insert_into(development_judgement::table).values(rows).execute(connection).await?;
    Ok(())
}

/// A check as it is shown.
#[derive(Debug, QueryableByName)]
pub struct CheckShown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Date)]
    pub checked_on: NaiveDate,
    #[diesel(sql_type = SmallInt)]
    pub age_months: i16,
    #[diesel(sql_type = Nullable<Text>)]
    pub words: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub membership_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub corrects: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    pub corrected: bool,
    #[diesel(sql_type = Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub recorded_by_name: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub judgements: Option<serde_json::Value>,
}

/// The statement behind a child's checks, by age. A check belongs to the time on the pathway that holds its day,
/// also if that is recorded later: so it is looked up and not kept.
pub const CHECKS: &str = "\
SELECT c.*, EXISTS (SELECT 1 FROM development_check n WHERE n.corrects = c.id) AS corrected,
       (SELECT m.id FROM pathway_membership m
        WHERE m.person_id = c.person_id AND m.joined_on <= c.checked_on AND (m.left_on IS NULL OR m.left_on >= c.checked_on)
        ORDER BY m.joined_on DESC, m.id DESC LIMIT 1) AS membership_id,
       (SELECT jsonb_agg(jsonb_build_object('area', j.area, 'judgement', j.judgement) ORDER BY j.area)
        FROM development_judgement j WHERE j.check_id = c.id) AS judgements
FROM development_check c WHERE c.person_id = $1 ORDER BY c.checked_on, c.recorded_at, c.id";

/// A child's checks that the caller sees, by age.
///
/// # Errors
/// As the database says.
pub async fn checks(connection: &mut AsyncPgConnection, child: PersonId) -> Result<Vec<CheckShown>, Problem> {
    Ok(diesel::sql_query(CHECKS).bind::<SqlUuid, _>(child).prepared().load(connection).await?)
}
