//! What else is known of the people a referral is about: their other referrals, and who works with them.

use chrono::{DateTime, Months, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::db::from_nullable_jsonb;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{ReferralId, Status};
use super::shown::{self, AtWork, Other};
use super::view::{AllocationLine, ReferralView};

/// How far back other referrals of the same people are shown.
const PREVIOUS_MONTHS: Months = Months::new(12);

/// Adds to a referral what else the caller sees of the people it is about. Whoever referred sees nothing of what
/// others told, and so is not even asked about it. The answer is the records that are shown.
///
/// # Errors
/// As the database says.
pub async fn add_previous(connection: &mut AsyncPgConnection, view: &mut ReferralView) -> Result<Vec<Uuid>, Problem> {
    if view.contact.is_none() {
        return Ok(Vec::new());
    }
    let since = view.received_at.checked_sub_months(PREVIOUS_MONTHS).unwrap_or(view.received_at);
    let others = shown::others(connection, view.id, since, view.received_at).await?;
    view.previous = others.into_iter().map(PreviousReferral::of).collect::<Result<_, _>>()?;
    view.open_cases = shown::at_work(connection, view.id).await?.into_iter().map(OpenCase::from).collect();
    let previous = view.previous.iter().map(|other| other.id.0);
    Ok(previous.chain(view.open_cases.iter().map(|case| case.id)).collect())
}

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
            allocations: from_nullable_jsonb(row.allocations)?.unwrap_or_default(),
        })
    }
}
