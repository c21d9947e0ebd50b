//! `/v1/referrals/{id}/sign-off`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::Actor;
use shared::deadline::{self, Standing, standing};
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;

use super::super::domain::{FrontDoorOutcome, ProposalStanding};
use super::super::store::{self, Proposal};
use super::decision::carry_out;
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::decision::Decider;
use crate::referral::domain::ReferralId;
use crate::referral::view::ReferralView;
use crate::referral::{Happening, Referral, Refused, Status, for_change};

/// A decision that an officer proposed.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposedDecision {
    /// Where it stands.
    pub standing: ProposalStanding,
    /// What would be decided.
    pub outcome: FrontDoorOutcome,
    /// Level of need, 1 to 4.
    pub level_of_need: i16,
    /// Why.
    pub reason: String,
    /// The family's district, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// What the referrer would be told, if it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// Who proposed it.
    pub proposed_by: String,
    /// By when a manager should have answered.
    pub sign_off_due_at: DateTime<Utc>,
    /// Where that clock stands.
    pub sign_off_clock: Standing,
    /// When a manager answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// Which manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
    /// What they said: why it was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_because: Option<String>,
}

impl ProposedDecision {
    fn of(row: Proposal, referral: Status, now: DateTime<Utc>) -> Result<Self, Problem> {
        let stands = match row.agreed {
            Some(true) => ProposalStanding::SignedOff,
            Some(false) => ProposalStanding::Returned,
            None if referral == Status::AwaitingSignOff => ProposalStanding::Waiting,
            None => ProposalStanding::Lapsed,
        };
        Ok(Self {
            standing: stands,
            outcome: row.outcome()?,
            level_of_need: row.level_of_need,
            reason: row.reason,
            locality: row.locality,
            feedback: row.feedback,
            proposed_at: row.proposed_at,
            proposed_by: row.proposed_by_name,
            sign_off_due_at: row.due_at,
            sign_off_clock: standing(row.due_at, row.settled_at, now),
            settled_at: row.settled_at,
            settled_by: row.settled_by_name,
            settled_because: row.settled_because,
        })
    }
}

/// Read what is to be signed off
///
/// The decisions that officers proposed of this referral, oldest first: at most one waits for a manager.
#[utoipa::path(operation_id = "read_sign_off", tag = "first response",
    params(("id" = uuid::Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = Vec<ProposedDecision>)))]
#[get("/v1/referrals/{id}/sign-off")]
pub async fn read_sign_off(
    service: Data<Service>,
    actor: Actor,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let proposed = service
        .read(&actor, &policy::READ_HISTORY, async |tx| {
            tx.entry.record = Some(id.0);
            let now = tx.now();
            let referral = crate::referral::shown::show(tx, id).await?;
            policy::READ_HISTORY.require(&actor)?;
            let status: Status = referral.status.parse().map_err(|()| Problem::internal(&"unknown status"))?;
            tx.entry.records.push(id.0);
            let rows = store::proposals(tx, id).await?;
            rows.into_iter().map(|row| ProposedDecision::of(row, status, now)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    Ok(HttpResponse::Ok().json(proposed))
}

/// A manager's answer to a proposed decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "agreed": false,
    "reason": "The school reports two more absences since Monday. Ask the health visitor before anything is closed." }))]
pub struct SignOff {
    /// Whether it is carried out exactly as proposed, or goes back to screening.
    pub agreed: bool,
    /// Why. Needed if it goes back.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: Option<String>,
}

impl SignOff {
    fn check(&self) -> Result<(), Problem> {
        if self.agreed || self.reason.is_some() {
            return Ok(());
        }
        let detail = "is needed: what is the officer to look at again?";
        Err(Problem::invalid(vec![FieldError::at("/reason", "required", detail)]))
    }
}

/// Sign a decision off, or give it back
///
/// For managers of First Response. Agreed, the decision is carried out exactly as proposed: the clock stops,
/// the referrer is told. Given back, the referral is screened again, and the officer who proposed it is
/// reminded. Nobody signs off their own proposal (409).
#[utoipa::path(operation_id = "sign_off_decision", tag = "first response", request_body = SignOff,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView)))]
#[post("/v1/referrals/{id}/sign-off")]
pub async fn sign_off_decision(
    service: Data<Service>,
    command: Command<SignOff>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SIGN_OFF_DECISION, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            body.check()?;
            let now = tx.now();
            let status = referral.status()?;
            let proposal = store::waiting(tx, id).await?.filter(|_| status == Status::AwaitingSignOff);
            let Some(proposal) = proposal else { return Err(Problem::from(Refused { status }).into()) };
            if proposal.proposed_by == actor.user.0 {
                return Err(Problem::conflict("you proposed this decision: another manager signs it off").into());
            }
            tx.entry.records.push(id.0);
            store::settle(tx, proposal.id, actor, body.agreed, body.reason.as_deref(), now).await?;
            deadline::meet(tx, id.0, "sign_off", now).await?;
            let facts = serde_json::json!({
                "referral_id": id, "agreed": body.agreed, "outcome": proposal.outcome()?, "level_of_need": proposal.level_of_need,
                "asked_at": proposal.proposed_at, "settled_at": now, "due_at": proposal.due_at, "in_time": now <= proposal.due_at,
            });
            tx.publish(Event::new("referral.sign_off_settled.v1", id, facts));
            if body.agreed {
                let author = Decider { user: proposal.proposed_by, name: &proposal.proposed_by_name };
                let by = (author, Some(Decider::of(actor)));
                carry_out(tx, &mut referral, actor, &service.rules(), &proposal.made()?, by, now).await?;
            } else {
                give_back(tx, &mut referral, actor, &proposal, body.reason.as_deref(), now).await?;
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Back to screening, and whoever proposed it is reminded.
async fn give_back<T>(
    tx: &mut Write<'_, T>,
    referral: &mut Referral,
    actor: &Actor,
    proposal: &Proposal,
    because: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    referral.happens(tx, Happening::SignOffReturned, actor, now, because).await?;
    let people = referral.people(tx).await?;
    let returned = Alert {
        kind: "sign_off_returned",
        urgency: Urgency::Reminder,
        about: "referrals",
        record: referral.id.0,
        people: &people,
        scopes: &[format!("user:{}", proposal.proposed_by)],
        locality: referral.locality.as_deref(),
    };
    alert::tell(tx, &returned).await?;
    Ok(())
}
