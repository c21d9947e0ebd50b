//! Reading referrals, and taking one back.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::events::Event;
use shared::page::Page;
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Read, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{Happening, ReferralId, Status};
use super::previous::add_previous;
use super::telling::REFERRER_TOLD;
use super::view::{Narrowed, ReferralLine, ReferralView, page_of};
use super::{shown, store};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_referrals)
        .service(read_referral)
        .service(read_history)
        .service(read_feedback)
        .service(withdraw_referral);
}

/// List referrals
///
/// All the referrals you may see, newest first: those of your agency; for First Response all;
/// for hubs and services those listed for or given to them. With `their_reference` those of your own agency that it
/// sent under that number: at most one that was not withdrawn.
#[utoipa::path(operation_id = "list_referrals", tag = "referrals",
    params(("status" = Option<Status>, Query, description = "Only those that stand here"),
           ("urgent" = Option<bool>, Query, description = "`true`: only those that can't wait. With `status=received` the first to be screened"),
           ("their_reference" = Option<String>, Query, description = "Only those that your own agency calls so, as it was sent"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ReferralLine>)))]
#[get("/v1/referrals")]
async fn list_referrals(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_REFERRAL, async |tx| {
            policy::READ_REFERRAL.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<Status>("status", "a status such as received or listed_for_hub");
            let urgent = query.optional::<bool>("urgent", "true or false").unwrap_or(false);
            let theirs = query.optional::<String>("their_reference", "your own number for it");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let narrowed = Narrowed { status, urgent, their_reference: theirs.as_deref().map(str::trim) };
            page_of(tx, &actor.scopes(), narrowed, cursor, limit).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a referral
///
/// Its referrer sees where it stands and what was decided; the working team sees all of it.
/// The ETag is its version: send it as `If-Match` with whatever you do to the referral next.
#[utoipa::path(operation_id = "read_referral", tag = "referrals",
    params(("id" = uuid::Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = ReferralView)))]
#[get("/v1/referrals/{id}")]
async fn read_referral(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let (version, view) = show_known(&service, &actor, id).await?;
    Ok(found(version, &view.view, &view))
}

/// A referral as the actor sees it, with what else is known of the people it is about.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show_known(service: &Service, actor: &Actor, id: ReferralId) -> Result<(i64, ReferralView), Problem> {
    service
        .read(actor, &policy::READ_REFERRAL, async |tx| {
            let (version, mut view) = show_in(tx, actor, id).await?;
            let records = add_previous(tx, &mut view).await?;
            tx.entry.records.extend(records);
            Ok((version, view))
        })
        .await
}

/// A referral as the actor sees it, with its version. Also what a retried change is answered with.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(service: &Service, actor: &Actor, id: ReferralId) -> Result<(i64, ReferralView), Problem> {
    service.read(actor, &policy::READ_REFERRAL, async |tx| show_in(tx, actor, id).await).await
}

async fn show_in(tx: &mut Read, actor: &Actor, id: ReferralId) -> Result<(i64, ReferralView), Problem> {
    tx.entry.record = Some(id.0);
    let row = shown::show(tx, id).await?;
    policy::READ_REFERRAL.require(actor)?;
    tx.entry.records.push(id.0);
    Ok((row.version, ReferralView::of(row, tx.now())?))
}

/// What happened to a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// Their agency.
    pub agency: String,
    /// What.
    pub what: String,
    /// Where it stood before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where it stood after.
    pub to: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Read a referral's history
///
/// Who did what to it, when and why, oldest first. For the working team.
#[utoipa::path(operation_id = "read_referral_history", tag = "referrals",
    params(("id" = uuid::Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = Vec<HistoryEntry>)))]
