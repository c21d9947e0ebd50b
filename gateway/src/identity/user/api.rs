//! `/v1/users`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Role, Word};
use shared::auth::RevokedKind;
use shared::page::{Cursor, Page};
use shared::problem::{self, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::judge_password;
use super::store::{self, UserRow};
use crate::identity::assignment::{self, Assignment};
use crate::identity::id_of;
use crate::{password, policy, revocation};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_users).service(create_user).service(get_user).service(deactivate_user).service(assign_roles);
}

/// Someone to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "harper.hub", "display_name": "Harper Hub", "agency": "district-charnwood",
    "roles": ["hub_member"], "localities": ["charnwood"], "teams": [], "password": "three or four random words" }))]
pub struct NewUser {
    /// What they sign in with, and what access logs show. For good.
    #[schema(min_length = 2, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    username: String,
    /// The name colleagues know.
    #[schema(min_length = 1, max_length = 200)]
    display_name: String,
    /// The code of their agency.
    agency: Word,
    /// What they do.
    #[schema(min_items = 1, max_items = 11)]
    roles: Vec<Role>,
    /// The districts whose hub they sit on.
    #[serde(default)]
    #[schema(max_items = 50)]
    localities: Vec<Word>,
    /// The codes of the teams they work in.
    #[serde(default)]
    #[schema(max_items = 50)]
    teams: Vec<Word>,
    /// Their first password.
    #[schema(min_length = 12, max_length = 128)]
    password: String,
}

/// What someone does from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "roles": ["service_worker"], "localities": [], "teams": ["youth-work"] }))]
pub struct NewAssignment {
    /// What they do.
    #[schema(min_items = 1, max_items = 11)]
    roles: Vec<Role>,
    /// The districts whose hub they sit on.
    #[schema(max_items = 50)]
    localities: Vec<Word>,
    /// The codes of the teams they work in.
    #[schema(max_items = 50)]
    teams: Vec<Word>,
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct DeactivateUser {}

/// Someone who signs in.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Their id: `sub` of their tokens.
    id: Uuid,
    /// What they sign in with.
    username: String,
    /// The name colleagues know.
    display_name: String,
    /// The code of their agency.
    agency: String,
    /// What they do.
    roles: Vec<String>,
    /// The districts whose hub they sit on.
    localities: Vec<String>,
    /// The codes of the teams they work in.
    teams: Vec<String>,
    /// Whether they may sign in.
    active: bool,
    /// Since when they are here.
    created_at: DateTime<Utc>,
    /// Since when they may not sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_at: Option<DateTime<Utc>>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            username: row.username,
            display_name: row.display_name,
            agency: row.agency,
            roles: row.roles,
            localities: row.localities,
            teams: row.teams,
            active: row.deactivated_at.is_none(),
            created_at: row.created_at,
            deactivated_at: row.deactivated_at,
        }
    }
}

