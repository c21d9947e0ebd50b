//! Observations and their versions.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::calendar::LocalDay;
use shared::page::Cursor;
use shared::problem::{self, Problem};
use uuid::Uuid;

use crate::measure::Decimal;
use crate::schema::{observation, observation_version};

/// Where a figure stands.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = observation)]
pub struct Point {
    /// Its id.
    pub id: Uuid,
    /// Of which indicator.
    pub indicator: String,
    /// The first day.
    pub period_from: NaiveDate,
    /// The last day.
    pub period_to: NaiveDate,
    /// What the source calls the period.
    pub period_label: String,
    /// Of where.
    pub geography: String,
    /// The current version.
    pub version: i64,
}

/// One version of a figure.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = observation_version)]
pub struct Version {
    /// Of which observation.
    pub observation_id: Uuid,
    /// Which version.
    pub version: i64,
    /// The number.
    pub value: Decimal,
    /// To how many decimals it was printed.
    pub decimals: i16,
    /// What was counted.
    pub numerator: Option<i64>,
    /// Out of how many.
    pub denominator: Option<i64>,
    /// Where it was published.
    pub source: String,
    /// What the source adds.
    pub note: Option<String>,
    /// The figure with its marks.
    pub printed: Option<String>,
    /// Whether it may still change.
    pub provisional: bool,
    /// Why the one before was revised.
    pub reason: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// An observation.
///
/// # Errors
/// 404 if there is none of this id.
pub async fn find(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Point, Problem> {
    observation::table
        .find(id)
        .select(Point::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// All versions of an observation, the newest first.
///
/// # Errors
/// As the database says.
pub async fn versions(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Vec<Version>, Problem> {
    Ok(observation_version::table
        .filter(observation_version::observation_id.eq(id))
        .order(observation_version::version.desc())
        .select(Version::as_select())
        .load(connection)
        .await?)
}

/// Observations in their current versions, the newest period first: one more than the limit if
/// there are more.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    indicator: Option<&str>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<(Point, Version)>, Problem> {
    let day = after.sort_at.local_day();
    let before = observation::period_to.lt(day);
    let same = observation::period_to.eq(day).and(observation::id.lt(after.id));
    let mut query = observation::table
        .inner_join(observation_version::table)
        .filter(observation_version::version.eq(observation::version))
        // Both forms: the first bounds the index range, the second decides within equal days.
        .filter(observation::period_to.le(day))
        .filter(before.or(same))
        .order((observation::period_to.desc(), observation::id.desc()))
        .limit(limit + 1)
        .select((Point::as_select(), Version::as_select()))
        .into_boxed();
    if let Some(indicator) = indicator {
        query = query.filter(observation::indicator.eq(indicator.to_owned()));
    }
    Ok(query.load(connection).await?)
}

/// Stores a new observation.
///
/// # Errors
/// 409 if there is one of this indicator, period and geography.
pub async fn insert(connection: &mut AsyncPgConnection, point: &Point, version: &Version) -> Result<(), Problem> {
    diesel::insert_into(observation::table).values(point.clone()).execute(connection).await.map_err(
        |error| match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                let detail = "there is an observation of this indicator, period and geography: revise it";
                Problem::new(problem::DUPLICATE).detail(detail)
            }
            other => other.into(),
        },
    )?;
    diesel::insert_into(observation_version::table).values(version.clone()).execute(connection).await?;
    Ok(())
}

/// Stores the next version of an observation.
///
/// # Errors
/// 412 if somebody else's came first.
pub async fn revise(connection: &mut AsyncPgConnection, next: &Version) -> Result<(), Problem> {
    let moved = diesel::update(observation::table)
        .filter(observation::id.eq(next.observation_id))
        .filter(observation::version.eq(next.version - 1))
        .set(observation::version.eq(next.version))
        .execute(connection)
        .await?;
    if moved == 0 {
        return Err(Problem::new(problem::STALE));
    }
    diesel::insert_into(observation_version::table).values(next.clone()).execute(connection).await?;
    Ok(())
}
