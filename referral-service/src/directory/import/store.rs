//! What is known of another directory's services, and what became of each document.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::FoundOrganisation;
use crate::directory::organisation::OrganisationId;
use crate::directory::service::ServiceId;
use crate::schema::{directory_service, organisation, service_import};

/// A service that came from the same directory before.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id here.
    pub id: ServiceId,
    /// A digest of what was said of it last.
    pub digest: String,
    /// The agency that keeps it.
    pub agency: Option<String>,
}

/// Which services of a directory are known, by their ids there.
///
/// # Errors
/// As the database says.
pub async fn known(
    connection: &mut AsyncPgConnection,
    origin: &str,
    ids: &[&str],
) -> Result<BTreeMap<String, Known>, Problem> {
    type Row = (Option<String>, ServiceId, Option<String>, Option<String>);
    let rows: Vec<Row> = directory_service::table
        .inner_join(organisation::table)
        .filter(directory_service::origin.eq(origin).and(directory_service::origin_id.eq_any(ids)))
        .select((
            directory_service::origin_id,
            directory_service::id,
            directory_service::origin_digest,
            organisation::agency,
        ))
        .load(connection)
        .await?;
    let pair = |(origin_id, id, digest, agency): Row| {
        Some((origin_id?, Known { id, digest: digest.unwrap_or_default(), agency }))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// An organisation of a directory, if it is known: its id and the agency that keeps it.
///
/// # Errors
/// As the database says.
pub async fn organisation(
    connection: &mut AsyncPgConnection,
    origin: &str,
    id: &str,
) -> Result<Option<(OrganisationId, Option<String>)>, Problem> {
    Ok(organisation::table
        .filter(organisation::origin.eq(origin).and(organisation::origin_id.eq(id)))
        .select((organisation::id, organisation::agency))
        .first(connection)
        .await
        .optional()?)
}

/// Enters an organisation of another directory.
///
/// # Errors
/// As the database says.
pub async fn insert_organisation(
    connection: &mut AsyncPgConnection,
    origin: &str,
    found: &FoundOrganisation,
    agency: Option<&str>,
    now: DateTime<Utc>,
) -> Result<OrganisationId, Problem> {
    let id = OrganisationId::new();
    diesel::insert_into(organisation::table)
        .values((
            organisation::id.eq(id),
            organisation::name.eq(&found.name),
            organisation::description.eq(&found.description),
            organisation::website.eq(&found.website),
            organisation::email.eq(&found.email),
            organisation::agency.eq(agency),
            organisation::origin.eq(origin),
            organisation::origin_id.eq(&found.id),
            organisation::listed_at.eq(now),
            organisation::changed_at.eq(now),
            organisation::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(id)
}

/// Says of a known organisation what its directory says now.
///
/// # Errors
/// As the database says.
pub async fn renew_organisation(
    connection: &mut AsyncPgConnection,
    id: OrganisationId,
    found: &FoundOrganisation,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let is_new = organisation::name
        .ne(&found.name)
        .or(organisation::description.ne(&found.description))
        .or(organisation::website.is_distinct_from(&found.website))
        .or(organisation::email.is_distinct_from(&found.email));
    diesel::update(organisation::table.filter(organisation::id.eq(id)).filter(is_new))
        .set((
            organisation::name.eq(&found.name),
            organisation::description.eq(&found.description),
            organisation::website.eq(&found.website),
            organisation::email.eq(&found.email),
            organisation::changed_at.eq(now),
            organisation::version.eq(organisation::version + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What was sent in, and what became of it.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = service_import)]
pub struct Import {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub by_name: String,
    pub origin: String,
    pub report: serde_json::Value,
}

/// Keeps what became of a document.
///
/// # Errors
/// As the database says.
pub async fn keep(connection: &mut AsyncPgConnection, import: &Import, actor: &Actor) -> Result<(), Problem> {
    diesel::insert_into(service_import::table)
        .values((
            service_import::id.eq(import.id),
            service_import::at.eq(import.at),
            service_import::by_name.eq(&import.by_name),
            service_import::agency.eq(actor.agency.as_str()),
            service_import::origin.eq(&import.origin),
            service_import::report.eq(&import.report),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What became of a document.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: Uuid) -> Result<Import, Problem> {
    let row = service_import::table.find(id).select(Import::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}
