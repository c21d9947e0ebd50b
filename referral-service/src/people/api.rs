//! People over HTTP.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::audit::{self, Entry};
use shared::auth::CallingService;
use shared::background::Background;
use shared::calendar::LocalDay;
use shared::id::PersonId;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::{Command, Question};
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::birth::birth_date_error;
use super::domain::name_key;
use super::store::{self, Person};
use crate::policy;
use crate::schema::person;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_person).service(search_people).service(read_person).service(read_access_log);
}

/// What other processes ask at `/internal/*`.
pub fn internal(app: &mut web::ServiceConfig) {
    app.route("/internal/people/{id}", web::get().to(internal_person));
}

/// A person of the index.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    /// The person's id.
    pub id: PersonId,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// The version, which other services' copies carry.
    pub version: i64,
}

impl From<Person> for PersonView {
    fn from(row: Person) -> Self {
        Self {
            id: row.id,
            given_name: row.given_name,
            family_name: row.family_name,
            birth_date: row.birth_date,
            version: row.version,
        }
    }
}

/// Someone to be known.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDetails {
    /// Given name.
    #[schema(min_length = 1, max_length = 200)]
    pub given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 200)]
    pub family_name: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

/// Add a person
///
/// For those who meet someone before there is a referral. If you see this person in the index
/// already (same name, same birth date), that person is the answer.
#[utoipa::path(operation_id = "add_person", tag = "people", request_body = PersonDetails,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PersonView)))]
#[post("/v1/people")]
async fn add_person(service: Data<Service>, command: Command<PersonDetails>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::ADD_PERSON, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            if let Some(error) = body.birth_date.and_then(|birth| birth_date_error(birth, today, "/birth_date")) {
                return Err(Problem::invalid(vec![error]).into());
            }
            let wanted = Person::new(&body.given_name, &body.family_name, body.birth_date);
            let row = store::find_or_insert(tx, wanted, &command.actor.scopes(), now).await?;
            let id = row.id;
            tx.entry.record = Some(id.0);
            tx.entry.people.push(id.0);
            let view = PersonView::from(row);
            Ok(Done::created(format!("/v1/people/{id}"), view.version, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, &command.actor, PersonId(stored.id()?)).await?)).await
}

async fn show(service: &Service, actor: &Actor, id: PersonId) -> Result<PersonView, Problem> {
    service
        .read(actor, &policy::READ_PERSON, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_PERSON.require(actor)?;
            tx.entry.people.push(id.0);
            Ok(PersonView::from(row))
        })
        .await
}

/// Read a person
#[utoipa::path(operation_id = "read_person", tag = "people",
    params(("id" = Uuid, Path, description = "The person's id")),
    responses((status = 200, body = PersonView)))]
#[get("/v1/people/{id}")]
async fn read_person(service: Data<Service>, actor: Actor, id: Path<PersonId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let view = show(&service, &actor, id).await?;
    Ok(found(view.version, "full", &view))
}

/// Whom to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSearch {
    /// The beginning of the family name, however spelt.
    #[schema(min_length = 2, max_length = 200, example = "Testc")]
    pub family_name: String,
    /// The beginning of the given name.
    #[schema(min_length = 1, max_length = 200)]
    pub given_name: Option<String>,
    /// The birth date.
    pub birth_date: Option<NaiveDate>,
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleFound {
    /// Up to 50 people, by family and given name.
    pub items: Vec<PersonView>,
    /// Whether there are more: narrow the search.
    pub more: bool,
}

/// The most people one search shows.
const MOST_FOUND: i64 = 50;

/// Search people
///
/// Among the people you may see, by the beginning of their names and the birth date. A search is
/// sent as a body, so that no name stands in an address or a log; everyone it finds has it in
/// their access log.
#[utoipa::path(operation_id = "search_people", tag = "people", request_body = PersonSearch,
    responses((status = 200, body = PeopleFound)))]
#[post("/v1/people/searches")]
async fn search_people(service: Data<Service>, search: Question<PersonSearch>) -> Result<HttpResponse, Problem> {
    let actor = &search.actor;
    let answer = service
        .read(actor, &policy::READ_PERSON, async |tx| {
            policy::READ_PERSON.require(actor)?;
            let wanted = search.body()?;
            let family = name_key(&wanted.family_name);
            let given = wanted.given_name.as_deref().map(name_key);
            let mut rows = store::search(tx, &family, given.as_deref(), wanted.birth_date, MOST_FOUND + 1).await?;
            let more = rows.len() > 50;
            rows.truncate(50);
            tx.entry.people = rows.iter().map(|row| row.id.0).collect();
            Ok(PeopleFound { items: rows.into_iter().map(PersonView::from).collect(), more })
        })
        .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A look at someone's records.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogEntry {
    /// When, by the machine's clock.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// Their agency.
    pub agency: String,
    /// The end user of the agency's own system for whom it acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// What they did: an action of the access table.
    pub action: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// Which record it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<Uuid>,
}

/// Read a person's access log
///
/// Who looked at or changed the person's records in this service, and when, newest first. A look
/// stands here within a second of being taken.
#[utoipa::path(operation_id = "read_person_access_log", tag = "people",
    params(("id" = Uuid, Path, description = "The person's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<AccessLogEntry>)))]
#[get("/v1/people/{id}/access-log")]
async fn read_access_log(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let page = service
        .read(&actor, &policy::READ_ACCESS_LOG, async |tx| {
            tx.entry.record = Some(id.0);
            store::require_seen(tx, id).await?;
            policy::READ_ACCESS_LOG.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            tx.entry.people.push(id.0);
            let rows = store::access_log(tx, id, cursor, limit).await?;
            Ok(Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.at, id: row.entry_id },
                |row| AccessLogEntry {
                    at: row.at,
                    who: row.actor_name,
                    agency: row.agency,
                    on_behalf_of: row.on_behalf_of,
                    action: row.action,
                    outcome: row.outcome,
                    record_id: row.record_id,
                },
            ))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// `GET /internal/people/{id}`: what another service keeps a copy of. It leaves here, so it stands in
/// the person's access log.
async fn internal_person(
    caller: CallingService,
    background: Data<Background>,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let mut connection = background.connection().await?;
    let view = connection
        .transaction(async |connection| -> Result<PersonView, Problem> {
            let row = person::table.find(id).select(Person::as_select()).first(connection).await.optional()?;
            let row = row.ok_or_else(Problem::not_found)?;
            let entry = Entry { record: Some(id.0), people: vec![id.0], ..Entry::default() };
            audit::write_for_service(connection, &caller, "person.copy", &entry).await?;
            Ok(PersonView::from(row))
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}