/// List the users
///
/// Those you keep, newest first: everyone for a partnership administrator, their own agency's people for an
/// agency administrator.
#[utoipa::path(operation_id = "list_users", tag = "identity",
    params(("limit" = Option<i64>, Query, description = "How many, 1 to 100; 20 if absent"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of users", body = Page<User>)))]
#[get("/v1/users")]
async fn list_users(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let page = service
        .read(&actor, &policy::USER_READ, async |tx| {
            policy::USER_READ.require(&actor)?;
            let rows = store::list(tx, &actor.scopes(), cursor, limit).await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.created_at, id: row.id }, User::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a user
#[utoipa::path(operation_id = "get_user", tag = "identity",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 200, description = "The user", body = User, headers(("ETag" = String, description = "Its version")))))]
#[get("/v1/users/{id}")]
async fn get_user(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let row = show(&service, &actor, id).await?;
    Ok(found(row.version, "user", &User::from(row)))
}

async fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<UserRow, Problem> {
    service
        .read(actor, &policy::USER_READ, async |tx| {
            let row = store::find(tx, id).await?;
            policy::USER_READ.require(actor).map(|()| row)
        })
        .await
}

/// Add a user
///
/// Someone who signs in on the built-in page. They see nothing until a role says in which capacity, and
/// then what their agency, localities and teams show.
#[utoipa::path(operation_id = "create_user", tag = "identity", request_body = NewUser,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, description = "The user", body = User,
            headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
#[post("/v1/users")]
async fn create_user(service: Data<Service>, command: Command<NewUser>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::USER_CREATE, async |tx| {
            tx.proceed(None).await?;
            let new = command.body()?;
            let wanted = Assignment {
                agency: new.agency.as_str(),
                roles: &new.roles,
                localities: &new.localities,
                teams: &new.teams,
            };
            let weak = judge_password(&new.password, &new.username);
            assignment::check(tx, &wanted, None, &service.rules(), &command.actor, weak).await?;
            let now = tx.now();
            let hash = password::hash_elsewhere(new.password).await?;
            let row = UserRow {
                id: Uuid::now_v7(),
                username: new.username,
                display_name: new.display_name,
                agency: new.agency.to_string(),
                roles: assignment::role_codes(&new.roles),
                localities: assignment::codes(&new.localities),
                teams: assignment::codes(&new.teams),
                created_at: now,
                deactivated_at: None,
                version: 1,
            };
            // First, because adding with ON CONFLICT asks whether the adder sees the row.
            assignment::grant(tx, row.id, "user", &row.agency, now).await?;
            if !store::add(tx, &row).await? {
                return Err(Problem::new(problem::DUPLICATE).detail("this user name is taken").into());
            }
            store::add_password(tx, row.id, &hash, now).await?;
            tx.entry.record = Some(row.id);
            Ok(Done::created(format!("/v1/users/{}", row.id), 1, User::from(row)))
        })
        .await?;
    written.respond("user", async |stored| show(&service, &command.actor, stored.id()?).await.map(User::from)).await
}

/// Say anew what a user does
///
/// Replaces roles, localities and teams. Every token the user holds is refused within five seconds; they sign
/// in again and get one that says the new.
#[utoipa::path(operation_id = "assign_roles", tag = "identity", request_body = NewAssignment,
    params(("id" = Uuid, Path, description = "The user's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, description = "The user as they are now", body = User, headers(("ETag" = String, description = "Its version")))))]
#[post("/v1/users/{id}/roles")]
async fn assign_roles(
    service: Data<Service>,
    command: Command<NewAssignment>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let written = service
        .write(&command, &policy::USER_ASSIGN, async |tx| {
            tx.entry.record = Some(id);
            let mut row = store::find_for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let new = command.body()?;
            someone_else(&command.actor, id)?;
            let wanted =
                Assignment { agency: &row.agency, roles: &new.roles, localities: &new.localities, teams: &new.teams };
            let (roles, localities, teams) =
                (assignment::roles(&row.roles), assignment::words(&row.localities), assignment::words(&row.teams));
            let held = Assignment { agency: &row.agency, roles: &roles, localities: &localities, teams: &teams };
            assignment::check(tx, &wanted, Some(&held), &service.rules(), &command.actor, None).await?;
            row.roles = assignment::role_codes(&new.roles);
            row.localities = assignment::codes(&new.localities);
            row.teams = assignment::codes(&new.teams);
            row.version += 1;
            store::change(tx, &row).await?;
            revocation::revoke(tx, RevokedKind::Subject, id).await?;
            Ok(Done::changed(row.version, User::from(row)))
        })
        .await?;
    written.respond("user", async |_| show(&service, &command.actor, id).await.map(User::from)).await
}

/// Deactivate a user
///
/// They can't sign in any more, and every token they hold is refused within five seconds. What they did stays.
#[utoipa::path(operation_id = "deactivate_user", tag = "identity", request_body = DeactivateUser,
    params(("id" = Uuid, Path, description = "The user's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, description = "The user as they are now", body = User, headers(("ETag" = String, description = "Its version")))))]
#[post("/v1/users/{id}/deactivation")]
async fn deactivate_user(
    service: Data<Service>,
    command: Command<DeactivateUser>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let written = service
        .write(&command, &policy::USER_DEACTIVATE, async |tx| {
            tx.entry.record = Some(id);
            let mut row = store::find_for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            command.body()?;
            someone_else(&command.actor, id)?;
            if row.deactivated_at.is_some() {
                return Err(Problem::conflict("this user is deactivated already").into());
            }
            row.deactivated_at = Some(tx.now());
            row.version += 1;
            store::change(tx, &row).await?;
            revocation::revoke(tx, RevokedKind::Subject, id).await?;
            Ok(Done::changed(row.version, User::from(row)))
        })
        .await?;
    written.respond("user", async |_| show(&service, &command.actor, id).await.map(User::from)).await
}

/// So that nobody shuts themselves, or the last administrator, out by mistake.
fn someone_else(actor: &Actor, id: Uuid) -> Result<(), Problem> {
    if actor.user.0 == id { Err(Problem::conflict("someone else must do this to your own account")) } else { Ok(()) }
}
