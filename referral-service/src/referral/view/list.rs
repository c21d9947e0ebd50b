//! Referrals on a worklist.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::db::from_nullable_jsonb;
use shared::deadline::{Standing, standing};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use utoipa::ToSchema;

use super::status_seen;
use crate::referral::called::called;
use crate::referral::domain::{ReferralId, Status};
use crate::referral::store::{self, Listed};

/// A referral on a worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralLine {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out.
    pub reference: String,
    /// What the agency that referred calls it, for that agency and the working team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_reference: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Whether it can't wait.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// By when the front door decides.
    pub decision_due_at: DateTime<Utc>,
    /// Where that clock stands.
    pub decision_clock: Standing,
    /// The children it is about (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ChildLine>,
    /// How many messages of the other side wait for yours: the agency that referred, or those who work on it.
    pub unread_messages: usize,
}

/// A child on a worklist.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChildLine {
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
}

impl ReferralLine {
    fn of(row: Listed, now: DateTime<Utc>) -> Result<Self, Problem> {
        // A referral names at least one child, and only the working team sees it.
        let full = row.children.is_some();
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            their_reference: row.their_reference,
            status: status_seen(&row.status, full)?,
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            urgent: row.urgent,
            decision_due_at: row.due_at,
            decision_clock: standing(row.due_at, row.met_at, now),
            children: from_nullable_jsonb(row.children)?.unwrap_or_default(),
            unread_messages: row.unseen.iter().filter(|side| (*side == "referrer") == full).count(),
        })
    }
}

/// Which referrals a list is of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Narrowed<'a> {
    /// Only those that stand here.
    pub status: Option<Status>,
    /// Only those that can't wait.
    pub urgent: bool,
    /// Only those that the caller's own agency calls so.
    pub their_reference: Option<&'a str>,
}

/// A page of referrals from some scopes, as lists show them; who is on it stands in their access logs.
///
/// # Errors
/// As the database says.
pub async fn page_of(
    tx: &mut shared::service::Read,
    scopes: &[String],
    narrowed: Narrowed<'_>,
    after: Cursor,
    limit: i64,
) -> Result<Page<ReferralLine>, Problem> {
    let now = tx.now();
    let statuses = narrowed.status.map(|status| status.asked_by(scopes));
    let rows = match narrowed.their_reference {
        Some(theirs) => called(tx, theirs, statuses.as_deref(), narrowed.urgent, after, limit).await?,
        None => store::list(tx, scopes, statuses.as_deref(), narrowed.urgent, after, limit).await?,
    };
    let page = Page::from_rows(
        rows,
        limit,
        |row| Cursor { sort_at: row.sort_at, id: row.id },
        |row| ReferralLine::of(row, now),
    );
    let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
    tx.entry.records = items.iter().map(|line| line.id.0).collect();
    Ok(Page { items, next: page.next })
}
