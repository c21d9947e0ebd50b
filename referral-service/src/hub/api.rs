//! `GET /v1/hubs/{locality}/referrals` and `POST /v1/referrals/{id}/hub-decision`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::{Actor, Word};
use shared::events::Event;
use shared::page::Page;
use shared::problem::{FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::decision::{Decision, keep};
use crate::referral::domain::ReferralId;
use crate::referral::offer::{Offer, offer};
use crate::referral::view::{ReferralLine, ReferralView, page_of};
use crate::referral::{Happening, Status, for_change};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_hub_referrals).service(decide_at_hub);
}

/// List what a hub has
///
/// Those listed for the hub and waiting for its decision, unless another status is asked for.
/// A hub you don't sit on is not found.
#[utoipa::path(operation_id = "list_hub_referrals", tag = "hubs",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("status" = Option<Status>, Query, description = "listed_for_hub unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ReferralLine>), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument),
        (status = 403, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/v1/hubs/{locality}/referrals")]
async fn list_hub_referrals(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_HUB, async |tx| {
            let scope = format!("hub:{locality}");
            // The scope is only held by those who sit on the hub, in the role of a hub member.
            if !actor.scopes().contains(&scope) {
                return Err(Problem::not_found());
            }
            policy::READ_HUB.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<Status>("status", "a status such as listed_for_hub");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            page_of(tx, &[scope], Some(status.unwrap_or(Status::ListedForHub)), cursor, limit).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// What a hub decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HubOutcome {
    /// A service is asked to take it on.
    Allocate,
    /// Stepped up to children's social care.
    SocialCare,
    /// Information and advice, and the referral ends.
    InformationAndAdvice,
    /// No further action, and the referral ends.
    NoFurtherAction,
}

impl HubOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            HubOutcome::Allocate => "allocate",
            HubOutcome::SocialCare => "social_care",
            HubOutcome::InformationAndAdvice => "information_and_advice",
            HubOutcome::NoFurtherAction => "no_further_action",
        }
    }

    const fn happening(self) -> Happening {
        match self {
            HubOutcome::Allocate => Happening::OfferedByHub,
            HubOutcome::SocialCare => Happening::SteppedUp,
            HubOutcome::InformationAndAdvice | HubOutcome::NoFurtherAction => Happening::EndedByHub,
        }
    }

    const fn told(self) -> &'static str {
        match self {
            HubOutcome::Allocate => "The hub asked a service to work with the family.",
            HubOutcome::SocialCare => "The hub passed your referral to children's social care.",
            HubOutcome::InformationAndAdvice => "The hub gave information and advice.",
            HubOutcome::NoFurtherAction => "The hub decided that no further action is needed.",
        }
    }
}

/// A decision of a hub.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "allocate", "service": "intensive-family-support",
    "reason": "Several needs in one household; one dedicated worker can bring council, school and health together." }))]
pub struct HubDecision {
    /// What is decided.
    pub outcome: HubOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: String,
    /// The service that is asked, a code of the set `service`; for `allocate`.
    pub service: Option<Word>,
    /// What the referrer is told, in your words; a standard sentence if left out. Say nothing the
    /// referrer may not know.
    #[schema(min_length = 1, max_length = 4000)]
    pub feedback: Option<String>,
}

/// Decide at the hub
///
/// With reasons. To allocate is to ask a service: it accepts or declines, and what it declines is
/// listed here again. Two people deciding at once can't overwrite one another.
#[utoipa::path(operation_id = "decide_at_hub", tag = "hubs", request_body = HubDecision,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/referrals/{id}/hub-decision")]
async fn decide_at_hub(
    service: Data<Service>,
    command: Command<HubDecision>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::DECIDE_AT_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["hub"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let asked = asked_service(&body, &service.rules(), now.date_naive())?;
            referral.happens(tx, body.outcome.happening(), &command.actor, now, Some(&body.reason)).await?;
            let decision = Decision { stage: "hub", outcome: body.outcome.as_str(), level_of_need: None, reason: &body.reason };
            keep(tx, id, &command.actor, now, &decision).await?;
            referral.tell_referrer(tx, now, "hub_decision", body.feedback.as_deref().unwrap_or(body.outcome.told())).await?;
            tx.entry.records.push(id.0);
            let facts = serde_json::json!({
                "referral_id": id, "outcome": body.outcome, "decided_at": now, "locality": referral.locality, "service": asked,
            });
            tx.publish(Event::new("referral.hub_decided.v1", id, facts));
            if let Some(asked) = asked {
                let (_, offered) = offer(tx, &referral, &Offer::to_lead(asked), &service.rules(), now).await?;
                tx.publish(offered);
            }
            if body.outcome.happening() == Happening::EndedByHub {
                let facts = serde_json::json!({ "referral_id": id, "closed_at": now, "how": body.outcome });
                tx.publish(Event::new("referral.closed.v1", id, facts));
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// The service a decision asks, if it asks one.
fn asked_service<'a>(
    body: &'a HubDecision,
    rules: &shared::code::Rules,
    today: chrono::NaiveDate,
) -> Result<Option<&'a str>, Problem> {
    let mut errors = Vec::new();
    if body.reason.trim().is_empty() {
        errors.push(FieldError::at("/reason", "blank", "holds only spaces"));
    }
    let asked = body.service.as_ref().map(Word::as_str);
    match (body.outcome, asked) {
        (HubOutcome::Allocate, None) => {
            errors.push(FieldError::at("/service", "required", "is needed: which service is asked?"));
        }
        (HubOutcome::Allocate, Some(code)) if !rules.has_code("service", code, today) => {
            errors.push(FieldError::at("/service", "unknown_code", "is no service; GET /v1/codes/service lists them"));
        }
        (HubOutcome::Allocate, Some(_)) | (_, None) => {}
        (_, Some(_)) => errors.push(FieldError::at("/service", "does_not_fit", "has a place only with allocate")),
    }
    if errors.is_empty() { Ok(asked) } else { Err(Problem::invalid(errors)) }
}
