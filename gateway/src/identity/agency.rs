//! Agencies: the organisations of the partnership. Everyone signed in may know them.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::auth::CallingService;
use shared::db::Pool;
use shared::page::{Cursor, Page};
use shared::problem::{self, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::id_of;
use crate::schema::agency;
use crate::{policy, worker};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_agencies).service(create_agency).service(get_agency);
}

shared::words! {
    /// What sort of organisation an agency is.
    AgencyKind {
        /// The county or unitary council.
        Council = "council",
        /// A district or borough council.
        District = "district",
        /// The police force.
        Police = "police",
        /// A school, academy or college.
        School = "school",
        /// Health: a trust, a practice, public health.
        Health = "health",
        /// The probation service.
        Probation = "probation",
        /// A voluntary or community organisation.
        Voluntary = "voluntary",
        /// A housing provider.
        Housing = "housing",
        /// Something else.
        Other = "other",
    }
}

/// An agency to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "greenfield-academy", "name": "Greenfield Academy", "kind": "school" }))]
pub struct NewAgency {
    /// A short code for good: it stands in tokens and records.
    code: Word,
    /// The name people know.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What sort of organisation it is.
    kind: AgencyKind,
}

/// An agency of the partnership.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agency {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// What sort of organisation it is.
    kind: String,
    /// Since when it is here.
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = agency)]
struct AgencyRow {
    id: Uuid,
    code: String,
    name: String,
    kind: String,
    created_at: DateTime<Utc>,
    version: i64,
}

impl From<AgencyRow> for Agency {
    fn from(row: AgencyRow) -> Self {
        Self { id: row.id, code: row.code, name: row.name, kind: row.kind, created_at: row.created_at }
    }
}

async fn find(connection: &mut AsyncPgConnection, id: &str) -> Result<AgencyRow, Problem> {
    let row = agency::table.find(id_of(id)?).select(AgencyRow::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// List the agencies
///
/// Every organisation of the partnership, newest first.
#[utoipa::path(operation_id = "list_agencies", tag = "identity",
    params(("limit" = Option<i64>, Query, description = "How many, 1 to 100; 20 if absent"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of agencies", body = Page<Agency>)))]
#[get("/v1/agencies")]
async fn list_agencies(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let page = service
        .read(&actor, &policy::AGENCY_READ, async |tx| {
            policy::AGENCY_READ.require(&actor)?;
            let rows: Vec<AgencyRow> = agency::table
                .filter(
                    diesel::dsl::sql::<diesel::sql_types::Bool>("(created_at, id) < (")
                        .bind::<diesel::sql_types::Timestamptz, _>(cursor.sort_at)
                        .sql(", ")
                        .bind::<diesel::sql_types::Uuid, _>(cursor.id)
                        .sql(")"),
                )
                .order((agency::created_at.desc(), agency::id.desc()))
                .limit(limit + 1)
                .select(AgencyRow::as_select())
                .load(&mut **tx)
                .await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.created_at, id: row.id }, Agency::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an agency
#[utoipa::path(operation_id = "get_agency", tag = "identity",
    params(("id" = Uuid, Path, description = "The agency's id")),
    responses((status = 200, description = "The agency", body = Agency, headers(("ETag" = String, description = "Its version")))))]
#[get("/v1/agencies/{id}")]
async fn get_agency(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let row = service
        .read(&actor, &policy::AGENCY_READ, async |tx| {
            let row = find(tx, &id).await?;
            policy::AGENCY_READ.require(&actor)?;
            Ok(row)
        })
        .await?;
    Ok(found(row.version, "agency", &Agency::from(row)))
}

/// Add an agency
///
/// A new organisation joins the partnership. Its teams, users and clients can be added then.
#[utoipa::path(operation_id = "create_agency", tag = "identity", request_body = NewAgency,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, description = "The agency", body = Agency,
            headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
#[post("/v1/agencies")]
async fn create_agency(service: Data<Service>, command: Command<NewAgency>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::AGENCY_CREATE, async |tx| {
            tx.proceed(None).await?;
            let new = command.body()?;
            let row = AgencyRow {
                id: Uuid::now_v7(),
                code: new.code.to_string(),
                name: new.name,
                kind: new.kind.as_str().to_owned(),
                created_at: tx.now(),
                version: 1,
            };
            let added = diesel::insert_into(agency::table)
                .values(&row)
                .on_conflict(agency::code)
                .do_nothing()
                .execute(&mut **tx)
                .await?;
            if added == 0 {
                return Err(Problem::new(problem::DUPLICATE).detail("there is an agency with this code").into());
            }
            tx.entry.record = Some(row.id);
            Ok(Done::created(format!("/v1/agencies/{}", row.id), 1, Agency::from(row)))
        })
        .await?;
    written
        .respond("agency", async |stored| {
            let id = stored.id()?.to_string();
            service.read(&command.actor, &policy::AGENCY_READ, async |tx| find(tx, &id).await.map(Agency::from)).await
        })
        .await
}

/// `GET /internal/agencies`: the codes of all agencies, for the other processes, which hold whatever names an agency
/// against them.
///
/// # Errors
/// 503 if the database is away.
pub async fn internal_agencies(_caller: CallingService, pool: Data<Pool>) -> Result<HttpResponse, Problem> {
    let codes: Vec<String> = worker::transaction(&pool, async |connection| {
        Ok(agency::table.select(agency::code).order(agency::code).load(connection).await?)
    })
    .await?;
    Ok(HttpResponse::Ok().json(codes))
}
