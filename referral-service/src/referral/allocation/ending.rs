//! The end of a service's work, with what it means for the referral.

use serde_json::json;
use shared::actor::Actor;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::service::Write;

use super::domain::{Answer, ClosingOutcome, consequence};
use super::store::{Allocation, Given};
use super::worker;
use crate::referral::domain::{Happening, ReferralId};
use crate::referral::store::Referral;

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// What came of it, a code.
    pub outcome: &'a str,
    /// What was done and what changed, in words.
    pub summary: &'a str,
}

/// Refuses an end by which a family would get to children's social care without anybody passing it on. A step
/// up is taken as one, by its own operation, which ends the work and tells whoever must know.
///
/// # Errors
/// 422.
pub fn refuse_unstepped(outcome: ClosingOutcome, referral: ReferralId) -> Result<(), Problem> {
    if outcome != ClosingOutcome::SteppedUp {
        return Ok(());
    }
    let detail =
        format!("is the outcome of a step up: take that with POST /v1/referrals/{referral}/step, which ends this work");
    Err(Problem::invalid(vec![FieldError::at("/outcome", "step_first", detail)]))
}

/// Ends a service's work on a referral: its workers' parts and its clocks end, and the referral ends if
/// nobody else is asked or at work. Both rows are locked by the caller, the referral first.
///
/// # Errors
/// 409 if the service is not at work.
pub async fn end<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    allocation: &mut Allocation,
    referral: &mut Referral,
    ending: &Ending<'_>,
) -> Result<(), Problem> {
    let now = tx.now();
    let given = Given::Close { outcome: ending.outcome, summary: ending.summary };
    allocation.take(tx, &given, now).await?;
    worker::end_all(tx, allocation, actor, now, "The service ended its work.").await?;
    deadline::meet_all(tx, allocation.id.0, now).await?;
    let facts = allocation.facts(referral, json!({ "outcome": ending.outcome, "closed_at": now }));
    tx.publish(Event::new("allocation.closed.v1", referral.id, facts));
    let around = allocation.surroundings(tx, referral).await?;
    match consequence(Answer::Close, around) {
        Some(ended) => end_referral(tx, actor, referral, ended, ending.summary).await,
        None => {
            referral.noted(tx, actor, now, "service_ended", Some(ending.summary)).await?;
            let told = "A service has ended its work with the family.";
            referral.tell_referrer(tx, now, "allocation", told).await
        }
    }
}

/// Ends a referral on which no service is left.
///
/// # Errors
/// 409 if it can't end where it stands.
pub async fn end_referral<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &mut Referral,
    ended: Happening,
    why: &str,
) -> Result<(), Problem> {
    let now = tx.now();
    referral.happens(tx, ended, actor, now, Some(why)).await?;
    referral.tell_referrer(tx, now, "closed", "The service has ended its work with the family.").await?;
    let facts = json!({ "referral_id": referral.id, "closed_at": now, "how": "service_ended" });
    tx.publish(Event::new("referral.closed.v1", referral.id, facts));
    Ok(())
}
