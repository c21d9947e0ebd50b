//! Who must not see a person's records, and who alone may.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::id::PersonId;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store;
use crate::policy;

/// The routes of restrictions.
pub fn routes(config: &mut ServiceConfig) {
    config.service(restrict_person).service(lift_restriction);
}

shared::words! {
    /// What a restriction does.
    Effect {
        /// The named user never sees the person's records: a worker's own family. Always wins.
        Exclude = "exclude",
        /// Only the named user, and those named by an `allow`, see the person's records. It names one so
        /// that a new worry about the person never reaches nobody.
        Restrict = "restrict",
        /// The named user sees them all the same.
        Allow = "allow",
    }
}

/// A restriction of who sees a person's records.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// What it does.
    pub effect: Effect,
    /// The user it names.
    pub user_id: Uuid,
    /// Until when; until it is lifted, if left out.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Restrict who sees a person's records
///
/// Holds from the next request on, for every record about the person in this service. Those
/// whom it hides the person from are told nothing: to them there is no such person.
#[utoipa::path(operation_id = "restrict_person", tag = "people", request_body = Restriction,
    params(("id" = Uuid, Path, description = "The person's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201)))]
#[post("/v1/people/{id}/restrictions")]
async fn restrict_person(
    service: Data<Service>,
    command: Command<Restriction>,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RESTRICT_PERSON, async |tx| {
            tx.entry.record = Some(id.0);
            store::require_seen(tx, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            if body.until.is_some_and(|until| until <= now) {
                return Err(Problem::invalid(vec![FieldError::at("/until", "in_the_past", "is over already")]).into());
            }
            if body.effect == Effect::Restrict {
                store::restrict(tx, id, "allow", Some(body.user_id), now, body.until, &body.reason).await?;
                store::restrict(tx, id, "restrict", None, now, body.until, &body.reason).await?;
            } else {
                store::restrict(tx, id, body.effect.as_str(), Some(body.user_id), now, body.until, &body.reason)
                    .await?;
            }
            tx.entry.people.push(id.0);
            Ok(Done::created(format!("/v1/people/{id}"), 1, ()))
        })
        .await?;
    written.respond("restriction", async |_| Ok(())).await
}

/// Which restriction ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    /// What it did.
    pub effect: Effect,
    /// The user it named, for `exclude` and `allow`.
    pub user_id: Option<Uuid>,
    /// Why it ends.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Lift a restriction
///
/// From the next request on. Refused with 409 if there is none such.
#[utoipa::path(operation_id = "lift_restriction", tag = "people", request_body = Lifting,
    params(("id" = Uuid, Path, description = "The person's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201)))]
#[post("/v1/people/{id}/restrictions/lifting")]
async fn lift_restriction(
    service: Data<Service>,
    command: Command<Lifting>,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RESTRICT_PERSON, async |tx| {
            tx.entry.record = Some(id.0);
            store::require_seen(tx, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            if !store::lift(tx, id, body.effect.as_str(), body.user_id, now, &body.reason).await? {
                return Err(Problem::conflict("there is no such restriction").into());
            }
            tx.entry.people.push(id.0);
            Ok(Done::created(format!("/v1/people/{id}"), 1, ()))
        })
        .await?;
    written.respond("restriction", async |_| Ok(())).await
}
