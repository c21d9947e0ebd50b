//! A decision of a hub, in a meeting or outside one: held against the rules, then carried out whole or
//! not at all.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use shared::actor::{Actor, Word};
use shared::calendar::{LocalDay, end_of_day};
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::service::Write;
use uuid::Uuid;

use super::domain::HubOutcome;
use super::domain::decision::{Around, Place, asked, check};
use super::form::{AllocationForm, HubDecision};
use super::store::deciding::{self, Circumstances, Deferral};
use crate::referral::allocation::{Helper, for_change, helpers};
use crate::referral::decision::{Decision, keep};
use crate::referral::offer::{Offer, Part, offer};
use crate::referral::restricted::{ToPanel, refer_to_panel};
use crate::referral::step_up::{ACUTE, Taken, keep_step, stepped_up};
use crate::referral::suits::{obstacles, weigh};
use crate::referral::telling::outcome_told;
use crate::referral::view::Warning;
use crate::referral::{Happening, Referral, Status};

/// The clock of what was put off.
const DEFERRAL_CLOCK: &str = "hub_deferral";

/// How a decision comes about.
#[derive(Clone, Copy, Debug)]
pub struct Coming<'a> {
    /// The meeting and the line of its agenda, if it is made in one.
    pub item: Option<(Uuid, Uuid)>,
    /// Where it is made.
    pub place: Place,
    /// How it is kept: `meeting`, `desk` or `urgent`.
    pub way: &'a str,
}

/// Carries a decision out. The answer is what whoever decided should know.
///
/// # Errors
/// 422 naming every field that is wrong; 409 if it can't be decided so now.
pub async fn decide<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &mut Referral,
    body: &HubDecision,
    coming: &Coming<'_>,
    rules: &Rules,
) -> Result<Vec<Warning>, Problem> {
    let now = tx.now();
    let today = now.local_day();
    let helping = helpers(tx, referral.id).await?;
    let around = Around { helping: &helping, today, place: coming.place };
    let mut errors = check(body, &around, rules).err().unwrap_or_default();
    let warnings = weigh_services(tx, referral, body, &helping, today, &mut errors).await?;
    Problem::refuse_any(errors)?;
    refuse_ending_at_work(body.outcome, &helping)?;
    match (body.outcome.happening(), body.missing.as_deref(), body.until) {
        (Some(what), ..) => conclude(tx, actor, referral, body, what, (coming, rules)).await?,
        (None, Some(missing), Some(until)) => defer(tx, actor, referral, body, (missing, until), coming).await?,
        (None, ..) => return Err(Problem::internal(&"a deferral without its day")),
    }
    let mut services = Vec::new();
    if body.outcome == HubOutcome::Allocate {
        services = asked(body);
        allocate(tx, actor, referral, &services, &helping, rules).await?;
    }
    to_panel(tx, actor, referral, body).await?;
    tell(tx, referral, body, &services, coming, now);
    Ok(warnings)
}

/// What the directory says against the services that are asked anew.
async fn weigh_services<T>(
    tx: &mut Write<'_, T>,
    referral: &Referral,
    body: &HubDecision,
    helping: &[Helper],
    today: NaiveDate,
    errors: &mut Vec<FieldError>,
) -> Result<Vec<Warning>, Problem> {
    let mut warnings = Vec::new();
    if body.outcome != HubOutcome::Allocate {
        return Ok(warnings);
    }
    for (n, one) in asked(body).iter().enumerate() {
        if helping.iter().any(|helper| helper.service == one.service.as_str()) {
            continue;
        }
        let found = obstacles(tx, referral, one.service.as_str(), today).await?;
        let at = if body.service.is_some() { String::new() } else { format!("/allocations/{n}") };
        weigh(&found, one.service.as_str(), one.regardless_reason.is_some(), &at, errors, &mut warnings);
    }
    Ok(warnings)
}

/// A referral does not end while a service is asked or at work.
fn refuse_ending_at_work(outcome: HubOutcome, helping: &[Helper]) -> Result<(), Problem> {
    match (outcome.happening(), helping.first()) {
        (Some(Happening::EndedByHub), Some(helper)) => Err(Problem::conflict(format!(
            "{} still supports the family: it ends its work first, or leads from now on",
            helper.service
        ))),
        _ => Ok(()),
    }
}

/// Moves the referral on, and keeps who decided what, why, how, and who saw it otherwise.
async fn conclude<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &mut Referral,
    body: &HubDecision,
    what: Happening,
    (coming, rules): (&Coming<'_>, &Rules),
) -> Result<(), Problem> {
    let now = tx.now();
    let from = referral.status()?;
    let reason = body.reason.as_str();
    referral.happens(tx, what, actor, now, Some(reason)).await?;
    let decision = Decision { stage: "hub", outcome: body.outcome.as_str(), level_of_need: None, reason };
    let kept = keep(tx, referral.id, actor, now, &decision).await?;
    let circumstances = Circumstances {
        meeting: coming.item.map(|(meeting, _)| meeting),
        way: coming.way,
        urgent_because: body.urgent_because.as_deref().filter(|_| coming.way == "urgent"),
    };
    deciding::keep(tx, kept, referral.id, &circumstances, &body.dissent).await?;
    let told = body.feedback.as_deref().unwrap_or(body.outcome.told());
    referral.tell_referrer(tx, now, "hub_decision", told).await?;
    if let Some(told) = outcome_told(tx, referral, rules, now).await? {
        tx.publish(told);
    }
    deadline::meet(tx, referral.id.0, DEFERRAL_CLOCK, now).await?;
    if what == Happening::SteppedUp {
        let scope = format!("hub:{}", referral.locality.as_deref().unwrap_or_default());
        let taken = Taken {
            direction: "up",
            from,
            level_of_need: Some(ACUTE),
            reason,
            social_care_did: None,
            social_care_reference: None,
            scope: &scope,
        };
        keep_step(tx, referral, &taken, actor, now).await?;
        stepped_up(tx, referral, actor, from, &scope, now).await?;
    }
    Ok(())
}

