//! `GET /v1/referrals/queue`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::actor::Actor;
use shared::db::from_nullable_jsonb;
use shared::deadline::{Running, running};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;

use super::super::domain::{place, rest};
use super::super::store::{self, Queued};
use crate::policy;
use crate::referral::Status;
use crate::referral::domain::ReferralId;
use crate::referral::view::ChildLine;

/// A referral that waits for the front door.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueLine {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out.
    pub reference: String,
    /// Where it stands: `received`, `screening` or `awaiting_sign_off`.
    pub status: Status,
    /// Whether it can't wait.
    pub urgent: bool,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// By when the front door decides.
    pub decision_due_at: DateTime<Utc>,
    /// How that stands. `at_risk` is the last quarter of the time.
    pub decision_clock: Running,
    /// By when a manager answers, if it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_off_due_at: Option<DateTime<Utc>>,
    /// The children it is about.
    pub children: Vec<ChildLine>,
}

impl QueueLine {
    fn of(row: Queued, now: DateTime<Utc>) -> Result<Self, Problem> {
        let children = from_nullable_jsonb(row.children)?;
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown referral status"))?,
            urgent: row.urgent,
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            decision_due_at: row.due_at,
            decision_clock: running(row.started_at, row.due_at, now),
            sign_off_due_at: row.sign_off_due_at,
            children: children.unwrap_or_default(),
        })
    }
}

/// Read the screening queue
///
/// All that waits for the front door: to be screened, decided or signed off. Urgent ones first, then as they
/// came, which is as they are due.
#[utoipa::path(operation_id = "read_screening_queue", tag = "first response",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<QueueLine>)))]
#[get("/v1/referrals/queue")]
pub async fn read_screening_queue(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::SCREEN_REFERRAL, async |tx| {
            policy::SCREEN_REFERRAL.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let after = (cursor != Cursor::start()).then_some((cursor.sort_at, cursor.id));
            let now = tx.now();
            let rows = store::queue(tx, rest(after), limit).await?;
            let page = Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: place(row.sort_at, row.urgent), id: row.id },
                |row| QueueLine::of(row, now),
            );
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|line| line.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}
