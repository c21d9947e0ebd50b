//! `/v1/alerts`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Row};
use crate::policy;

shared::typed_id!(
    /// An alert.
    AlertId
);

shared::words! {
    /// How soon an alert wants somebody.
    #[schema(as = AlertUrgency)]
    Urgency {
        /// Now: a child may be in danger.
        Urgent = "urgent",
        /// Something is overdue.
        Reminder = "reminder",
    }
}

shared::words! {
    /// Which alerts a list holds.
    AlertState {
        /// Nobody has seen to it yet, and it is urgent.
        Urgent = "urgent",
        /// Nobody has seen to it yet; it reminds of something overdue.
        Reminder = "reminder",
        /// Somebody has seen to it.
        Acknowledged = "acknowledged",
        /// What it asked for was done before anybody said that they had seen to it.
        Ended = "ended",
    }
}

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_alerts).service(read_alert).service(acknowledge_alert);
}

/// Something you must learn of without looking for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertView {
    /// Its id.
    pub id: AlertId,
    /// What it is: `urgent_safeguarding`, `missing_child`; of a reminder the code of the clock that ran out.
    #[schema(example = "missing_child")]
    pub kind: String,
    /// How soon it wants somebody.
    pub urgency: Urgency,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// The address of what it is about. Whether you may read that is its own question.
    #[schema(example = "/v1/referrals/0198c0de-0000-7000-8000-000000000001")]
    pub about: String,
    /// The district, if one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// When somebody saw to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Who saw to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    /// What they noted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When what it asked for was done, and it ended by itself; absent if somebody had seen to it before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
}

impl AlertView {
    fn of(row: Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            urgency: row.urgency.parse().map_err(|()| Problem::internal(&"unknown urgency"))?,
            kind: row.kind,
            raised_at: row.raised_at,
            about: format!("/v1/{}/{}", row.about, row.about_id),
            locality: row.locality,
            acknowledged_at: row.acknowledged_at,
            acknowledged_by: row.acknowledged_by_name,
            note: row.note,
            ended_at: row.ended_at,
        })
    }
}

/// List alerts
///
/// Those raised for you, your team, your hub, your agency or the front door, newest first; those
/// that nobody has seen to and whose matter is not done, unless asked otherwise. A reminder ends with its
/// clock, the alert of a missing child with the return.
#[utoipa::path(operation_id = "list_alerts", tag = "alerts",
    params(("state" = inline(Option<AlertState>), Query, description = "Only these; urgent ones and reminders that nobody has seen to, if left out"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<AlertView>)))]
#[get("/v1/alerts")]
async fn list_alerts(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ALERT, async |tx| {
            policy::READ_ALERT.require(&actor)?;
            let mut query = Query::of(&request);
            let state = query.optional::<AlertState>("state", "urgent, reminder, acknowledged or ended");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let states = match state {
                Some(state) => vec![state.as_str()],
                None => vec![AlertState::Urgent.as_str(), AlertState::Reminder.as_str()],
            };
            let rows = store::list(tx, &actor.scopes(), &states, cursor, limit).await?;
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.raised_at, id: row.id.0 }, AlertView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an alert
#[utoipa::path(operation_id = "read_alert", tag = "alerts",
    params(("id" = uuid::Uuid, Path, description = "The alert's id")),
    responses((status = 200, body = AlertView)))]
#[get("/v1/alerts/{id}")]
async fn read_alert(service: Data<Service>, actor: Actor, id: Path<AlertId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: AlertId) -> Result<(i64, AlertView), Problem> {
    service
        .read(actor, &policy::READ_ALERT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_ALERT.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, AlertView::of(row)?))
        })
        .await
}

/// That somebody has seen to it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "Rang the family's worker, who is on the way to the house." }))]
pub struct Acknowledgement {
    /// What was done about it.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// Acknowledge an alert
///
/// You have seen to it; it leaves the list of everyone it was raised for.
#[utoipa::path(operation_id = "acknowledge_alert", tag = "alerts", request_body = Acknowledgement,
    params(("id" = uuid::Uuid, Path, description = "The alert's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AlertView)))]
#[post("/v1/alerts/{id}/acknowledgement")]
async fn acknowledge_alert(
    service: Data<Service>,
    command: Command<Acknowledgement>,
    id: Path<AlertId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ACKNOWLEDGE_ALERT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            if let Some(by) = &row.acknowledged_by_name {
                return Err(Problem::conflict(format!("{by} has seen to it already")).into());
            }
            if row.ended_at.is_some() {
                return Err(Problem::conflict("what this alert asked for is done: it has ended").into());
            }
            let now = tx.now();
            store::acknowledge(tx, &row, &command.actor, body.note.as_deref(), now).await?;
            tx.entry.records.push(id.0);
            Ok(Done::changed(row.version + 1, AlertView::of(store::find(tx, id).await?)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
