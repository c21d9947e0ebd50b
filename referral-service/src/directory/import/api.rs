//! `/v1/services/imports`.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::actor::{Actor, Role, Word};
use shared::calendar::LocalDay;
use shared::db::from_jsonb;
use shared::id::derived;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Found, Reading, named};
use super::reading::Remarks;
use super::store::{self, Import, Known};
use crate::directory::organisation::{OrganisationId, keeps};
use crate::directory::service::event::changed;
use crate::directory::service::view::ServiceView;
use crate::directory::service::write::{Origin, insert, replace};
use crate::directory::service::{ServiceId, domain as rules_of_services, store as services};
use crate::policy;
use crate::provision::Opening;

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(import_services).service(read_service_import);
}

/// Services of another directory, as Open Referral UK has them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "origin": "https://directory.example/open-referral",
    "services": [{
        "id": "7f2c4f1e-0f9b-4f38-9a55-0d4f8a9b1c11", "name": "Walking group (invented)", "status": "active",
        "description": "A walk each Tuesday.", "maximum_age": 120,
        "organization": { "id": "b6f1c1c0-6d0f-4f3c-9b1e-6a1f0b2f6f1d", "name": "Walkers (invented)", "description": "Volunteers." },
        "schedules": [{ "id": "0b7f3c1e-1f9b-4f38-9a55-0d4f8a9b1c12", "freq": "WEEKLY", "byday": "TU", "opens_at": "10:00Z" }]
    }]
}))]
pub struct ServiceImport {
    /// Which directory they are from: its address, the same each time.
    #[schema(min_length = 1, max_length = 300, pattern = r"^\S+$")]
    pub origin: String,
    /// What sort of service one is that does not say, a code of the set `service_kind`; `community` if left out.
    pub kind: Option<Word>,
    /// The services with all their parts, each an object as `/services/{id}` of the standard answers it.
    #[schema(min_items = 1, max_items = 500)]
    pub services: Vec<Value>,
}

/// What became of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceImportView {
    /// Its id.
    pub id: Uuid,
    /// When it was sent in.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Which directory it is from.
    pub origin: String,
    /// What became of each row, and how many.
    pub report: ImportReport,
}

/// What became of each row.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceImportReport)]
pub struct ImportReport {
    /// How many are new.
    pub taken: usize,
    /// How many had changed.
    pub changed: usize,
    /// How many say what they said before.
    pub unchanged: usize,
    /// How many were refused.
    pub refused: usize,
    /// Each row, in the document's order.
    pub rows: Vec<ImportRow>,
}

/// What became of a row.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceImportRow)]
pub struct ImportRow {
    /// Its place in the document, from 0.
    pub place: usize,
    /// Its id there, as far as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// Its name, as far as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// The service it is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<Uuid>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// What of it was left out, or taken otherwise than it stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceImportOutcome)]
pub enum ImportOutcome {
    /// It is a new service.
    Taken,
    /// It is a service that was known, and says something else than before.
    Changed,
    /// It says what it said before; nothing was done.
    Unchanged,
    /// It was not taken.
    Refused,
}

/// Import services of another directory
///
/// As an Open Referral UK document has them. Each row is taken whole or refused, and the answer says which and
/// why. Send the same document again and nothing changes: services are known by their ids in the directory they are from.
/// Room, levels of need and the like, for which the standard has no word, stay as they were kept here. Names of people are left out.
#[utoipa::path(operation_id = "import_services", tag = "services", request_body = ServiceImport,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ServiceImportView)))]
#[post("/v1/services/imports")]
async fn import_services(service: Data<Service>, command: Command<ServiceImport>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::KEEP_DIRECTORY, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let rules = service.rules();
            let kind = match &body.kind {
                Some(kind) => kind.clone(),
                None => "community".parse().map_err(|error| Problem::internal(&error))?,
            };
            if !rules.has_code("service_kind", kind.as_str(), now.local_day()) {
                let detail = "is no code of today's; GET /v1/codes/service_kind lists them";
                return Err(Problem::invalid(vec![FieldError::at("/kind", "unknown_code", detail)]).into());
            }
            let reading = Reading { rules: &rules, today: now.local_day(), kind: &kind };
            let report = take(tx, &command.actor, &body, &reading).await?;
            let import = Import {
                id: Uuid::now_v7(),
                at: now,
                by_name: command.actor.name.clone(),
                origin: body.origin,
                report: serde_json::to_value(&report).map_err(|error| Problem::internal(&error))?,
            };
            store::keep(tx, &import, &command.actor).await?;
            tx.entry.record = Some(import.id);
            Ok(Done::created(format!("/v1/services/imports/{}", import.id), 1, shown(import)?))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, &command.actor, stored.id()?).await?)).await
}

