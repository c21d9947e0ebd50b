//! What a panel has.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::db::from_jsonb;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;

use super::store::case::{self, Line, PanelCaseId, Row};
use crate::policy;
use crate::referral::domain::ReferralId;
use crate::referral::view::DissentView;

/// A case on the list. Why it is there, and what came of it in words, is read one case at a time: each such look has
/// its own line in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelCaseLine {
    /// Its id.
    pub id: PanelCaseId,
    /// The panel, a code of the set `panel`.
    pub panel: String,
    /// The referral, which the panel's members may read whole.
    pub referral_id: ReferralId,
    /// `open` or `closed`.
    pub status: String,
    /// When the hub handed it over.
    pub opened_at: DateTime<Utc>,
    /// Who did.
    pub opened_by: String,
    /// What the panel decided, a code of the set `panel_outcome`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
}

impl From<Line> for PanelCaseLine {
    fn from(row: Line) -> Self {
        Self {
            id: row.id,
            panel: row.panel,
            referral_id: row.referral_id,
            status: row.status,
            opened_at: row.opened_at,
            opened_by: row.opened_by_name,
            outcome: row.outcome,
            closed_at: row.closed_at,
        }
    }
}

/// A case of a restricted panel. The referral itself is read at its own address.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelCase {
    /// The case.
    #[serde(flatten)]
    pub case: PanelCaseLine,
    /// Why.
    pub reason: String,
    /// Who saw it otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dissent: Vec<DissentView>,
    /// The outcome in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
}

impl PanelCase {
    fn of(row: Row) -> Result<Self, Problem> {
        Ok(Self {
            case: PanelCaseLine::from(row.line),
            reason: row.reason,
            dissent: from_jsonb(row.dissent)?,
            words: row.words,
            closed_by: row.closed_by_name,
        })
    }
}

/// List the cases of your panels
///
/// Of the restricted panels you sit on, newest first. Whoever sits on none finds none.
#[utoipa::path(operation_id = "list_panel_cases", tag = "panels",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PanelCaseLine>)))]
#[get("/v1/panel-cases")]
pub async fn list_panel_cases(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_PANEL, async |tx| {
            policy::READ_PANEL.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = case::list(tx, &actor, cursor, limit).await?;
            let key = |row: &Line| Cursor { sort_at: row.opened_at, id: row.id.0 };
            Ok(Page::from_rows(rows, limit, key, PanelCaseLine::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a case of a panel
#[utoipa::path(operation_id = "read_panel_case", tag = "panels",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = PanelCase)))]
#[get("/v1/panel-cases/{id}")]
pub async fn read_panel_case(
    service: Data<Service>,
    actor: Actor,
    id: Path<PanelCaseId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: PanelCaseId) -> Result<(i64, PanelCase), Problem> {
    service
        .read(actor, &policy::READ_PANEL, async |tx| {
            tx.entry.record = Some(id.0);
            let row = case::find(tx, id).await?;
            policy::READ_PANEL.require(actor)?;
            Ok((row.version, PanelCase::of(row)?))
        })
        .await
}

/// What a panel decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "support-agreed", "words": "An intervention provider meets Rowan weekly; reviewed in three months." }))]
pub struct PanelOutcome {
    /// What, a code of the set `panel_outcome`.
    pub outcome: Word,
    /// The same in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
}

/// Record what a panel decided
///
/// Seen by its members alone, as the whole case is.
#[utoipa::path(operation_id = "record_panel_outcome", tag = "panels", request_body = PanelOutcome,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PanelCase)))]
#[post("/v1/panel-cases/{id}/outcome")]
pub async fn record_panel_outcome(
    service: Data<Service>,
    command: Command<PanelOutcome>,
    id: Path<PanelCaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_AT_PANEL, async |tx| {
            tx.entry.record = Some(id.0);
            let row = case::for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            if !service.rules().has_code("panel_outcome", body.outcome.as_str(), now.local_day()) {
                let detail = "is no outcome of a panel; GET /v1/codes/panel_outcome lists them";
                return Err(Problem::invalid(vec![FieldError::at("/outcome", "unknown_code", detail)]).into());
            }
            if let Some(by) = &row.closed_by_name {
                return Err(Problem::conflict(format!("{by} has recorded the outcome already")).into());
            }
            case::close(tx, &row, body.outcome.as_str(), &body.words, actor, now).await?;
            Ok(Done::changed(row.version + 1, PanelCase::of(case::find(tx, id).await?)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}
