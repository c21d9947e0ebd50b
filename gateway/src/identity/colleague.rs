//! Who one is, and whom one works with: what it takes to name somebody as a worker, a chair or an auditor.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use shared::actor::{Actor, Word};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_me).service(list_colleagues);
}

/// Who asks, as their token says.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Their id: the `user_id` of every request that names them.
    id: Uuid,
    /// What they sign in with, or the client's id.
    username: String,
    /// The code of their agency.
    agency: String,
    /// What they do.
    roles: Vec<String>,
    /// The districts whose hub they sit on.
    localities: Vec<String>,
    /// The codes of the teams they work in.
    teams: Vec<String>,
}

/// Someone one works with.
#[derive(Debug, Serialize, ToSchema, diesel::QueryableByName)]
pub struct Colleague {
    /// Their id: the `user_id` of every request that names them.
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    /// The name colleagues know.
    #[diesel(sql_type = Text)]
    display_name: String,
    /// The code of their agency.
    #[diesel(sql_type = Text)]
    agency: String,
    /// What they do.
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
    /// The districts whose hub they sit on.
    #[diesel(sql_type = Array<Text>)]
    localities: Vec<String>,
    /// The codes of the teams they work in.
    #[diesel(sql_type = Array<Text>)]
    teams: Vec<String>,
    #[serde(skip)]
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

/// Read who you are
///
/// Your id, and the capacities in which you act, as your token says.
#[utoipa::path(operation_id = "get_me", tag = "identity",
    responses((status = 200, description = "You", body = Me)))]
#[get("/v1/me")]
async fn get_me(actor: Actor) -> Result<HttpResponse, Problem> {
    policy::ME_READ.require(&actor)?;
    let words = |words: &[Word]| words.iter().map(Word::to_string).collect();
    Ok(HttpResponse::Ok().json(Me {
        id: actor.user.0,
        username: actor.name,
        agency: actor.agency.to_string(),
        roles: actor.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        localities: words(&actor.localities),
        teams: words(&actor.teams),
    }))
}

/// List your colleagues
///
/// Whoever may sign in and is of your agency, a team of yours or a hub you sit on; newest first. Their ids are what
/// an allocation names as worker, a group as facilitator, an audit as auditor.
#[utoipa::path(operation_id = "list_colleagues", tag = "identity",
    params(("team" = Option<String>, Query, description = "Of this team"),
           ("locality" = Option<String>, Query, description = "Who sit on the hub of this district"),
           ("name" = Option<String>, Query, description = "Whose name holds this, in any case of letters"),
           ("limit" = Option<i64>, Query, description = "How many, 1 to 100; 20 if absent"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of colleagues", body = Page<Colleague>)))]
#[get("/v1/colleagues")]
async fn list_colleagues(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (team, locality) = (query.optional::<Word>("team", "a code"), query.optional::<Word>("locality", "a code"));
    let name = query.optional::<String>("name", "part of a name");
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let page = service
        .read(&actor, &policy::COLLEAGUE_READ, async |tx| {
            policy::COLLEAGUE_READ.require(&actor)?;
            let rows: Vec<Colleague> = diesel::sql_query("SELECT * FROM colleagues($1, $2, $3, $4, $5, $6)")
                .bind::<Nullable<Text>, _>(team.as_ref().map(Word::as_str))
                .bind::<Nullable<Text>, _>(locality.as_ref().map(Word::as_str))
                .bind::<Nullable<Text>, _>(name.as_deref())
                .bind::<Timestamptz, _>(cursor.sort_at)
                .bind::<SqlUuid, _>(cursor.id)
                .bind::<BigInt, _>(limit + 1)
                .load(&mut **tx)
                .await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.created_at, id: row.id }, |row| row))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}
