//! Teams: what an allocation names as its service, and in which people work.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::id_of;
use crate::policy;
use crate::schema::{agency, team};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_teams).service(create_team).service(get_team);
}

/// A team to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "youth-work", "name": "Youth Work", "agency": "county-council" }))]
pub struct NewTeam {
    /// A short code for good: allocations name the team by it.
    code: Word,
    /// The name people know.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The code of the agency it belongs to.
    agency: Word,
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    /// Its id.
    id: Uuid,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The code of its agency.
    agency: String,
    /// Since when it is here.
    created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = team)]
struct TeamRow {
    id: Uuid,
    code: String,
    name: String,
    agency: String,
    created_at: DateTime<Utc>,
    version: i64,
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        Self { id: row.id, code: row.code, name: row.name, agency: row.agency, created_at: row.created_at }
    }
}

async fn find(connection: &mut AsyncPgConnection, id: &str) -> Result<TeamRow, Problem> {
    let row = team::table.find(id_of(id)?).select(TeamRow::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// List the teams
///
/// Every team of every agency, newest first. Allocations name a team as the service.
#[utoipa::path(operation_id = "list_teams", tag = "identity",
    params(("limit" = Option<i64>, Query, description = "How many, 1 to 100; 20 if absent"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of teams", body = Page<Team>)))]
#[get("/v1/teams")]
async fn list_teams(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let page = service
        .read(&actor, &policy::TEAM_READ, async |tx| {
            policy::TEAM_READ.require(&actor)?;
            let rows: Vec<TeamRow> = team::table
                .filter(
                    diesel::dsl::sql::<diesel::sql_types::Bool>("(created_at, id) < (")
                        .bind::<diesel::sql_types::Timestamptz, _>(cursor.sort_at)
                        .sql(", ")
                        .bind::<diesel::sql_types::Uuid, _>(cursor.id)
                        .sql(")"),
                )
                .order((team::created_at.desc(), team::id.desc()))
                .limit(limit + 1)
                .select(TeamRow::as_select())
                .load(&mut **tx)
                .await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.created_at, id: row.id }, Team::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a team
#[utoipa::path(operation_id = "get_team", tag = "identity",
    params(("id" = Uuid, Path, description = "The team's id")),
    responses((status = 200, description = "The team", body = Team, headers(("ETag" = String, description = "Its version")))))]
#[get("/v1/teams/{id}")]
async fn get_team(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let row = service
        .read(&actor, &policy::TEAM_READ, async |tx| {
            let row = find(tx, &id).await?;
            policy::TEAM_READ.require(&actor)?;
            Ok(row)
        })
        .await?;
    Ok(found(row.version, "team", &Team::from(row)))
}

/// Add a team
///
/// Its code is what allocations then name as the service, and what its workers' tokens carry.
#[utoipa::path(operation_id = "create_team", tag = "identity", request_body = NewTeam,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, description = "The team", body = Team,
            headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
#[post("/v1/teams")]
async fn create_team(service: Data<Service>, command: Command<NewTeam>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::TEAM_CREATE, async |tx| {
            tx.proceed(None).await?;
            let new = command.body()?;
            let known: i64 =
                agency::table.filter(agency::code.eq(new.agency.as_str())).count().get_result(&mut **tx).await?;
            if known == 0 {
                let error = FieldError::at("/agency", "unknown", "there is no agency with this code");
                return Err(Problem::invalid(vec![error]).into());
            }
            let row = TeamRow {
                id: Uuid::now_v7(),
                code: new.code.to_string(),
                name: new.name,
                agency: new.agency.to_string(),
                created_at: tx.now(),
                version: 1,
            };
            let added = diesel::insert_into(team::table)
                .values(&row)
                .on_conflict(team::code)
                .do_nothing()
                .execute(&mut **tx)
                .await?;
            if added == 0 {
                return Err(Problem::new(problem::DUPLICATE).detail("there is a team with this code").into());
            }
            tx.entry.record = Some(row.id);
            Ok(Done::created(format!("/v1/teams/{}", row.id), 1, Team::from(row)))
        })
        .await?;
    written
        .respond("team", async |stored| {
            let id = stored.id()?.to_string();
            service.read(&command.actor, &policy::TEAM_READ, async |tx| find(tx, &id).await.map(Team::from)).await
        })
        .await
}
