//! The rows of short breaks.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use shared::access::{self, Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{ShortBreakId, ShortBreakStatus};
use crate::schema::{short_break, short_break_account, short_break_step};

/// Where a short break stands: what everyone who sees it reads.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = short_break)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct ShortBreak {
    pub id: ShortBreakId,
    pub reference: String,
    pub status: String,
    pub locality: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub level: Option<String>,
    pub hours_per_year: Option<i32>,
    pub pounds_per_year: Option<i32>,
    pub decided_at: Option<DateTime<Utc>>,
    pub review_due_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// What is said of the child.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = short_break_account)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Account {
    pub short_break_id: ShortBreakId,
    pub person_id: Uuid,
    pub given_name: String,
    pub family_name: String,
    pub birth_date: Option<NaiveDate>,
    pub asker_name: String,
    pub asker_is: String,
    pub needs: Vec<String>,
    pub words: String,
    pub recorded_by_name: String,
    pub agency: String,
}

/// Something that was decided.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = short_break_step)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct StepRow {
    pub id: Uuid,
    pub short_break_id: ShortBreakId,
    pub at: DateTime<Utc>,
    pub what: String,
    pub who: String,
    pub reason: String,
    pub criteria: Vec<String>,
    pub level: Option<String>,
    pub hours_per_year: Option<i32>,
    pub pounds_per_year: Option<i32>,
}

/// What makes a child eligible at a level.
#[derive(Clone, Debug, QueryableByName, Serialize, ToSchema)]
pub struct ShortBreakCriterion {
    /// Its code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The level at which it counts.
    #[diesel(sql_type = Text)]
    pub level: String,
    /// What it says.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// From which day on.
    #[diesel(sql_type = Date)]
    pub valid_from: NaiveDate,
    /// Until before which day, if it ends.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_to: Option<NaiveDate>,
    /// Where it is from.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Whether that was seen; if not, treat it as a placeholder.
    #[diesel(sql_type = Bool)]
    pub verified: bool,
}

impl ShortBreak {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds what this program does not know.
    pub fn standing(&self) -> Result<ShortBreakStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a short break"))
    }

    /// Writes what has changed, in the next version.
    ///
    /// # Errors
    /// 404 if the caller may not change it.
    pub async fn save(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        use short_break::dsl;
        self.version += 1;
        let changed = diesel::update(dsl::short_break.find(self.id))
            .set((
                dsl::status.eq(&self.status),
                dsl::level.eq(&self.level),
                dsl::hours_per_year.eq(self.hours_per_year),
                dsl::pounds_per_year.eq(self.pounds_per_year),
                dsl::decided_at.eq(self.decided_at),
                dsl::review_due_at.eq(self.review_due_at),
                dsl::ended_at.eq(self.ended_at),
                dsl::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, &self.status).await
    }
}

/// Enters a request.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &ShortBreak, account: &Account) -> Result<(), Problem> {
    diesel::insert_into(short_break::table).values(row).execute(connection).await?;
    diesel::insert_into(short_break_account::table).values(account).execute(connection).await?;
    Ok(())
}

/// Writes down what was decided.
///
/// # Errors
/// As the database says.
pub async fn note(connection: &mut AsyncPgConnection, step: &StepRow) -> Result<(), Problem> {
    diesel::insert_into(short_break_step::table).values(step).execute(connection).await?;
    Ok(())
}

/// One short break.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: ShortBreakId) -> Result<ShortBreak, Problem> {
    let row = short_break::table.find(id).select(ShortBreak::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: ShortBreakId) -> Result<ShortBreak, Problem> {
    let found = short_break::table.find(id).select(ShortBreak::as_select()).for_update();
    found.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// What is said of the child, if the caller sees that.
///
/// # Errors
/// As the database says.
pub async fn account(connection: &mut AsyncPgConnection, id: ShortBreakId) -> Result<Option<Account>, Problem> {
    Ok(short_break_account::table.find(id).select(Account::as_select()).first(connection).await.optional()?)
}

/// What was decided, oldest first, as far as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn steps(connection: &mut AsyncPgConnection, id: ShortBreakId) -> Result<Vec<StepRow>, Problem> {
    use short_break_step::dsl;
    Ok(dsl::short_break_step
        .filter(dsl::short_break_id.eq(id))
        .order((dsl::at, dsl::id))
        .select(StepRow::as_select())
        .load(connection)
        .await?)
}

/// The criteria of a day, by level and code.
///
/// # Errors
/// As the database says.
pub async fn criteria(connection: &mut AsyncPgConnection, day: NaiveDate) -> Result<Vec<ShortBreakCriterion>, Problem> {
    Ok(diesel::sql_query(
        "SELECT code, level, label, valid_from, valid_to, source, verified FROM short_break_criterion
         WHERE valid_from <= $1 AND (valid_to IS NULL OR $1 < valid_to) ORDER BY level, code",
    )
    .bind::<Date, _>(day)
    .prepared()
    .load(connection)
    .await?)
}

/// The list behind `GET /v1/short-breaks`, newest first.
pub const LIST: Listing = Listing::new("short_break", "b.*", "JOIN short_break b ON b.id = page.record_id");

/// A page of short breaks that stand so, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: ShortBreakStatus,
    after: Cursor,
    limit: i64,
) -> Result<Vec<ShortBreak>, Problem> {
    LIST.page(connection, &Asked { scopes, states: Some(&[status.as_str()]), filter: None, after, limit }).await
}
