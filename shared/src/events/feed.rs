//! `GET /internal/events`: the event log itself, for consumers that found the fast copy wanting.

use actix_web::web::{Data, Query};
use actix_web::{HttpResponse, Responder};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CloudEvent;
use crate::auth::CallingService;
use crate::background::Background;
use crate::problem::Problem;

/// A page of the event log.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventPage {
    /// Which life of the log this is.
    pub epoch: Uuid,
    /// How far it is numbered.
    pub head: i64,
    /// The events after the asked position, in order.
    pub events: Vec<CloudEvent>,
}

/// Which events are wanted.
#[derive(Deserialize)]
pub struct After {
    after: i64,
    limit: Option<i64>,
}

/// The most events in one answer.
const MOST: i64 = 500;

/// Handler of `GET /internal/events?after=N&limit=N`, for other processes only.
///
/// # Errors
/// 401 without a service token; 503 if the database is away.
pub async fn events(
    _caller: CallingService,
    background: Data<Background>,
    wanted: Query<After>,
) -> Result<impl Responder, Problem> {
    let mut connection = background.connection().await?;
    let limit = wanted.limit.unwrap_or(MOST).clamp(1, MOST);
    let page = page(&mut connection, background.name(), wanted.after, limit).await?;
    Ok(HttpResponse::Ok().json(page))
}

#[derive(diesel::QueryableByName)]
pub(super) struct Epoch {
    #[diesel(sql_type = SqlUuid)]
    pub epoch: Uuid,
    #[diesel(sql_type = BigInt)]
    pub position: i64,
}

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    aggregate_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    occurred_at: chrono::DateTime<chrono::Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    trace: Option<String>,
    #[diesel(sql_type = Jsonb)]
    data: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    position: i64,
}

/// The events after a position, with the log's epoch and head.
pub(super) async fn page(
    connection: &mut AsyncPgConnection,
    service: &str,
    after: i64,
    limit: i64,
) -> Result<EventPage, diesel::result::Error> {
    let epoch: Option<Epoch> =
        sql_query("SELECT epoch, position FROM event_epoch").load(connection).await?.into_iter().next();
    // No epoch yet: the relay has not begun, so there is nothing to tell.
    let Some(Epoch { epoch, position: head }) = epoch else {
        return Ok(EventPage { epoch: Uuid::nil(), head: 0, events: Vec::new() });
    };
    let rows: Vec<Row> = sql_query(
        "SELECT id, kind, aggregate_id, occurred_at, trace, data, position FROM event_log \
         WHERE position > $1 ORDER BY position LIMIT $2",
    )
    .bind::<BigInt, _>(after)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    let events = rows
        .into_iter()
        .map(|row| CloudEvent {
            specversion: "1.0".to_owned(),
            id: row.id,
            source: format!("/{service}"),
            kind: row.kind,
            subject: row.aggregate_id,
            time: row.occurred_at,
            datacontenttype: "application/json".to_owned(),
            data: row.data,
            position: row.position,
            epoch,
            trace: row.trace,
        })
        .collect();
    Ok(EventPage { epoch, head, events })
}
