//! `POST /v1/referrals/{id}/consent`. It is read with the referral.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::access;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::check;
use super::store;
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::domain::ReferralId;
use crate::referral::for_change;
use crate::referral::told::ConsentSaid;
use crate::referral::view::ReferralView;

/// This slice's route.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_consent);
}

/// What the family says of a service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "given": "yes", "by": "mother", "on": "2026-11-21", "how": "by telephone" }))]
pub struct ConsentRecord {
    /// Whether they agree, do not, or take back what they agreed to.
    pub given: ConsentSaid,
    /// Who was asked and said so: `mother`, `both parents`, a name.
    #[schema(min_length = 1, max_length = 200)]
    pub by: String,
    /// On which day they said so.
    pub on: NaiveDate,
    /// How: in person, by telephone, in writing.
    #[schema(min_length = 1, max_length = 200)]
    pub how: Option<String>,
    /// What else they said of it. Nobody needs a reason.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
}

/// Record consent to a service
///
/// What the family says after the referral, each time: that it agrees, that it does not, or that it takes its agreement
/// back, of which whoever works on the referral is alerted. By First Response, the hub and the teams that have the referral. It is
/// added to what was said before and shown with the referral (`consents`); what the referral itself told stays, and so
/// does the lawful basis on which it was shared.
#[utoipa::path(operation_id = "record_consent", tag = "referrals", request_body = ConsentRecord,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ReferralView)))]
#[post("/v1/referrals/{id}/consent")]
async fn record_consent(
    service: Data<Service>,
    command: Command<ConsentRecord>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RECORD_CONSENT, async |tx| {
            tx.entry.record = Some(id.0);
            let referral = for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["front-door", "hub", "team"]).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let before = store::before(tx, id).await?;
            let errors = check(&body, &before, now.local_day());
            Problem::refuse_any(errors)?;
            store::keep(tx, id, &body, actor, now).await?;
            referral.noted(tx, actor, now, "consent_recorded", None).await?;
            let people = referral.people(tx).await?;
            if body.given == ConsentSaid::Withdrawn {
                let scopes = store::at_work(tx, id).await?;
                let taken_back = Alert {
                    kind: "consent_withdrawn",
                    urgency: Urgency::Reminder,
                    about: "referrals",
                    record: id.0,
                    people: &people,
                    scopes: &scopes,
                    locality: referral.locality.as_deref(),
                };
                alert::tell(tx, &taken_back).await?;
            }
            if body.given == ConsentSaid::Yes {
                alert::end(tx, id.0, &["consent_withdrawn"], now).await?;
            }
            let facts = json!({
                "referral_id": id, "given": body.given, "on": body.on, "before": before.standing(body.on), "recorded_at": now,
                "locality": referral.locality, "person_ids": people,
            });
            tx.publish(Event::new("referral.consent_recorded.v1", id, facts));
            tx.entry.records.push(id.0);
            let view = shown(tx, id).await?;
            Ok(Done::created(format!("/v1/referrals/{id}"), referral.version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}