fn shown(import: Import) -> Result<ServiceImportView, Problem> {
    Ok(ServiceImportView {
        id: import.id,
        at: import.at,
        by: import.by_name,
        origin: import.origin,
        report: from_jsonb(import.report)?,
    })
}

/// Takes what can be taken, row by row.
async fn take(
    tx: &mut Write<'_, ServiceImport>,
    actor: &Actor,
    body: &ServiceImport,
    reading: &Reading<'_>,
) -> Result<ImportReport, Problem> {
    let ids: Vec<&str> = body.services.iter().filter_map(|row| row.get("id")?.as_str()).collect();
    let known = store::known(tx, &body.origin, &ids).await?;
    let mut seen = BTreeSet::new();
    let mut report = ImportReport::default();
    for (place, row) in body.services.iter().enumerate() {
        let mut remarks = Remarks::default();
        let at = format!("/services/{place}");
        let found = reading.row(row, at.clone(), &mut remarks);
        let (origin_id, name) = named(row);
        let mut line = ImportRow {
            place,
            origin_id,
            name,
            outcome: ImportOutcome::Refused,
            service_id: None,
            errors: Vec::new(),
            notes: remarks.notes,
        };
        if let Some(found) = found {
            let digest = derived(&row.to_string()).simple().to_string();
            let before = known.get(&found.id);
            if !seen.insert(found.id.clone()) {
                let detail = "stands in this document twice; the first was taken";
                remarks.errors.push(FieldError::at(format!("{at}/id"), "repeated", detail));
            } else if let Some(before) = before.filter(|before| before.digest == digest) {
                line.outcome = ImportOutcome::Unchanged;
                line.service_id = Some(before.id.0);
                line.notes.clear();
            } else {
                match enter(tx, actor, &body.origin, found, before, &digest, reading).await? {
                    Ok(view) => {
                        line.outcome = if before.is_some() { ImportOutcome::Changed } else { ImportOutcome::Taken };
                        line.service_id = Some(view.id.0);
                        tx.publish(changed(&view));
                    }
                    Err(errors) => remarks.errors.extend(errors.into_iter().map(|error| inside(&at, error))),
                }
            }
        }
        line.errors = remarks.errors;
        match line.outcome {
            ImportOutcome::Taken => report.taken += 1,
            ImportOutcome::Changed => report.changed += 1,
            ImportOutcome::Unchanged => report.unchanged += 1,
            ImportOutcome::Refused => report.refused += 1,
        }
        report.rows.push(line);
    }
    Ok(report)
}

/// An error of a service as one of its row.
fn inside(at: &str, error: FieldError) -> FieldError {
    let pointer = error.pointer.map(|pointer| format!("{at}{pointer}"));
    FieldError { pointer, ..error }
}