/// Puts it off: it stays listed, and is due back on its day.
async fn defer<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &Referral,
    body: &HubDecision,
    (missing, until): (&str, NaiveDate),
    coming: &Coming<'_>,
) -> Result<(), Problem> {
    let now = tx.now();
    let standing = referral.status()?;
    if standing != Status::ListedForHub {
        return Err(crate::referral::Refused { status: standing }.into());
    }
    let put_off = Deferral { item: coming.item.map(|(_, item)| item), missing, until, reason: &body.reason };
    deciding::defer(tx, referral.id, &put_off, actor, now).await?;
    deadline::restart(tx, referral.id.0, DEFERRAL_CLOCK, now, end_of_day(until)).await?;
    referral.noted(tx, actor, now, "deferred", Some(missing)).await?;
    let told = body.feedback.as_deref().unwrap_or(body.outcome.told());
    referral.tell_referrer(tx, now, "hub_decision", told).await
}

/// Asks the services. One that supports already may be asked to lead, and one that leads already goes on.
async fn allocate<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &mut Referral,
    services: &[AllocationForm],
    helping: &[Helper],
    rules: &Rules,
) -> Result<(), Problem> {
    let now = tx.now();
    let mut leading = helping.iter().find(|helper| helper.part == Part::Lead.as_str());
    for one in services {
        let Some(helper) = helping.iter().find(|helper| helper.service == one.service.as_str()) else {
            let asked = Offer {
                service: one.service.as_str(),
                part: one.part,
                case_type: one.case_type.as_ref().map(Word::as_str),
                asked_for: one.note.as_deref(),
                regardless_reason: one.regardless_reason.as_deref(),
            };
            let (_, offered) = offer(tx, referral, &asked, rules, now).await?;
            tx.publish(offered);
            continue;
        };
        if helper.part != Part::Lead.as_str() {
            let mut allocation = for_change(tx, helper.allocation_id).await?;
            allocation.lead(tx).await?;
            let facts = allocation.facts(referral, json!({ "changed_at": now }));
            tx.publish(Event::new("allocation.part_changed.v1", referral.id, facts));
        }
        leading = Some(helper);
    }
    if leading.is_some_and(|helper| helper.status == "accepted") {
        referral.happens(tx, Happening::Accepted, actor, now, None).await?;
    }
    Ok(())
}

async fn to_panel<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    referral: &Referral,
    body: &HubDecision,
) -> Result<(), Problem> {
    let (Some(panel), Some(reason)) = (&body.panel, &body.panel_reason) else { return Ok(()) };
    let dissent: Vec<_> = body
        .panel_dissent
        .iter()
        .map(|one| json!({ "who": one.who, "agency": one.agency, "words": one.words }))
        .collect();
    let referred = ToPanel { panel: panel.as_str(), reason, dissent: json!(dissent) };
    if refer_to_panel(tx, referral, &referred, actor).await? {
        Ok(())
    } else {
        let nobody = FieldError::at("/panel", "no_members", "has no members: nobody would see it");
        Err(Problem::invalid(vec![nobody]))
    }
}

/// Tells the other services: codes and dates, and of a panel nothing.
fn tell<T>(
    tx: &mut Write<'_, T>,
    referral: &Referral,
    body: &HubDecision,
    services: &[AllocationForm],
    coming: &Coming<'_>,
    now: DateTime<Utc>,
) {
    let outcome = body.outcome.as_str();
    let lead = services.iter().find(|one| one.part == Part::Lead).map(|one| one.service.as_str());
    let names: Vec<&str> = services.iter().map(|one| one.service.as_str()).collect();
    let outside = coming.way == "urgent";
    if body.outcome != HubOutcome::Defer {
        let facts = json!({
            "referral_id": referral.id, "outcome": outcome, "decided_at": now, "locality": referral.locality,
            "service": lead, "services": names, "way": coming.way, "outside_meeting": outside,
        });
        tx.publish(Event::new("referral.hub_decided.v1", referral.id, facts));
    }
    let facts = json!({
        "referral_id": referral.id, "meeting_id": coming.item.map(|(meeting, _)| meeting),
        "item_id": coming.item.map(|(_, item)| item), "locality": referral.locality, "outcome": outcome,
        "service": lead, "services": names, "way": coming.way, "outside_meeting": outside, "decided_at": now,
        "received_at": referral.received_at, "deferred_until": body.until, "dissents": body.dissent.len(),
    });
    tx.publish(Event::new("hub.item_decided.v1", referral.id, facts));
    if body.outcome.happening() == Some(Happening::EndedByHub) {
        let facts = json!({ "referral_id": referral.id, "closed_at": now, "how": outcome });
        tx.publish(Event::new("referral.closed.v1", referral.id, facts));
    }
}
