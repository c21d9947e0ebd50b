//! `POST /v1/referrals/{id}/decision`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::access;
use shared::actor::{Actor, Role, Word};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;

use super::super::domain::{FrontDoorOutcome, Made, check, needs_sign_off};
use super::super::store;
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::decision::{Decider, Decision, keep_signed};
use crate::referral::domain::ReferralId;
use crate::referral::offer::{Offer, offer};
use crate::referral::step_up::ACUTE;
use crate::referral::telling::outcome_told;
use crate::referral::view::ReferralView;
use crate::referral::{Happening, Referral, Refused, Status, for_change};

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
/// made once. An officer's decision of level 4, or of no further action, is a proposal: the referral
/// is `awaiting_sign_off`, its clock runs on and nobody is told, until a manager signs it off
/// (`POST …/sign-off`). A manager decides such a case alone, and the decision names them for it. If a
/// child is in danger now, call children's social care first and write afterwards.
#[utoipa::path(operation_id = "decide_referral", tag = "first response", request_body = FrontDoorDecision,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView)))]
#[post("/v1/referrals/{id}/decision")]
pub async fn decide_referral(
    service: Data<Service>,
    command: Command<FrontDoorDecision>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let made = Made {
                outcome: body.outcome,
                level_of_need: body.level_of_need,
                reason: &body.reason,
                locality: body.locality.as_ref().map(Word::as_str),
                feedback: body.feedback.as_deref(),
            };
            check(&made, referral.locality.as_deref(), &rules, now.local_day()).map_err(Problem::invalid)?;
            if referral.status()? == Status::AwaitingSignOff {
                return Err(Problem::from(Refused { status: Status::AwaitingSignOff }).into());
            }
            tx.entry.records.push(id.0);
            let wanted = needs_sign_off(made.level_of_need, made.outcome);
            let manager = actor.holds_any(&[Role::FirstResponseManager]);
            if wanted && !manager {
                ask_for_sign_off(tx, &mut referral, actor, &rules, &made, now).await?;
            } else {
                let who = Decider::of(actor);
                carry_out(tx, &mut referral, actor, &rules, &made, (who, wanted.then_some(who)), now).await?;
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Keeps the decision as a proposal, and lets the managers know of a grave one at once.
async fn ask_for_sign_off<T>(
    tx: &mut Write<'_, T>,
    referral: &mut Referral,
    actor: &Actor,
    rules: &Rules,
    made: &Made<'_>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let due = rules.must_due("sign_off", now)?;
    referral.happens(tx, Happening::SignOffAsked, actor, now, Some(made.reason)).await?;
    store::propose(tx, referral.id, actor, made, now, due).await?;
    deadline::restart(tx, referral.id.0, "sign_off", now, due).await?;
    let facts = serde_json::json!({
        "referral_id": referral.id, "outcome": made.outcome, "level_of_need": made.level_of_need, "asked_at": now, "due_at": due,
    });
    tx.publish(Event::new("referral.sign_off_asked.v1", referral.id, facts));
    if made.level_of_need >= ACUTE {
        let people = referral.people(tx).await?;
        let grave = Alert {
            kind: "sign_off",
            urgency: Urgency::Urgent,
            about: "referrals",
            record: referral.id.0,
            people: &people,
            scopes: &["front-door".to_owned()],
            locality: referral.locality.as_deref(),
        };
        alert::tell(tx, &grave).await?;
    }
    Ok(())
}

/// Carries a decision out: `by` made it and, where it needed that, signed it off.
///
/// # Errors
/// 409 if it no longer fits where the referral stands.
pub async fn carry_out<T>(
    tx: &mut Write<'_, T>,
    referral: &mut Referral,
    actor: &Actor,
    rules: &Rules,
    made: &Made<'_>,
    by: (Decider<'_>, Option<Decider<'_>>),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let (id, outcome) = (referral.id, made.outcome);
    if let Some(locality) = made.locality {
        referral.locality = Some(locality.to_owned());
    }
    referral.happens(tx, outcome.happening(), actor, now, Some(made.reason)).await?;
    let decision = Decision {
        stage: "front_door",
        outcome: outcome.as_str(),
        level_of_need: Some(made.level_of_need),
        reason: made.reason,
    };
    keep_signed(tx, id, by.0, by.1, now, &decision).await?;
    let due = deadline::due(tx, id.0, "front_door_decision").await?;
    deadline::meet(tx, id.0, "front_door_decision", now).await?;
    referral.tell_referrer(tx, now, "decision", made.feedback.unwrap_or(outcome.told())).await?;
    let facts = serde_json::json!({
        "referral_id": id, "outcome": outcome, "level_of_need": made.level_of_need, "decided_at": now,
        "due_at": due, "in_time": now <= due, "locality": referral.locality, "signed_off": by.1.is_some(),
    });
    tx.publish(Event::new("referral.decided.v1", id, facts));
    if let Some(told) = outcome_told(tx, referral, rules, now).await? {
        tx.publish(told);
    }
    match outcome {
        FrontDoorOutcome::EarlyHelpHub => {
            let people = referral.people(tx).await?;
            let hub = format!("hub:{}", referral.locality.as_deref().unwrap_or_default());
            access::grant(tx, &referral.for_team(&hub, Status::ListedForHub.as_str(), &people)).await?;
        }
        FrontDoorOutcome::YouthJusticePrevention => {
            let asked = Offer::to_lead("youth-justice-prevention");
            let (_, offered) = offer(tx, referral, &asked, rules, now).await?;
            tx.publish(offered);
        }
        FrontDoorOutcome::InformationAndAdvice | FrontDoorOutcome::NoFurtherAction => {
            let facts = serde_json::json!({ "referral_id": id, "closed_at": now, "how": outcome });
            tx.publish(Event::new("referral.closed.v1", id, facts));
        }
        FrontDoorOutcome::SocialCare => {}
    }
    Ok(())
}