/// Enters a service, or says of a known one what it says now. The answer is the service, or why not.
async fn enter(
    tx: &mut Write<'_, ServiceImport>,
    actor: &Actor,
    origin: &str,
    found: Found,
    before: Option<&Known>,
    digest: &str,
    reading: &Reading<'_>,
) -> Result<Result<ServiceView, Vec<FieldError>>, Problem> {
    let now = tx.now();
    let not_kept = |what: &str| {
        Ok(Err(vec![FieldError::at("/organization", "kept_by_others", format!("{what} is kept by another agency"))]))
    };
    if before.is_some_and(|before| !keeps(actor, before.agency.as_deref())) {
        return not_kept("the service");
    }
    let organisation = store::organisation(tx, origin, &found.organisation.id).await?;
    if organisation.as_ref().is_some_and(|(_, agency)| !keeps(actor, agency.as_deref())) {
        return not_kept("its organisation");
    }
    let mut form = found.form;
    let current = match before {
        Some(before) => Some(services::show(tx, before.id).await?.view()?),
        None => None,
    };
    if let Some(current) = &current {
        keep_what_is_ours(&mut form, current, reading)?;
    }
    if let Err(errors) = rules_of_services::check(&form, reading.rules, reading.today, &[]) {
        return Ok(Err(errors));
    }
    form.organisation_id = match organisation {
        Some((id, _)) => {
            store::renew_organisation(tx, id, &found.organisation, now).await?;
            id
        }
        None => new_organisation(tx, actor, origin, &found.organisation, now).await?,
    };
    let origin = Some(Origin { origin, id: &found.id, digest });
    let id = match before {
        Some(before) => {
            services::lock(tx, before.id).await?;
            replace(tx, before.id, &form, origin, now).await?;
            before.id
        }
        None => {
            let id = ServiceId::new();
            insert(tx, id, &form, origin, now).await?;
            id
        }
    };
    Ok(Ok(services::show(tx, id).await?.view()?))
}

async fn new_organisation(
    tx: &mut Write<'_, ServiceImport>,
    actor: &Actor,
    origin: &str,
    found: &super::domain::FoundOrganisation,
    now: DateTime<Utc>,
) -> Result<OrganisationId, Problem> {
    // Administrators take in what is no user's; an agency what it offers or vouches for.
    let agency = (!actor.holds_any(&[Role::PartnershipAdministrator])).then_some(actor.agency.as_str());
    store::insert_organisation(tx, origin, found, agency, now).await
}

/// What the standard has no word for stays as it is kept here.
fn keep_what_is_ours(
    form: &mut crate::directory::service::form::ServiceForm,
    current: &ServiceView,
    reading: &Reading<'_>,
) -> Result<(), Problem> {
    let word = |code: &String| code.parse::<Word>().map_err(|error| Problem::internal(&error));
    form.service = current.service.as_ref().map(word).transpose()?;
    form.capacity = current.capacity;
    form.eligibility.levels.clone_from(&current.eligibility.levels);
    form.published = current.published;
    // Full because somebody said so, and not only because no place was free when last counted.
    let counted = current.capacity.places.is_some_and(|places| places <= current.capacity.taken.unwrap_or(0));
    if form.status == Some(Opening::Open) && current.status == Opening::Full && !counted {
        form.status = Some(Opening::Full);
    }
    if form.eligibility.needs.is_empty() {
        let today = |code: &&Word| reading.rules.has_code("concern", code.as_str(), reading.today);
        form.eligibility.needs = current.eligibility.needs.iter().filter(today).cloned().collect();
    }
    if form.kind == *reading.kind {
        form.kind = word(&current.kind)?;
    }
    Ok(())
}

/// Read what became of an import
#[utoipa::path(operation_id = "read_service_import", tag = "services",
    params(("id" = Uuid, Path, description = "The import's id")),
    responses((status = 200, body = ServiceImportView)))]
#[get("/v1/services/imports/{id}")]
async fn read_service_import(service: Data<Service>, actor: Actor, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(found(1, "full", &show(&service, &actor, *id).await?))
}

async fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<ServiceImportView, Problem> {
    service
        .read(actor, &policy::KEEP_DIRECTORY, async |tx| {
            let import = store::find(tx, id).await?;
            policy::KEEP_DIRECTORY.require(actor)?;
            shown(import)
        })
        .await
}
