//! `POST /v1/referrals/{id}/screening` and `…/decision`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::Word;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem, ProblemDocument};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::decision::{Decision, keep};
use crate::referral::domain::ReferralId;
use crate::referral::offer::{Part, offer};
use crate::referral::view::ReferralView;
use crate::referral::{Happening, for_change};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(start_screening).service(decide_referral);
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct StartScreening {}

/// Start screening a referral
///
/// Takes it off the pile, so that two officers don't screen the same one.
#[utoipa::path(operation_id = "start_screening", tag = "first response", request_body = StartScreening,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/referrals/{id}/screening")]
async fn start_screening(
    service: Data<Service>,
    command: Command<StartScreening>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::SCREEN_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            command.body()?;
            let now = tx.now();
            referral.happens(tx, Happening::ScreeningStarted, &command.actor, now, None).await?;
            tx.entry.records.push(id.0);
            tx.publish(Event::new("referral.screening_started.v1", id, serde_json::json!({ "referral_id": id })));
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// What the front door decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FrontDoorOutcome {
    /// Immediate safeguarding: children's social care.
    SocialCare,
    /// Early help: the hub of the family's district.
    EarlyHelpHub,
    /// Youth justice prevention is asked.
    YouthJusticePrevention,
    /// Information and advice, and the referral ends.
    InformationAndAdvice,
    /// No further action, and the referral ends.
    NoFurtherAction,
}

impl FrontDoorOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            FrontDoorOutcome::SocialCare => "social_care",
            FrontDoorOutcome::EarlyHelpHub => "early_help_hub",
            FrontDoorOutcome::YouthJusticePrevention => "youth_justice_prevention",
            FrontDoorOutcome::InformationAndAdvice => "information_and_advice",
            FrontDoorOutcome::NoFurtherAction => "no_further_action",
        }
    }

    const fn happening(self) -> Happening {
        match self {
            FrontDoorOutcome::SocialCare => Happening::SentToSocialCare,
            FrontDoorOutcome::EarlyHelpHub => Happening::ListedForHub,
            FrontDoorOutcome::YouthJusticePrevention => Happening::OfferedByFrontDoor,
            FrontDoorOutcome::InformationAndAdvice | FrontDoorOutcome::NoFurtherAction => Happening::EndedByFrontDoor,
        }
    }

    /// What the referrer is told, unless the officer says it better.
    const fn told(self) -> &'static str {
        match self {
            FrontDoorOutcome::SocialCare => "First Response passed your referral to children's social care.",
            FrontDoorOutcome::EarlyHelpHub => {
                "First Response listed your referral for the early help hub of the family's district."
            }
            FrontDoorOutcome::YouthJusticePrevention => {
                "First Response asked the youth justice prevention team to take up your referral."
            }
            FrontDoorOutcome::InformationAndAdvice => "First Response gave information and advice.",
            FrontDoorOutcome::NoFurtherAction => "First Response decided that no further action is needed.",
        }
    }
}

/// A decision at the front door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "level_of_need": 3, "outcome": "early_help_hub", "locality": "charnwood",
    "reason": "Debt and the risk of eviction weigh on a child's mental health; no immediate danger. Whole-family support is likely to help." }))]
pub struct FrontDoorDecision {
    /// Level of need: 1 universal, 2 additional, 3 complex, 4 acute.
    #[schema(minimum = 1, maximum = 4)]
    pub level_of_need: i16,
    /// What is decided.
    pub outcome: FrontDoorOutcome,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: String,
    /// The family's district, a code of the set `locality`. A hub's listing needs it, unless the referral has it.
    pub locality: Option<Word>,
    /// What the referrer is told, in your words; a standard sentence if left out. Say nothing the
    /// referrer may not know.
    #[schema(min_length = 1, max_length = 4000)]
    pub feedback: Option<String>,
}

/// Decide a referral at the front door
///
/// Records level of need, outcome and reason, stops the clock and tells the referrer. A decision is
/// made once.
#[utoipa::path(operation_id = "decide_referral", tag = "first response", request_body = FrontDoorDecision,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/referrals/{id}/decision")]
async fn decide_referral(
    service: Data<Service>,
    command: Command<FrontDoorDecision>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::DECIDE_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, &command.actor, id.0, &["front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            check(&body, referral.locality.as_deref(), &service.rules(), now.date_naive())?;
            if let Some(locality) = &body.locality {
                referral.locality = Some(locality.as_str().to_owned());
            }
            referral.happens(tx, body.outcome.happening(), &command.actor, now, Some(&body.reason)).await?;
            let decision = Decision {
                stage: "front_door",
                outcome: body.outcome.as_str(),
                level_of_need: Some(body.level_of_need),
                reason: &body.reason,
            };
            keep(tx, id, &command.actor, now, &decision).await?;
            let due = deadline::due(tx, id.0, "front_door_decision").await?;
            deadline::meet(tx, id.0, "front_door_decision", now).await?;
            referral
                .tell_referrer(tx, now, "decision", body.feedback.as_deref().unwrap_or(body.outcome.told()))
                .await?;
            tx.entry.records.push(id.0);
            let facts = serde_json::json!({
                "referral_id": id, "outcome": body.outcome, "level_of_need": body.level_of_need, "decided_at": now,
                "due_at": due, "in_time": now <= due, "locality": referral.locality,
            });
            tx.publish(Event::new("referral.decided.v1", id, facts));
            match body.outcome {
                FrontDoorOutcome::EarlyHelpHub => {
                    let people = referral.people(tx).await?;
                    let hub = format!("hub:{}", referral.locality.as_deref().unwrap_or_default());
                    access::grant(tx, &referral.for_team(&hub, "listed_for_hub", &people)).await?;
                }
                FrontDoorOutcome::YouthJusticePrevention => {
                    let offered = offer(tx, &referral, "youth-justice-prevention", Part::Lead, now).await?;
                    tx.publish(offered);
                }
                FrontDoorOutcome::InformationAndAdvice | FrontDoorOutcome::NoFurtherAction => {
                    let facts = serde_json::json!({ "referral_id": id, "closed_at": now, "how": body.outcome });
                    tx.publish(Event::new("referral.closed.v1", id, facts));
                }
                FrontDoorOutcome::SocialCare => {}
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// What a schema can't state of a decision.
fn check(
    body: &FrontDoorDecision,
    known_locality: Option<&str>,
    rules: &shared::code::Rules,
    today: chrono::NaiveDate,
) -> Result<(), Problem> {
    let mut errors = Vec::new();
    if body.reason.trim().is_empty() {
        errors.push(FieldError::at("/reason", "blank", "holds only spaces"));
    }
    match &body.locality {
        Some(locality) if !rules.has_code("locality", locality.as_str(), today) => {
            errors.push(FieldError::at(
                "/locality",
                "unknown_code",
                "is no district; GET /v1/codes/locality lists them",
            ));
        }
        None if body.outcome == FrontDoorOutcome::EarlyHelpHub && known_locality.is_none() => {
            errors.push(FieldError::at("/locality", "required", "is needed: the hub of which district?"));
        }
        _ => {}
    }
    if body.outcome == FrontDoorOutcome::SocialCare && body.level_of_need < 4 {
        errors.push(FieldError::at("/level_of_need", "does_not_fit", "social care is for level 4"));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
