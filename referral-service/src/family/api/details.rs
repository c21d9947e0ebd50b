//! What a family is called, and the district it lives in.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::show_family;
use crate::family::change::family_to_change;
use crate::family::domain::{FamilyId, FamilyState};
use crate::family::store::case::cases_of;
use crate::family::store::family::rename;
use crate::family::store::scope::case_grant;
use crate::family::view::{FamilyView, Shown, family_view};
use crate::policy;

/// Routes of what a family is called and where it lives.
pub fn routes(config: &mut ServiceConfig) {
    config.service(correct_family);
}

/// What is to be said differently of a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FamilyCorrection, example = json!({ "locality": "melton" }))]
pub struct Correction {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// The district it lives in now, a code of the set `locality`.
    pub locality: Option<Word>,
}

/// Correct a family's name or district
///
/// When the family moves to another district, that district's hub sees who is helping it. The hub
/// of the district it left still does.
#[utoipa::path(operation_id = "correct_family", tag = "families", request_body = Correction,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/correction")]
async fn correct_family(
    service: Data<Service>,
    command: Command<Correction>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let mut errors = Vec::new();
            if body.name.is_none() && body.locality.is_none() {
                errors.push(FieldError::at("/name", "required", "say a name or a locality"));
            }
            if let Some(code) = &body.locality
                && !service.rules().has_code("locality", code.as_str(), today)
            {
                let detail = "is no district; GET /v1/codes/locality lists them";
                errors.push(FieldError::at("/locality", "unknown_code", detail));
            }
            Problem::refuse_any(errors)?;
            if let Some(name) = &body.name {
                rename(tx, id, name).await?;
            }
            if let Some(locality) = &body.locality {
                let hub = format!("hub:{locality}");
                let cases = cases_of(tx, id).await?;
                let open = cases.iter().any(|case| case.closed_at.is_none());
                let mut grants = vec![Grant {
                    record: id.0,
                    kind: "family",
                    scope: hub.clone(),
                    view: View::Involvement,
                    state: if open { FamilyState::Open } else { FamilyState::Known }.as_str(),
                    sort_at: family.formed_at,
                }];
                for case in &cases {
                    grants.push(case_grant(case, &hub, View::Involvement)?);
                }
                access::grant(tx, &grants).await?;
                let before = family.locality.replace(locality.as_str().to_owned());
                let facts =
                    json!({ "family_id": id, "locality": family.locality, "before": before, "moved_on": today });
                tx.publish(Event::new("family.moved.v1", id, facts));
            }
            family.bump(tx).await?;
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}
