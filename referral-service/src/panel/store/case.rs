//! A panel's cases.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Listing};
use shared::actor::Actor;
use shared::page::Cursor;
use shared::problem::Problem;

use crate::referral::domain::ReferralId;
use crate::schema::panel_case;

shared::typed_id!(
    /// A case of a restricted panel.
    PanelCaseId
);

/// A case's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = panel_case)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    #[diesel(embed)]
    pub line: Line,
    pub reason: String,
    pub dissent: serde_json::Value,
    pub words: Option<String>,
    pub closed_by_name: Option<String>,
    pub version: i64,
}

/// A case, if the caller sits on its panel.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, id: PanelCaseId) -> Result<Row, Problem> {
    let found = panel_case::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller does not sit on its panel.
pub async fn for_change(connection: &mut AsyncPgConnection, id: PanelCaseId) -> Result<Row, Problem> {
    let found = panel_case::table.find(id).select(Row::as_select()).for_update().first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// Records what the panel decided.
///
/// # Errors
/// As the database says.
pub async fn close(
    connection: &mut AsyncPgConnection,
    row: &Row,
    outcome: &str,
    words: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::update(panel_case::table.find(row.line.id))
        .set((
            panel_case::status.eq("closed"),
            panel_case::outcome.eq(outcome),
            panel_case::words.eq(words),
            panel_case::closed_at.eq(now),
            panel_case::closed_by_name.eq(&actor.name),
            panel_case::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    access::move_to_state(connection, row.line.id.0, "closed").await
}

/// A case on a list: without the reasons.
#[derive(Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = panel_case)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Line {
    pub id: PanelCaseId,
    pub panel: String,
    pub referral_id: ReferralId,
    pub opened_at: DateTime<Utc>,
    pub opened_by_name: String,
    pub status: String,
    pub outcome: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// The list behind `GET /v1/panel-cases`, newest first.
pub const LIST: Listing = Listing::new(
    "panel_case",
    "c.id, c.panel, c.referral_id, c.opened_at, c.opened_by_name, c.status, c.outcome, c.closed_at",
    "JOIN panel_case c ON c.id = page.record_id",
);

/// A page of the cases one sees by name, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    let scopes = [format!("user:{}", actor.user)];
    LIST.page(connection, &Asked { scopes: &scopes, states: None, filter: None, after, limit }).await
}
