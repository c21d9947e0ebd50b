//! What a brief intervention looks like to whoever reads it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::deadline::{Standing, standing};
use shared::id::PersonId;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{BriefAttendance, BriefContactId, BriefInterventionId, BriefStatus};
use super::store::{BriefListed, BriefShown};
use crate::referral::view::read_json;

/// A brief intervention.
#[derive(Debug, Serialize, ToSchema)]
pub struct BriefView {
    /// Its id.
    pub id: BriefInterventionId,
    /// The reference to read out on the telephone.
    #[schema(example = "B-7K3M-9QXA-C")]
    pub reference: String,
    /// What kind of work, a code of the set `brief_kind`.
    pub kind: String,
    /// The service that does it, a code of the set `service`.
    pub service: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Where it stands.
    pub status: BriefStatus,
    /// The day it was opened.
    pub opened_on: NaiveDate,
    /// How the service came to know them: `family`, `referral`, or `contact` if by none of these.
    pub basis: String,
    /// The referral it came by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<Uuid>,
    /// The family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_id: Option<Uuid>,
    /// What it is to achieve.
    pub aim: String,
    /// Who does it.
    pub worker_name: String,
    /// By when it is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// Where that clock stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Standing>,
    /// Whom it is with.
    pub people: Vec<BriefPerson>,
    /// Its contacts, oldest first, with those that were corrected.
    pub contacts: Vec<BriefContactView>,
    /// How many contacts there were, and who came; those that were corrected do not count.
    pub attendance: BriefTally,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<BriefEnding>,
    /// The day it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
}

/// Someone a brief intervention is with.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BriefPerson {
    /// The person in the index.
    pub person_id: PersonId,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
}

/// A contact.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BriefContactView {
    /// Its id.
    pub id: BriefContactId,
    /// When.
    pub at: DateTime<Utc>,
    /// How, a code of the set `brief_how`.
    pub how: String,
    /// How long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i32>,
    /// What was done and said.
    pub words: String,
    /// Who came, of those it was meant for.
    pub people: Vec<BriefCame>,
    /// The contact it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<BriefContactId>,
    /// The contact that corrects it: this one counts no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<BriefContactId>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by_name: String,
}

/// Whether somebody came to a contact.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BriefCame {
    /// Who: one of those it is with.
    pub person_id: PersonId,
    /// Whether they came.
    pub attendance: BriefAttendance,
}

/// How many contacts there were, and who came.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct BriefTally {
    /// Contacts that were made or tried.
    pub contacts: i64,
    /// To how many of them at least one of those it was meant for came.
    pub attended: i64,
}

/// How a brief intervention ended.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BriefEnding {
    /// A code of the set `brief_outcome`.
    pub outcome: String,
    /// Whether it ended as it was meant to, by the set `brief_planned_outcome` of that day.
    pub planned: bool,
    /// Where they go from there, a code of the set `brief_destination`.
    pub destination: String,
    /// What was done and what changed.
    pub summary: String,
    /// Who closed it.
    pub closed_by_name: String,
}

impl BriefView {
    /// From its row, as of an instant.
    ///
    /// # Errors
    /// 500 if it holds what this program does not know.
    pub fn of(row: BriefShown, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: BriefInterventionId(row.id),
            reference: row.reference,
            kind: row.kind,
            service: row.service,
            locality: row.locality,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of a brief intervention"))?,
            opened_on: row.opened_on,
            basis: row.basis,
            referral_id: row.referral_id,
            family_id: row.family_id,
            aim: row.aim,
            worker_name: row.worker_name,
            due_at: row.due_at,
            clock: row.due_at.map(|due| standing(due, row.met_at, now)),
            people: read_json(row.people)?.unwrap_or_default(),
            contacts: read_json(row.contacts)?.unwrap_or_default(),
            attendance: BriefTally { contacts: row.contact_count, attended: row.attended_count },
            ending: read_json(row.ending)?,
            closed_on: row.closed_on,
        })
    }
}

/// A brief intervention in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct BriefLine {
    /// Its id.
    pub id: BriefInterventionId,
    /// The reference to read out on the telephone.
    pub reference: String,
    /// What kind of work.
    pub kind: String,
    /// The service that does it.
    pub service: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Where it stands.
    pub status: BriefStatus,
    /// The day it was opened.
    pub opened_on: NaiveDate,
    /// Who does it.
    pub worker_name: String,
    /// By when it is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// Whom it is with.
    pub people: Vec<BriefPerson>,
    /// How many contacts there were.
    pub contacts: i64,
}

impl BriefLine {
    /// From its row.
    ///
    /// # Errors
    /// 500 if it holds what this program does not know.
    pub fn of(row: BriefListed) -> Result<Self, Problem> {
        Ok(Self {
            id: BriefInterventionId(row.id),
            reference: row.reference,
            kind: row.kind,
            service: row.service,
            locality: row.locality,
            status: row.status.parse().map_err(|()| Problem::internal(&"unknown status of a brief intervention"))?,
            opened_on: row.opened_on,
            worker_name: row.worker_name,
            due_at: row.due_at,
            people: read_json(row.people)?.unwrap_or_default(),
            contacts: row.contact_count,
        })
    }
}
