//! `/v1/information-sources`.

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::super::domain::SourceKind;
use super::super::store::{self, Offered};
use crate::policy;

/// An agency that can be asked for information.
#[derive(Debug, Serialize, ToSchema)]
pub struct InformationSource {
    /// The agency.
    pub agency: String,
    /// What kind of holder it is.
    pub kind: String,
    /// What it can be asked for.
    pub scopes: Vec<OfferedScope>,
}

/// What an agency can be asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferedScope {
    /// The code, of the set `information-scope`.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// For so many years back without saying why.
    pub most_years: i16,
    /// Whether that number was checked with the agency. If not, it is a placeholder for what the partnership agrees.
    pub verified: bool,
}

/// List who can be asked for information
///
/// With what each can be asked for, and for how many years back without saying why.
#[utoipa::path(operation_id = "list_information_sources", tag = "information requests",
    responses((status = 200, body = Vec<InformationSource>)))]
#[get("/v1/information-sources")]
pub async fn list_information_sources(service: Data<Service>, actor: Actor) -> Result<HttpResponse, Problem> {
    let rules = service.rules();
    let today = service.now().local_day();
    let rows = service
        .read(&actor, &policy::READ_INFORMATION_SOURCES, async |tx| {
            policy::READ_INFORMATION_SOURCES.require(&actor)?;
            store::offered(tx, None).await
        })
        .await?;
    let label = |code: &str| {
        let known = rules.codes("information-scope", today).into_iter().find(|known| known.code == code);
        known.map(|known| known.label.clone())
    };
    let scope = |row: &Offered| {
        let code = row.code.clone()?;
        Some(OfferedScope { label: label(&code)?, code, most_years: row.most_years?, verified: row.verified? })
    };
    let mut sources: Vec<InformationSource> = Vec::new();
    for row in &rows {
        match sources.last_mut() {
            Some(last) if last.agency == row.agency => last.scopes.extend(scope(row)),
            _ => sources.push(InformationSource {
                agency: row.agency.clone(),
                kind: row.kind.clone(),
                scopes: scope(row).into_iter().collect(),
            }),
        }
    }
    Ok(HttpResponse::Ok().json(sources))
}

/// An agency that can be asked from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agency": "police", "kind": "police" }))]
pub struct NewInformationSource {
    /// The agency, one of `GET /v1/agencies`.
    pub agency: Word,
    /// What kind of holder it is: it says what the agency can be asked for.
    pub kind: SourceKind,
}

/// Let an agency be asked for information
///
/// For administrators of the partnership and managers of First Response. Its people and systems with the role
/// `referrer` then see and answer what they are asked.
#[utoipa::path(operation_id = "add_information_source", tag = "information requests", request_body = NewInformationSource,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201)))]
#[post("/v1/information-sources")]
pub async fn add_information_source(
    service: Data<Service>,
    command: Command<NewInformationSource>,
) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::KEEP_INFORMATION_SOURCES, async |tx| {
            tx.proceed(None).await?;
            let new = command.body()?;
            let now = tx.now();
            store::add_source(tx, new.agency.as_str(), new.kind.as_str(), &command.actor, now).await?;
            Ok(Done::created("/v1/information-sources".to_owned(), 1, ()))
        })
        .await?;
    written.respond("source", async |_| Ok(())).await
}
