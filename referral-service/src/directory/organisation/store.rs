//! Organisations' rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::{self, Problem};

use super::api::{OrganisationForm, OrganisationId};
use crate::schema::organisation;

/// An organisation's row.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable)]
#[diesel(table_name = organisation)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    pub id: OrganisationId,
    pub name: String,
    pub description: String,
    pub website: Option<String>,
    pub email: Option<String>,
    pub agency: Option<String>,
    pub origin: Option<String>,
    pub origin_id: Option<String>,
    pub listed_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub version: i64,
}

impl Row {
    /// A new one.
    pub fn new(form: OrganisationForm, agency: Option<String>, now: DateTime<Utc>) -> Self {
        Self {
            id: OrganisationId::new(),
            name: form.name,
            description: form.description,
            website: form.website,
            email: form.email,
            agency,
            origin: None,
            origin_id: None,
            listed_at: now,
            changed_at: now,
            version: 1,
        }
    }

    /// The same organisation, said anew.
    pub fn replaced(self, form: OrganisationForm, agency: Option<String>, now: DateTime<Utc>) -> Self {
        Self {
            name: form.name,
            description: form.description,
            website: form.website,
            email: form.email,
            agency,
            changed_at: now,
            version: self.version + 1,
            ..self
        }
    }
}

/// A page of the organisations, newest entry first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(connection: &mut AsyncPgConnection, after: Cursor, limit: i64) -> Result<Vec<Row>, Problem> {
    let statement =
        "SELECT * FROM organisation WHERE (listed_at, id) < ($1, $2) ORDER BY listed_at DESC, id DESC LIMIT $3";
    Ok(diesel::sql_query(statement)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// One organisation.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, id: OrganisationId) -> Result<Row, Problem> {
    let row = organisation::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends, by who keeps it.
///
/// # Errors
/// 404 if there is none, or the caller doesn't keep it.
pub async fn lock(connection: &mut AsyncPgConnection, id: OrganisationId) -> Result<Row, Problem> {
    let row = organisation::table.find(id).select(Row::as_select()).for_update().first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

fn taken_name(error: diesel::result::Error) -> Problem {
    match error {
        diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
            Problem::new(problem::DUPLICATE).detail("there is an organisation of this name already")
        }
        other => other.into(),
    }
}

/// Enters an organisation.
///
/// # Errors
/// 409 if there is one of that name.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Row) -> Result<(), Problem> {
    diesel::insert_into(organisation::table).values(row).execute(connection).await.map_err(taken_name)?;
    Ok(())
}

/// Says all of an organisation again.
///
/// # Errors
/// 409 if there is another of that name.
pub async fn replace(connection: &mut AsyncPgConnection, row: &Row) -> Result<(), Problem> {
    use organisation::dsl;
    diesel::update(dsl::organisation.find(row.id))
        .set((
            dsl::name.eq(&row.name),
            dsl::description.eq(&row.description),
            dsl::website.eq(&row.website),
            dsl::email.eq(&row.email),
            dsl::agency.eq(&row.agency),
            dsl::changed_at.eq(row.changed_at),
            dsl::version.eq(row.version),
        ))
        .execute(connection)
        .await
        .map_err(taken_name)?;
    Ok(())
}
