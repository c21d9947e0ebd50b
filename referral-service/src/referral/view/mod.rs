//! What a referral looks like to whoever reads it.

mod consent;
mod contact;
mod list;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::db::from_nullable_jsonb;
use shared::deadline::{Standing, standing};
use shared::problem::{FieldError, Problem};
use utoipa::ToSchema;

use super::domain::{ReferralId, Status};
use super::previous::{OpenCase, PreviousReferral};
use super::shown::Shown;

pub use consent::ConsentView;
pub use contact::{ContactView, NamedPersonView, ReferrerView};
pub use list::{ChildLine, Narrowed, ReferralLine, page_of};
pub use shared::db::from_nullable_jsonb as read_json;

/// A referral, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralView {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out on the telephone.
    #[schema(example = "R-7K3M-9QXA-C")]
    pub reference: String,
    /// What the agency that referred calls it, for that agency and the working team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "SAFEGUARDING-2026-118")]
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
    /// By when the front door decides: one working day.
    pub decision_due_at: DateTime<Utc>,
    /// Where that clock stands.
    pub decision_clock: Standing,
    /// What was decided, oldest first. The reasons are the working team's to read.
    pub decisions: Vec<DecisionView>,
    /// What the referrer said (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    /// What the family said since of a service, oldest first: the last one holds. What the referral itself told is in
    /// `contact` (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentView>,
    /// Whom it is about (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<NamedPersonView>,
    /// Which services were asked (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<AllocationLine>,
    /// Other referrals of the same people that you see: those received in the twelve months before, and those
    /// still open, newest first (working team only, and only where one referral is read or taken in).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<PreviousReferral>,
    /// Who is working with these people already, as far as you see it, newest first (working team only, and
    /// only where one referral is read or taken in).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_cases: Vec<OpenCase>,
    /// What is worth looking at again in what was told, and no reason to refuse it: what is missing, what contradicts
    /// itself. `pointer` points into the form. Only in the answer to a submission.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldError>,
    /// Whether this is all of it (`full`) or what its referrer may follow (`status`).
    pub view: String,
}

/// A decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// `front_door` or `hub`.
    pub stage: String,
    /// What was decided.
    pub outcome: String,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Level of need, 1 universal to 4 acute (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_of_need: Option<i16>,
    /// Why (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Which manager signed it off, if it needed that: level 4, or no further action (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_off_by: Option<String>,
    /// How the hub came to it: in a `meeting`, at its `desk`, or outside a meeting because it was `urgent`
    /// (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// Why it could not wait for the meeting (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent_because: Option<String>,
    /// Who saw it otherwise (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dissent: Option<Vec<DissentView>>,
}

/// Somebody who saw it otherwise.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DissentView {
    /// Who.
    pub who: String,
    /// For which agency.
    pub agency: String,
    /// What they said.
    pub words: String,
}

/// A service that was asked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AllocationLine {
    /// The allocation's id.
    pub id: uuid::Uuid,
    /// The service.
    pub service: String,
    /// Whether it leads or supports the one that does.
    #[serde(default)]
    pub part: String,
    /// Where it stands.
    pub status: String,
    /// When it was asked.
    pub offered_at: DateTime<Utc>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// The status as a reader of this view sees it.
fn status_seen(status: &str, full: bool) -> Result<Status, Problem> {
    let status: Status = status.parse().map_err(|()| Problem::internal(&"unknown referral status"))?;
    Ok(if full { status } else { status.to_referrer() })
}

impl ReferralView {
    /// From a row, as of an instant.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Shown, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            their_reference: row.their_reference,
            status: status_seen(&row.status, row.full)?,
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            urgent: row.urgent,
            decision_due_at: row.due_at,
            decision_clock: standing(row.due_at, row.met_at, now),
            decisions: from_nullable_jsonb(row.decisions)?.unwrap_or_default(),
            contact: from_nullable_jsonb(row.contact)?,
            consents: from_nullable_jsonb(row.consents)?.unwrap_or_default(),
            people: from_nullable_jsonb(row.people)?.unwrap_or_default(),
            allocations: from_nullable_jsonb(row.allocations)?.unwrap_or_default(),
            previous: Vec::new(),
            open_cases: Vec::new(),
            warnings: Vec::new(),
            view: if row.full { "full" } else { "status" }.to_owned(),
        })
    }
}

/// What whoever asked should know, and what nobody stops them from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// A stable word for programs: `over_ceiling`, `full`.
    #[schema(example = "over_ceiling")]
    pub code: String,
    /// The same for people.
    pub detail: String,
}