#[get("/v1/referrals/{id}/history")]
async fn read_history(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let lines = service
        .read(&actor, &policy::READ_HISTORY, async |tx| {
            tx.entry.record = Some(id.0);
            shown::show(tx, id).await?;
            policy::READ_HISTORY.require(&actor)?;
            tx.entry.records.push(id.0);
            store::history(tx, id).await
        })
        .await?;
    let lines: Vec<HistoryEntry> = lines
        .into_iter()
        .map(|line| HistoryEntry {
            at: line.at,
            who: line.actor_name,
            agency: line.agency,
            what: line.what,
            from: line.from_status,
            to: line.to_status,
            why: line.why,
        })
        .collect();
    Ok(HttpResponse::Ok().json(lines))
}

/// Something the referrer was told.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feedback {
    /// When.
    pub told_at: DateTime<Utc>,
    /// About what: `received`, `decision`, `hub_decision`, `allocation`, `closed`, `withdrawn`,
    /// `stepped_up`, `stepped_down`, `social_care_ended`.
    pub about: String,
    /// In words.
    pub message: String,
}

/// Read what the referrer was told
///
/// What the front door, the hub and the service told whoever referred, oldest first.
#[utoipa::path(operation_id = "read_referral_feedback", tag = "referrals",
    params(("id" = uuid::Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = Vec<Feedback>)))]
#[get("/v1/referrals/{id}/feedback")]
async fn read_feedback(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let told = service
        .read(&actor, &policy::READ_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            shown::show(tx, id).await?;
            policy::READ_REFERRAL.require(&actor)?;
            tx.entry.records.push(id.0);
            store::told(tx, id).await
        })
        .await?;
    let told: Vec<Feedback> =
        told.into_iter().map(|t| Feedback { told_at: t.told_at, about: t.about, message: t.message }).collect();
    Ok(HttpResponse::Ok().json(told))
}

/// Why a referral is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Why, in words.
    #[schema(min_length = 1, max_length = 4000, example = "The family asked the school nurse for help and has it.")]
    pub reason: String,
}

/// Withdraw a referral
///
/// Possible until a service has taken it on. A service that was asked is told.
#[utoipa::path(operation_id = "withdraw_referral", tag = "referrals", request_body = Withdrawal,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView)))]
#[post("/v1/referrals/{id}/withdrawal")]
async fn withdraw_referral(
    service: Data<Service>,
    command: Command<Withdrawal>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id: ReferralId = id.parse().map_err(|_| Problem::not_found())?;
    let written = service
        .write(&command, &policy::WITHDRAW_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = store::for_change(tx, id).await?;
            shared::access::require_capacity(tx, &command.actor, id.0, &["agency", "front-door"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            // Of those asked to lead the status tells; a supporting one may be at work already.
            if super::allocation::helpers(tx, id).await?.iter().any(|helper| helper.status == "accepted") {
                return Err(Problem::conflict("a service is working with the family").into());
            }
            referral.happens(tx, Happening::Withdrawn, &command.actor, now, Some(&body.reason)).await?;
            for clock in ["front_door_decision", "sign_off", REFERRER_TOLD] {
                shared::deadline::meet(tx, id.0, clock, now).await?;
            }
            referral.tell_referrer(tx, now, "withdrawn", "The referral was withdrawn.").await?;
            tx.entry.records.push(id.0);
            tx.publish(Event::new("referral.withdrawn.v1", id, serde_json::json!({ "referral_id": id, "withdrawn_at": now })));
            for (allocation, service) in store::withdraw_offers(tx, id, now).await? {
                // The team that was asked has no more business with the family.
                shared::access::revoke(tx, id.0, &format!("team:{service}")).await?;
                let facts = serde_json::json!({ "allocation_id": allocation, "referral_id": id, "service": service, "withdrawn_at": now });
                tx.publish(Event::new("allocation.withdrawn.v1", id, facts));
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("referral", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// The referral as it stands in this transaction.
///
/// # Errors
/// As the database says.
pub async fn shown<T>(tx: &mut shared::service::Write<'_, T>, id: ReferralId) -> Result<ReferralView, Problem> {
    let now = tx.now();
    ReferralView::of(shown::show(tx, id).await?, now)
}
