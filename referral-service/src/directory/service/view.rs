//! A service as it is shown.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::api::ServiceId;
use super::form::{Capacity, Contact, Cost, Eligibility, Location, Schedule};
use crate::directory::organisation::OrganisationId;
use crate::provision::Opening;

/// A service of the directory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceView {
    /// Its id.
    pub id: ServiceId,
    /// Who offers it.
    pub organisation: OrganisationLine,
    /// Its name.
    pub name: String,
    /// What it does, for whom.
    pub description: String,
    /// What sort of service, a code of the set `service_kind`.
    pub kind: String,
    /// The code of the set `service` under which hubs allocate to it, if its workers are users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether it takes people on, its places counted: an open service without a free place is `full`.
    pub status: Opening,
    /// Whom it is for.
    pub eligibility: Eligibility,
    /// Whether it has room, as far as is known.
    pub capacity: Capacity,
    /// How many places are free, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<i32>,
    /// How it works, codes of the set `service_delivery`.
    pub delivery: Vec<String>,
    /// Languages spoken without an interpreter.
    pub languages: Vec<String>,
    /// What it costs.
    pub costs: Vec<Cost>,
    /// How to reach it.
    pub contacts: Vec<Contact>,
    /// Where it is offered.
    pub locations: Vec<Location>,
    /// When, wherever it is offered.
    pub schedules: Vec<Schedule>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where it is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// By whom it is accredited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accreditations: Option<String>,
    /// What people should know at the moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// The day on which somebody last checked what stands here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assured_on: Option<NaiveDate>,
    /// Whether it stands in the public feed.
    pub published: bool,
    /// The directory it was imported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Its id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// When it was entered.
    pub listed_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

/// Who offers a service.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ServiceOrganisation)]
pub struct OrganisationLine {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
}

/// A service on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceLine {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation: OrganisationLine,
    /// What sort of service.
    pub kind: String,
    /// The code of the set `service` it stands for, if its workers are users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether it takes people on, its places counted.
    pub status: Opening,
    /// Whom it is for.
    pub eligibility: Eligibility,
    /// How many places are free, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub free: Option<i32>,
    /// How long one waits, in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_days: Option<i32>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

/// Ids of every part, for a change that says them again.
pub fn part_ids(view: &ServiceView) -> Vec<Uuid> {
    let schedules = view.schedules.iter().chain(view.locations.iter().flat_map(|one| &one.schedules)).map(|one| one.id);
    let locations = view.locations.iter().map(|one| one.id);
    let contacts = view.contacts.iter().map(|one| one.id);
    let costs = view.costs.iter().map(|one| one.id);
    schedules.chain(locations).chain(contacts).chain(costs).flatten().collect()
}
