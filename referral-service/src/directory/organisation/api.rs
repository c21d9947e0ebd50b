//! `/v1/organisations`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Role, Word};
use shared::page::{Cursor, Page};
use shared::problem::{self, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Row};
use crate::policy;

shared::typed_id!(
    /// An organisation of the directory.
    OrganisationId
);

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_organisations)
        .service(add_organisation)
        .service(read_organisation)
        .service(change_organisation);
}

/// Whether an actor keeps what an agency offers: the partnership's administrators all of it,
/// everyone else what their own agency does. Whether their role may is the action policy's to say.
pub fn keeps(actor: &Actor, agency: Option<&str>) -> bool {
    actor.holds_any(&[Role::PartnershipAdministrator]) || agency == Some(actor.agency.as_str())
}

/// An organisation as it is to stand in the directory.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Juniper Street Advice (invented)",
    "description": "A charity that gives free advice on debt, benefits and housing.",
    "website": "https://juniper-street.example", "email": "office@juniper-street.example"
}))]
pub struct OrganisationForm {
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is and does.
    #[schema(min_length = 1, max_length = 4000)]
    pub description: String,
    /// Its pages.
    #[schema(max_length = 500, pattern = r#"^https?://[^\s<>"]+$"#)]
    pub website: Option<String>,
    /// Where it is written to: an office's address, not a person's.
    #[schema(max_length = 254, pattern = r#"^[^@\s<>"]+@[^@\s<>"]+\.[^@\s<>"]+$"#)]
    pub email: Option<String>,
    /// The agency of the partnership that keeps it. Only administrators of the partnership say
    /// another than their own, or none, for one that is no user.
    pub agency: Option<Word>,
}

/// An organisation that offers services.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it is and does.
    pub description: String,
    /// Its pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Where it is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The agency of the partnership that keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// The directory it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// When it was entered.
    pub listed_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

impl From<Row> for OrganisationView {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            website: row.website,
            email: row.email,
            agency: row.agency,
            origin: row.origin,
            listed_at: row.listed_at,
            changed_at: row.changed_at,
        }
    }
}

/// List organisations
///
/// All that offer services, newest entry first.
#[utoipa::path(operation_id = "list_organisations", tag = "services",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<OrganisationView>)))]
#[get("/v1/organisations")]
async fn list_organisations(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_DIRECTORY, async |tx| {
            policy::READ_DIRECTORY.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, cursor, limit).await?;
            Ok(Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.listed_at, id: row.id.0 },
                OrganisationView::from,
            ))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an organisation
#[utoipa::path(operation_id = "read_organisation", tag = "services",
    params(("id" = uuid::Uuid, Path, description = "The organisation's id")),
    responses((status = 200, body = OrganisationView)))]
#[get("/v1/organisations/{id}")]
async fn read_organisation(
    service: Data<Service>,
    actor: Actor,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: OrganisationId) -> Result<(i64, OrganisationView), Problem> {
    service
        .read(actor, &policy::READ_DIRECTORY, async |tx| {
            let row = store::find(tx, id).await?;
            policy::READ_DIRECTORY.require(actor)?;
            Ok((row.version, row.into()))
        })
        .await
}

/// The agency that will keep an organisation: what an administrator says, or one's own.
fn kept_by(actor: &Actor, asked: Option<&Word>) -> Result<Option<String>, Problem> {
    let agency = match asked {
        None if !actor.holds_any(&[Role::PartnershipAdministrator]) => Some(actor.agency.as_str()),
        asked => asked.map(Word::as_str),
    };
    if keeps(actor, agency) { Ok(agency.map(str::to_owned)) } else { Err(Problem::new(problem::NOT_ALLOWED)) }
}

/// Add an organisation to the directory
#[utoipa::path(operation_id = "add_organisation", tag = "services", request_body = OrganisationForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = OrganisationView)))]
#[post("/v1/organisations")]
async fn add_organisation(service: Data<Service>, command: Command<OrganisationForm>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let now = tx.now();
            let agency = kept_by(&command.actor, form.agency.as_ref())?;
            let row = Row::new(form, agency, now);
            store::insert(tx, &row).await?;
            tx.entry.record = Some(row.id.0);
            Ok(Done::created(format!("/v1/organisations/{}", row.id), 1, OrganisationView::from(row)))
        })
        .await?;
    written
        .respond("full", async |stored| Ok(show(&service, &command.actor, OrganisationId(stored.id()?)).await?.1))
        .await
}

/// Change an organisation
///
/// Says all of it again: what is left out goes.
#[utoipa::path(operation_id = "change_organisation", tag = "services", request_body = OrganisationForm,
    params(("id" = uuid::Uuid, Path, description = "The organisation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OrganisationView)))]
#[post("/v1/organisations/{id}/details")]
async fn change_organisation(
    service: Data<Service>,
    command: Command<OrganisationForm>,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            tx.entry.record = Some(id.0);
            let seen = store::find(tx, id).await?;
            policy::KEEP_DIRECTORY.require(&command.actor)?;
            if !keeps(&command.actor, seen.agency.as_deref()) {
                return Err(Problem::new(problem::NOT_ALLOWED).into());
            }
            let current = store::lock(tx, id).await?;
            tx.proceed(Some(current.version)).await?;
            let form = command.body()?;
            let agency = kept_by(&command.actor, form.agency.as_ref())?;
            let next = current.replaced(form, agency, tx.now());
            store::replace(tx, &next).await?;
            Ok(Done::changed(next.version, OrganisationView::from(next)))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
