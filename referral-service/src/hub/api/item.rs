//! The lines of an agenda, one by one.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use shared::actor::Actor;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;

use super::domain::{ItemStatus, MeetingStep};
use super::store::agenda::ItemId;
use super::store::meeting::MeetingId;
use super::store::{agenda, meeting};
use super::view::HubItemView;
use crate::policy;
use crate::referral::domain::ReferralId;
use crate::referral::{self, Status};

/// A referral to be put on an agenda.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "referral_id": "0198c0de-0000-7000-8000-000000000001", "reason": "What was missing has come early." }))]
pub struct ItemForm {
    /// A referral that is listed for this hub.
    pub referral_id: ReferralId,
    /// Why it is added by hand.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Add a referral to an agenda
///
/// By hand, at the end: one that was put off and is ready early, or was taken off before.
#[utoipa::path(operation_id = "add_hub_item", tag = "hub meetings", request_body = ItemForm,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = HubItemView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/agenda")]
pub async fn add_hub_item(
    service: Data<Service>,
    command: Command<ItemForm>,
    path: Path<(String, MeetingId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, id) = (&path.0, path.1);
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::for_change(tx, locality, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let listed = match referral::for_change(tx, body.referral_id).await {
                Ok(one) => one.status()? == Status::ListedForHub && one.locality.as_deref() == Some(locality.as_str()),
                Err(problem) if problem.status() == 404 => false,
                Err(problem) => return Err(problem.into()),
            };
            if !listed {
                let error = FieldError::at("/referral_id", "not_listed", "is not listed for this hub");
                return Err(Problem::invalid(vec![error]).into());
            }
            row.after(MeetingStep::Agenda)?;
            let now = tx.now();
            let added = agenda::add(tx, &row, body.referral_id, &body.reason, actor, now).await?;
            let item = added.ok_or_else(|| Problem::conflict("the referral is on an open agenda already"))?;
            tx.entry.records.push(body.referral_id.0);
            let view = HubItemView::of(agenda::show(tx, item).await?)?;
            Ok(Done::created(format!("/v1/hubs/{locality}/meetings/{id}/agenda/{item}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, locality, id, ItemId(stored.id()?)).await?.1)).await
}

/// A line as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor doesn't see it, or it stands on another agenda.
pub async fn show(
    service: &Service,
    actor: &Actor,
    locality: &str,
    meeting: MeetingId,
    id: ItemId,
) -> Result<(i64, HubItemView), Problem> {
    service
        .read(actor, &policy::READ_HUB, async |tx| {
            tx.entry.record = Some(id.0);
            let row = agenda::find(tx, locality, id).await?;
            if row.meeting_id != Some(meeting.0) {
                return Err(Problem::not_found());
            }
            policy::READ_HUB.require(actor)?;
            let view = HubItemView::of(agenda::show(tx, id).await?)?;
            tx.entry.records = std::iter::once(row.referral_id.0).chain(view.known.records()).collect();
            tx.entry.people = view.known.people().collect();
            Ok((row.version, view))
        })
        .await
}

/// Read a line of an agenda
///
/// The ETag is its version: send it as `If-Match` with its decision.
#[utoipa::path(operation_id = "read_hub_item", tag = "hub meetings",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("item" = uuid::Uuid, Path, description = "The line's id")),
    responses((status = 200, body = HubItemView)))]
#[get("/v1/hubs/{locality}/meetings/{meeting}/agenda/{item}")]
pub async fn read_hub_item(
    service: Data<Service>,
    actor: Actor,
    path: Path<(String, MeetingId, ItemId)>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, &path.0, path.1, path.2).await?;
    Ok(found(version, "full", &view))
}

/// Why a line is taken off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The desk team decides this one tomorrow." }))]
pub struct ItemRemoval {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Take a referral off an agenda
///
/// With the reason. It stays listed for the hub; the next meeting's agenda takes it up again.
#[utoipa::path(operation_id = "remove_hub_item", tag = "hub meetings", request_body = ItemRemoval,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("meeting" = uuid::Uuid, Path, description = "The meeting's id"),
           ("item" = uuid::Uuid, Path, description = "The line's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = HubItemView)))]
#[post("/v1/hubs/{locality}/meetings/{meeting}/agenda/{item}/removal")]
pub async fn remove_hub_item(
    service: Data<Service>,
    command: Command<ItemRemoval>,
    path: Path<(String, MeetingId, ItemId)>,
) -> Result<HttpResponse, Problem> {
    let (locality, meeting_id, id) = (&path.0, path.1, path.2);
    let written = service
        .write(&command, &policy::KEEP_MEETINGS, async |tx| {
            tx.entry.record = Some(id.0);
            let row = meeting::kept(tx, locality, meeting_id).await?;
            let mut item = agenda::for_change(tx, id).await?;
            if item.meeting_id != Some(meeting_id.0) {
                return Err(Problem::not_found().into());
            }
            tx.proceed(Some(item.version)).await?;
            let body = command.body()?;
            row.after(MeetingStep::Agenda)?;
            if let Some(settled) = item.settled() {
                return Err(Problem::conflict(settled).into());
            }
            if item.kind == "note" {
                return Err(Problem::conflict("a note is acknowledged, not removed").into());
            }
            let now = tx.now();
            item.settle(tx, ItemStatus::Removed, None, Some(&body.reason), &command.actor, now).await?;
            tx.entry.records.push(item.referral_id.0);
            Ok(Done::changed(item.version, HubItemView::of(agenda::show(tx, id).await?)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, locality, meeting_id, id).await?.1)).await
}
