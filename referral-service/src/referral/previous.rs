//! What else is known of the people a referral is about: their other referrals, and who works with them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::problem::Problem;
use utoipa::ToSchema;

use super::domain::{ReferralId, Status};
use super::shown::{AtWork, Other};
use super::view::{AllocationLine, read_json};

/// Another referral of somebody whom a referral is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviousReferral {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out.
    pub reference: String,
    /// Where it stands.
    pub status: Status,
    /// Whether somebody still has it in hand.
    pub open: bool,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Who of the people named is the same.
    pub person_ids: Vec<uuid::Uuid>,
    /// Which services were asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<AllocationLine>,
}

/// A case somebody has open with one of the people a referral is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenCase {
    /// Its id.
    pub id: uuid::Uuid,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose it is, a code of the set `service`.
    pub team: String,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Who leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker: Option<String>,
    /// Who of the people named it is about.
    pub person_ids: Vec<uuid::Uuid>,
}

impl From<AtWork> for OpenCase {
    fn from(row: AtWork) -> Self {
        Self {
            id: row.id,
            case_type: row.case_type,
            team: row.team,
            opened_at: row.opened_at,
            lead_worker: row.lead_worker_name,
            person_ids: row.people,
        }
    }
}

impl PreviousReferral {
    /// From a row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Other) -> Result<Self, Problem> {
        let status: Status = row.status.parse().map_err(|()| Problem::internal(&"unknown referral status"))?;
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            status,
            open: !matches!(status, Status::Closed | Status::Withdrawn),
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            person_ids: row.people,
            allocations: read_json(row.allocations)?.unwrap_or_default(),
        })
    }
}
