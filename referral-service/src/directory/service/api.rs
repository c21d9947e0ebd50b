//! `/v1/services`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::event::changed;
use super::form::{Capacity, ServiceForm};
use super::list::{self, Filter};
use super::store;
use super::view::{ServiceLine, ServiceView, part_ids};
use super::{domain, write};
use crate::directory::organisation::{self, OrganisationId, keeps};
use crate::policy;
use crate::provision::Opening;

shared::typed_id!(
    /// A service of the directory.
    ServiceId
);

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_services)
        .service(add_service)
        .service(read_service)
        .service(change_service)
        .service(set_service_capacity);
}

/// List services
///
/// The whole directory, newest entry first. What is asked for holds all at once: services that say
/// nothing of a district, a need, an age or a level are for everyone.
#[utoipa::path(operation_id = "list_services", tag = "services",
    params(("district" = Option<String>, Query, description = "That work in this district, a code of the set `locality`"),
           ("need" = Option<String>, Query, description = "That help with this, a code of the set `concern`"),
           ("age" = Option<i16>, Query, description = "That are for somebody of this age, in whole years"),
           ("level" = Option<i16>, Query, description = "That take this level of need, 1 to 4"),
           ("kind" = Option<String>, Query, description = "Of this kind, a code of the set `service_kind`"),
           ("status" = Option<Opening>, Query, description = "That stand so, their places counted"),
           ("organisation" = Option<uuid::Uuid>, Query, description = "Of this organisation"),
           ("text" = Option<String>, Query, description = "That hold every one of these words in their name, their organisation's or their description"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ServiceLine>)))]
#[get("/v1/services")]
async fn list_services(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_DIRECTORY, async |tx| {
            policy::READ_DIRECTORY.require(&actor)?;
            let mut query = Query::of(&request);
            let filter = Filter {
                district: query.optional("district", "a code of the set `locality`"),
                need: query.optional("need", "a code of the set `concern`"),
                age: query.optional("age", "a whole number of years"),
                level: query.optional::<Level>("level", "1, 2, 3 or 4").map(|level| level.0),
                kind: query.optional("kind", "a code of the set `service_kind`"),
                status: query.optional("status", "open, full or closed"),
                organisation: query.optional::<OrganisationId>("organisation", "an organisation's id"),
                words: domain::wanted_words(&query.optional::<String>("text", "words").unwrap_or_default()),
            };
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = list::list(tx, &filter, cursor, limit).await?;
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.listed_at, id: row.id }, list::Row::line);
            Ok(Page { items: page.items.into_iter().collect::<Result<Vec<_>, _>>()?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// A level of need.
struct Level(i16);

impl std::str::FromStr for Level {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.parse().ok().filter(|level| (1..=4).contains(level)).map(Self).ok_or(())
    }
}

/// Read a service
#[utoipa::path(operation_id = "read_service", tag = "services",
    params(("id" = uuid::Uuid, Path, description = "The service's id")),
    responses((status = 200, body = ServiceView)))]
#[get("/v1/services/{id}")]
async fn read_service(service: Data<Service>, actor: Actor, id: Path<ServiceId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: ServiceId) -> Result<(i64, ServiceView), Problem> {
    service
        .read(actor, &policy::READ_DIRECTORY, async |tx| {
            let row = store::show(tx, id).await?;
            policy::READ_DIRECTORY.require(actor)?;
            Ok((row.version, row.view()?))
        })
        .await
}

/// Add a service to the directory
///
/// To an organisation you keep. It stands in the public feed at once, unless `published` is false.
#[utoipa::path(operation_id = "add_service", tag = "services", request_body = ServiceForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ServiceView)))]
#[post("/v1/services")]
async fn add_service(service: Data<Service>, command: Command<ServiceForm>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let now = tx.now();
            require_kept(tx, &command.actor, &form).await?;
            domain::check(&form, &service.rules(), now.local_day(), &[]).map_err(Problem::invalid)?;
            let id = ServiceId::new();
            write::insert(tx, id, &form, None, now).await?;
            tx.entry.record = Some(id.0);
            let view = store::show(tx, id).await?.view()?;
            tx.publish(changed(&view));
            Ok(Done::created(format!("/v1/services/{id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, &command.actor, ServiceId(stored.id()?)).await?.1)).await
}

/// Refuses an actor who does not keep the organisation that a form names.
async fn require_kept<T>(tx: &mut Write<'_, T>, actor: &Actor, form: &ServiceForm) -> Result<(), Problem> {
    match organisation::store::find(tx, form.organisation_id).await {
        Ok(found) if keeps(actor, found.agency.as_deref()) => Ok(()),
        Ok(_) => Err(Problem::new(problem::NOT_ALLOWED)),
        Err(problem) if problem.status() != 404 => Err(problem),
        Err(_) => {
            let at = "/organisation_id";
            Err(Problem::invalid(vec![FieldError::at(at, "unknown", "is no organisation of the directory")]))
        }
    }
}

/// The version of a service that is to be changed, locked until the transaction ends.
async fn for_change<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: ServiceId,
) -> Result<i64, shared::service::Stop> {
    tx.entry.record = Some(id.0);
    let agency = store::keeper_of(tx, id).await?;
    policy::KEEP_DIRECTORY.require(actor)?;
    if !keeps(actor, agency.as_deref()) {
        return Err(Problem::new(problem::NOT_ALLOWED).into());
    }
    let version = store::lock(tx, id).await?;
    tx.proceed(Some(version)).await?;
    Ok(version)
}

/// Change a service
///
/// Says all of it again: what is left out goes. Parts sent with their `id` stay the same part.
#[utoipa::path(operation_id = "change_service", tag = "services", request_body = ServiceForm,
    params(("id" = uuid::Uuid, Path, description = "The service's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ServiceView)))]
#[post("/v1/services/{id}/details")]
async fn change_service(
    service: Data<Service>,
    command: Command<ServiceForm>,
    id: Path<ServiceId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            let version = for_change(tx, &command.actor, id).await?;
            let form = command.body()?;
            let now = tx.now();
            require_kept(tx, &command.actor, &form).await?;
            let parts = part_ids(&store::show(tx, id).await?.view()?);
            domain::check(&form, &service.rules(), now.local_day(), &parts).map_err(Problem::invalid)?;
            write::replace(tx, id, &form, None, now).await?;
            let view = store::show(tx, id).await?.view()?;
            tx.publish(changed(&view));
            Ok(Done::changed(version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// How much room a service has now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "status": "open", "capacity": { "places": 40, "taken": 36, "waiting_days": 21 } }))]
pub struct CapacityChange {
    /// Whether it takes people on.
    pub status: Opening,
    /// Places, how many of them are taken, and the wait; what is left out is no longer known.
    #[serde(default)]
    pub capacity: Capacity,
}

/// Say how much room a service has
///
/// The part that changes every week, without saying everything else again.
#[utoipa::path(operation_id = "set_service_capacity", tag = "services", request_body = CapacityChange,
    params(("id" = uuid::Uuid, Path, description = "The service's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ServiceView)))]
#[post("/v1/services/{id}/capacity")]
async fn set_service_capacity(
    service: Data<Service>,
    command: Command<CapacityChange>,
    id: Path<ServiceId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            let version = for_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let mut errors = Vec::new();
            domain::check_capacity(&body.capacity, "/capacity", &mut errors);
            Problem::refuse_any(errors)?;
            let now = tx.now();
            write::set_capacity(tx, id, body.status, body.capacity, now).await?;
            let view = store::show(tx, id).await?.view()?;
            tx.publish(changed(&view));
            Ok(Done::changed(version + 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
