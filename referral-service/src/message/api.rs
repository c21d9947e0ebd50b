//! `/v1/referrals/{id}/messages`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{MessageId, Side};
use super::store::{self, Row};
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::domain::ReferralId;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_messages).service(send_message).service(see_messages).service(read_message);
}

/// A message on a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// Which side says it.
    pub from: Side,
    /// Who.
    pub author: String,
    /// Their agency.
    pub agency: String,
    /// What.
    pub words: String,
    /// When.
    pub sent_at: DateTime<Utc>,
    /// When the other side said that it had seen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
}

impl MessageView {
    fn of(row: Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            from: row.side.parse().map_err(|()| Problem::internal(&"unknown side of a message"))?,
            author: row.author_name,
            agency: row.author_agency,
            words: row.words,
            sent_at: row.sent_at,
            seen_at: row.seen_at,
        })
    }
}

/// A page of the messages on a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagePage {
    /// The messages, newest first.
    pub items: Vec<MessageView>,
    /// How many of the other side's your side has not said to have seen.
    pub unread: i64,
    /// Send this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// List a referral's messages
///
/// Between the agency that referred and those who work on the referral, newest first. Reading them is no
/// receipt: say with `POST …/messages/seen` up to which one they were seen.
#[utoipa::path(operation_id = "list_messages", tag = "messages",
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = MessagePage)))]
#[get("/v1/referrals/{id}/messages")]
async fn list_messages(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let page = service
        .read(&actor, &policy::READ_MESSAGES, async |tx| {
            tx.entry.record = Some(id.0);
            let talked = store::talked(tx, id).await?;
            policy::READ_MESSAGES.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, id, cursor, limit).await?;
            let unread = store::unseen(tx, id, talked.side().other()).await?;
            tx.entry.records.push(id.0);
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.sent_at, id: row.id.0 }, MessageView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(MessagePage { items, unread, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a message
#[utoipa::path(operation_id = "read_message", tag = "messages",
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("message" = uuid::Uuid, Path, description = "The message's id")),
    responses((status = 200, body = MessageView)))]
#[get("/v1/referrals/{id}/messages/{message}")]
async fn read_message(
    service: Data<Service>,
    actor: Actor,
    path: Path<(ReferralId, MessageId)>,
) -> Result<HttpResponse, Problem> {
    let (id, message) = path.into_inner();
    Ok(found(1, "message", &show(&service, &actor, id, message).await?))
}

async fn show(service: &Service, actor: &Actor, id: ReferralId, message: MessageId) -> Result<MessageView, Problem> {
    service
        .read(actor, &policy::READ_MESSAGES, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id, message).await?;
            policy::READ_MESSAGES.require(actor)?;
            tx.entry.records.push(id.0);
            MessageView::of(row)
        })
        .await
}

/// Something to say on a referral.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "words": "Has Juniper been at school this week? We would like to see her there on Thursday." }))]
pub struct NewMessage {
    /// What you say. The other side reads it: the agency that referred is told nothing of the family that it
    /// may not know.
    #[schema(min_length = 1, max_length = 10000)]
    pub words: String,
}

/// Send a message
///
/// The agency that referred writes to those who work on the referral: the teams at work, else the hub that
/// has it, else First Response. Each of them writes to the agency. The other side is reminded. A message
/// is never changed or taken back.
#[utoipa::path(operation_id = "send_message", tag = "messages", request_body = NewMessage,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = MessageView)))]
#[post("/v1/referrals/{id}/messages")]
async fn send_message(
    service: Data<Service>,
    command: Command<NewMessage>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SEND_MESSAGE, async |tx| {
            tx.entry.record = Some(id.0);
            let talked = store::talked(tx, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let (now, message, side) = (tx.now(), MessageId::new(), talked.side());
            store::insert(tx, message, id, side, actor, &body.words, now).await?;
            let scopes = store::recipients(tx, id, &talked).await?;
            let reminder = Alert {
                kind: "message",
                urgency: Urgency::Reminder,
                about: "referrals",
                record: id.0,
                people: &talked.people,
                scopes: &scopes,
                locality: talked.locality.as_deref(),
            };
            alert::tell(tx, &reminder).await?;
            let facts = serde_json::json!({ "referral_id": id, "message_id": message, "from": side, "sent_at": now });
            tx.publish(Event::new("message.sent.v1", id, facts));
            tx.entry.records.push(id.0);
            let view = MessageView::of(store::find(tx, id, message).await?)?;
            Ok(Done::created(format!("/v1/referrals/{id}/messages/{message}"), 1, view))
        })
        .await?;
    written.respond("message", async |stored| show(&service, actor, id, MessageId(stored.id()?)).await).await
}

/// Up to where messages were seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The last message that was seen; those before it were too.
    pub up_to: MessageId,
}

/// What is left to see.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unread {
    /// How many of the other side's messages your side has not said to have seen.
    pub unread: i64,
}

/// Say that messages were seen
///
/// The other side's, up to this one. They learn when, and not by whom.
#[utoipa::path(operation_id = "see_messages", tag = "messages", request_body = Seen,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = Unread)))]
#[post("/v1/referrals/{id}/messages/seen")]
async fn see_messages(
    service: Data<Service>,
    command: Command<Seen>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::READ_MESSAGES, async |tx| {
            tx.entry.record = Some(id.0);
            let talked = store::talked(tx, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let last = store::find(tx, id, body.up_to).await.map_err(|_| {
                Problem::invalid(vec![FieldError::at("/up_to", "unknown", "is no message of this referral")])
            })?;
            let (now, theirs) = (tx.now(), talked.side().other());
            store::see(tx, id, theirs, &last, now).await?;
            tx.entry.records.push(id.0);
            Ok(Done::changed(talked.version, Unread { unread: store::unseen(tx, id, theirs).await? }))
        })
        .await?;
    written
        .respond("messages", async |_| {
            let unread = service
                .read(actor, &policy::READ_MESSAGES, async |tx| {
                    let talked = store::talked(tx, id).await?;
                    store::unseen(tx, id, talked.side().other()).await
                })
                .await?;
            Ok(Unread { unread })
        })
        .await
}
