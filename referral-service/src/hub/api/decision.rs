//! Deciding: a line of an agenda in its meeting, or a referral outside one.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Serialize;
use shared::access;
use shared::actor::Actor;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop};
use utoipa::ToSchema;

use super::deciding::{Coming, decide};
use super::domain::decision::Place;
use super::domain::{HubOutcome, HubWay, ItemStatus, MeetingStep};
use super::form::HubDecision;
use super::item::show as show_item;
use super::store::agenda::{self, ItemId};
use super::store::meeting::{self, MeetingId};
use super::store::practice;
use super::view::HubItemView;
use crate::policy;
use crate::referral::api::{show, shown};
use crate::referral::domain::ReferralId;
use crate::referral::hub_note::{HubNote, note_for_hub};
use crate::referral::view::{ReferralView, Warning};
use crate::referral::{Referral, for_change};

/// Decide an item of a meeting
///
/// With reasons, and with the dissent there was. To allocate is to ask services, one to lead and others to
/// support it: each accepts or declines, and what the leading one declines is listed here again. What is put off
/// is due back on its day. Two people deciding at once can't overwrite one another: whoever is second is told who
/// was first. What goes to a restricted panel is seen by its members; everyone else reads `decided`.
#[utoipa::path(operation_id = "decide_hub_item", tag = "hub meetings", request_body = HubDecision,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("item" = uuid::Uuid, Path, description = "The line's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the line")),
    responses((status = 200, body = HubItemView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/agenda/{item}/decision")]
pub async fn decide_hub_item(
    service: Data<Service>,
    command: Command<HubDecision>,
    path: Path<(String, MeetingId, ItemId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, meeting_id, id) = (&path.0, path.1, path.2);
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_AT_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            // Everyone locks in this order: the meeting, the referral, the line.
            let row = meeting::kept(tx, locality, meeting_id).await?;
            let found = agenda::find(tx, locality, id).await?;
            if found.meeting_id != Some(meeting_id.0) || found.kind == "note" {
                return Err(Problem::not_found().into());
            }
            let mut referral = for_change(tx, found.referral_id).await?;
            require_own_hub(actor, &referral)?;
            let mut item = agenda::for_change(tx, id).await?;
            tx.entry.records.push(item.referral_id.0);
            tx.proceed(Some(item.version)).await.map_err(|stop| told_who(stop, &item))?;
            let body = command.body()?;
            row.after(MeetingStep::Decide)?;
            if let Some(settled) = item.settled() {
                return Err(Problem::conflict(settled).into());
            }
            let coming = Coming { item: Some((meeting_id.0, id.0)), place: Place::Meeting, way: "meeting" };
            let warnings = decide(tx, actor, &mut referral, &body, &coming, &service.rules()).await?;
            let (status, outcome) = settled_as(body.outcome);
            let now = tx.now();
            item.settle(tx, status, Some(outcome), None, actor, now).await?;
            let view = HubItemView::of(agenda::show(tx, id).await?)?;
            Ok(Done::changed(item.version, HubItemView { warnings, ..view }))
        })
        .await?;
    written.respond("full", async |_| Ok(show_item(&service, actor, locality, meeting_id, id).await?.1)).await
}

/// A hub that had a referral before goes on seeing it; the hub of the family's district decides.
fn require_own_hub(actor: &Actor, referral: &Referral) -> Result<(), Problem> {
    match &referral.locality {
        Some(locality) if !actor.scopes().contains(&format!("hub:{locality}")) => {
            Err(Problem::new(problem::NOT_ALLOWED).detail("the hub of the family's district decides"))
        }
        _ => Ok(()),
    }
}

/// Whoever comes second is told who was first.
fn told_who(stop: Stop, item: &agenda::Item) -> Stop {
    match (stop, item.settled()) {
        (Stop::Problem(stale), Some(settled)) if stale.kind() == problem::STALE => Stop::Problem(stale.detail(settled)),
        (stop, _) => stop,
    }
}

const fn settled_as(outcome: HubOutcome) -> (ItemStatus, &'static str) {
    match outcome {
        HubOutcome::Defer => (ItemStatus::Deferred, outcome.as_str()),
        other => (ItemStatus::Decided, other.as_str()),
    }
}

/// A referral that a hub has decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct HubDecided {
    /// The referral.
    #[serde(flatten)]
    pub referral: ReferralView,
    /// What you should know and nobody stops you from: a service is full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Decide at the hub
///
/// Outside a meeting: by the hub's desk team where it works so; where it decides in meetings only what can't wait,
/// `urgent` with the reason, which is marked and stands on the next agenda to be noted. What can be decided, and
/// how, is as in a meeting. Two people deciding at once can't overwrite one another.
#[utoipa::path(operation_id = "decide_at_hub", tag = "hubs", request_body = HubDecision,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = HubDecided)))]
#[post("/v1/referrals/{id}/hub-decision")]
pub async fn decide_at_hub(
    service: Data<Service>,
    command: Command<HubDecision>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_AT_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["hub"]).await?;
            require_own_hub(actor, &referral)?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let way = match &referral.locality {
                Some(locality) => practice::find(tx, locality).await?.way()?,
                None => HubWay::Both,
            };
            let outside = body.urgent && way != HubWay::Desk;
            let coming = Coming { item: None, place: Place::Desk(way), way: if outside { "urgent" } else { "desk" } };
            let warnings = decide(tx, actor, &mut referral, &body, &coming, &service.rules()).await?;
            let now = tx.now();
            if let Some(mut item) = agenda::listed(tx, id).await? {
                let (status, outcome) = settled_as(body.outcome);
                item.settle(tx, status, Some(outcome), None, actor, now).await?;
            }
            if outside {
                let why = body.urgent_because.as_deref().unwrap_or_default();
                note_for_hub(tx, &referral, HubNote::DecidedOutsideMeeting, why, actor, now).await?;
            }
            tx.entry.records.push(id.0);
            let view = shown(tx, id).await?;
            Ok(Done::changed(referral.version, HubDecided { referral: view, warnings }))
        })
        .await?;
    written
        .respond("full", async |_| {
            let referral = show(&service, actor, id).await?.1;
            Ok(HubDecided { referral, warnings: Vec::new() })
        })
        .await
}
