//! Samples, and the cases they are drawn from.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::{Actor, Word};
use shared::calendar::{end_of_day, start_of_day};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::case_audit::domain::SampleId;
use crate::case_audit::domain::form::SampleForm;
use crate::schema::{audit_population, audit_sample};

/// A sample's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = audit_sample)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Sample {
    pub id: SampleId,
    pub drawn_at: DateTime<Utc>,
    pub drawn_by: Uuid,
    pub drawn_by_name: String,
    pub basis: String,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub team: Option<String>,
    pub case_type: Option<String>,
    pub locality: Option<String>,
    pub size: i16,
    pub due_on: NaiveDate,
    pub seed: String,
    pub population: i32,
    pub left_out: i32,
    pub version: i64,
}

/// A case in scope.
#[derive(Debug, QueryableByName)]
pub struct InScope {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub case_type: String,
    #[diesel(sql_type = Text)]
    pub team: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Bool)]
    pub restricted: bool,
}

/// The cases a sample is drawn from, in order.
///
/// # Errors
/// 500 if the caller may not audit that service.
pub async fn scope(
    connection: &mut AsyncPgConnection,
    form: &SampleForm,
    team: Option<&str>,
) -> Result<Vec<InScope>, Problem> {
    Ok(diesel::sql_query("SELECT * FROM audit_scope($1, $2, $3, $4, $5, $6)")
        .bind::<Text, _>(form.basis.as_str())
        .bind::<Timestamptz, _>(start_of_day(form.from))
        .bind::<Timestamptz, _>(end_of_day(form.to))
        .bind::<Nullable<Text>, _>(team)
        .bind::<Nullable<Text>, _>(form.case_type.as_ref().map(Word::as_str))
        .bind::<Nullable<Text>, _>(form.locality.as_ref().map(Word::as_str))
        .prepared()
        .load(connection)
        .await?)
}

/// Keeps a sample with the cases it was drawn from. Whoever drew it and information governance see it.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Sample, among: &[Uuid]) -> Result<(), Problem> {
    diesel::insert_into(audit_sample::table).values(row).execute(connection).await?;
    diesel::insert_into(audit_population::table)
        .values((audit_population::sample_id.eq(row.id.0), audit_population::cases.eq(among)))
        .execute(connection)
        .await?;
    let grant = |scope| Grant {
        record: row.id.0,
        kind: "audit_sample",
        scope,
        view: View::Full,
        state: "drawn",
        sort_at: row.drawn_at,
    };
    access::grant(connection, &[grant(format!("user:{}", row.drawn_by)), grant("governance".to_owned())]).await
}

/// A sample.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: SampleId) -> Result<Sample, Problem> {
    let found = audit_sample::table.find(id).select(Sample::as_select()).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The cases a sample was drawn from, in order.
///
/// # Errors
/// 404 if the caller doesn't see the sample.
pub async fn population(connection: &mut AsyncPgConnection, id: SampleId) -> Result<Vec<Uuid>, Problem> {
    let found: Option<Vec<Uuid>> =
        audit_population::table.find(id.0).select(audit_population::cases).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The list behind `GET /v1/audit-samples`, newest first.
pub const LIST: Listing = Listing::new("audit_sample", "a.*", "JOIN audit_sample a ON a.id = page.record_id");

/// A page of samples, the newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Sample>, Problem> {
    LIST.page(connection, &Asked { scopes: &actor.scopes(), states: None, filter: None, after, limit }).await
}
