//! Dashboards and their definitions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::from_jsonb;
use shared::page::Cursor;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::domain::DashboardContent;
use crate::schema::{dashboard, dashboard_definition};

/// A dashboard in its current version.
pub struct Stored {
    /// Its id in the audit.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Since when there is one.
    pub created_at: DateTime<Utc>,
    /// What it is called.
    pub title: String,
    /// What it shows.
    pub content: DashboardContent,
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// A dashboard on a list.
#[derive(Queryable)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Since when there is one.
    pub created_at: DateTime<Utc>,
    /// What it is called.
    pub title: String,
    /// When this version was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// A version of a definition.
#[derive(Queryable)]
pub struct Recorded {
    /// Which.
    pub version: i64,
    /// What it called the dashboard.
    pub title: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

type Row = (Uuid, String, i64, DateTime<Utc>, String, serde_json::Value, DateTime<Utc>, String);

/// The dashboard under this code.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, code: &str) -> Result<Stored, Problem> {
    // A text that is no code is nobody's, and might hold what PostgreSQL can't.
    if code.parse::<shared::actor::Word>().is_err() {
        return Err(Problem::not_found());
    }
    let row: Option<Row> = dashboard::table
        .inner_join(dashboard_definition::table)
        .filter(dashboard::code.eq(code))
        .filter(dashboard_definition::version.eq(dashboard::version))
        .select((
            dashboard::id,
            dashboard::code,
            dashboard::version,
            dashboard::created_at,
            dashboard_definition::title,
            dashboard_definition::definition,
            dashboard_definition::recorded_at,
            dashboard_definition::recorded_by,
        ))
        .first(connection)
        .await
        .optional()?;
    let (id, code, version, created_at, title, content, recorded_at, recorded_by) =
        row.ok_or_else(Problem::not_found)?;
    let content = from_jsonb(content)?;
    Ok(Stored { id, code, version, created_at, title, content, recorded_at, recorded_by })
}

/// Dashboards, the newest first: one row more than the limit if there are more.
///
/// # Errors
/// As the database says.
pub async fn list(connection: &mut AsyncPgConnection, after: Cursor, limit: i64) -> Result<Vec<Listed>, Problem> {
    let before = dashboard::created_at.lt(after.sort_at);
    let same = dashboard::created_at.eq(after.sort_at).and(dashboard::id.lt(after.id));
    Ok(dashboard::table
        .inner_join(dashboard_definition::table)
        .filter(dashboard_definition::version.eq(dashboard::version))
        // Both forms: the first bounds the index range, the second decides within equal instants.
        .filter(dashboard::created_at.le(after.sort_at))
        .filter(before.or(same))
        .order((dashboard::created_at.desc(), dashboard::id.desc()))
        .limit(limit + 1)
        .select((
            dashboard::id,
            dashboard::code,
            dashboard::version,
            dashboard::created_at,
            dashboard_definition::title,
            dashboard_definition::recorded_at,
        ))
        .load(connection)
        .await?)
}

/// All versions of a dashboard's definition, the newest first.
///
/// # Errors
/// As the database says.
pub async fn versions(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Vec<Recorded>, Problem> {
    Ok(dashboard_definition::table
        .filter(dashboard_definition::dashboard_id.eq(id))
        .order(dashboard_definition::version.desc())
        .select((
            dashboard_definition::version,
            dashboard_definition::title,
            dashboard_definition::recorded_at,
            dashboard_definition::recorded_by,
        ))
        .load(connection)
        .await?)
}

/// Stores a new dashboard in its first version.
///
/// # Errors
/// 409 if its code is taken.
pub async fn insert(connection: &mut AsyncPgConnection, new: &Stored) -> Result<(), Problem> {
    diesel::insert_into(dashboard::table)
        .values((
            dashboard::id.eq(new.id),
            dashboard::code.eq(&new.code),
            dashboard::version.eq(new.version),
            dashboard::created_at.eq(new.created_at),
        ))
        .execute(connection)
        .await
        .map_err(|error| match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                Problem::new(problem::DUPLICATE).detail("there is a dashboard of this id already")
            }
            other => other.into(),
        })?;
    insert_definition(connection, new).await
}

/// Stores the next version of a dashboard's definition.
///
/// # Errors
/// 412 if somebody else's came first.
pub async fn revise(connection: &mut AsyncPgConnection, next: &Stored) -> Result<(), Problem> {
    let moved = diesel::update(dashboard::table)
        .filter(dashboard::id.eq(next.id))
        .filter(dashboard::version.eq(next.version - 1))
        .set(dashboard::version.eq(next.version))
        .execute(connection)
        .await?;
    if moved == 0 {
        return Err(Problem::new(problem::STALE));
    }
    insert_definition(connection, next).await
}

async fn insert_definition(connection: &mut AsyncPgConnection, new: &Stored) -> Result<(), Problem> {
    let content = serde_json::to_value(&new.content).map_err(|error| Problem::internal(&error))?;
    diesel::insert_into(dashboard_definition::table)
        .values((
            dashboard_definition::dashboard_id.eq(new.id),
            dashboard_definition::version.eq(new.version),
            dashboard_definition::title.eq(&new.title),
            dashboard_definition::definition.eq(content),
            dashboard_definition::recorded_at.eq(new.recorded_at),
            dashboard_definition::recorded_by.eq(&new.recorded_by),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
