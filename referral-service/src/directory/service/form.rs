//! What is said of a service: sent to be kept, and shown in the same words.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::directory::organisation::OrganisationId;
use crate::provision::Opening;

/// A service as it is to stand in the directory. A change says all of it again; what is left out
/// goes. Parts that carry the `id` they were read with stay the same part.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "organisation_id": "0198c0de-0000-7000-8000-000000000001",
    "name": "Juniper Street debt advice (invented)",
    "description": "Free, confidential help with debts, benefits and rent arrears.",
    "kind": "debt-advice",
    "url": "https://juniper-street.example/debt",
    "email": "debt@juniper-street.example",
    "status": "open",
    "eligibility": { "minimum_age": 16, "districts": ["charnwood"], "needs": ["financial-stability", "secure-housing"], "levels": [1, 2, 3] },
    "capacity": { "places": 40, "taken": 31, "waiting_days": 14 },
    "delivery": ["drop-in", "telephone"],
    "languages": ["en", "gu"],
    "costs": [{ "option": "Everybody", "pence": 0 }],
    "contacts": [{ "title": "Advice desk", "telephone": "01632 960111" }],
    "locations": [{
        "name": "Juniper Street Hall", "kind": "physical",
        "address": { "line": "1 Juniper Street", "town": "Loughborough", "county": "Leicestershire", "postcode": "LE11 0ZZ" },
        "latitude": 52.772, "longitude": -1.206, "accessibility": ["Step-free entrance"],
        "schedules": [{ "days": ["TU", "TH"], "opens_at": "10:00", "closes_at": "15:00" }]
    }]
}))]
pub struct ServiceForm {
    /// Who offers it.
    pub organisation_id: OrganisationId,
    /// Its name. An organisation has no two of one name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What it does, for whom, in plain words.
    #[schema(min_length = 1, max_length = 8000)]
    pub description: String,
    /// What sort of service, a code of the set `service_kind`.
    pub kind: Word,
    /// The code of the set `service` under which hubs allocate to it; left out for one that is no user.
    pub service: Option<Word>,
    /// Its page.
    #[schema(max_length = 500, pattern = r#"^https?://[^\s<>"]+$"#)]
    pub url: Option<String>,
    /// Where it is written to: an office's address, not a person's.
    #[schema(max_length = 254, pattern = r#"^[^@\s<>"]+@[^@\s<>"]+\.[^@\s<>"]+$"#)]
    pub email: Option<String>,
    /// Whether it takes people on; `open` if left out.
    pub status: Option<Opening>,
    /// Whom it is for.
    #[serde(default)]
    pub eligibility: Eligibility,
    /// Whether it has room, as far as is known.
    #[serde(default)]
    pub capacity: Capacity,
    /// How it works, codes of the set `service_delivery`.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub delivery: Vec<Word>,
    /// Languages spoken without an interpreter, two letters each (ISO 639-1).
    #[serde(default)]
    #[schema(max_items = 50)]
    pub languages: Vec<String>,
    /// What it costs.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub costs: Vec<Cost>,
    /// How to reach it.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub contacts: Vec<Contact>,
    /// Where it is offered.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub locations: Vec<Location>,
    /// When, wherever it is offered.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub schedules: Vec<Schedule>,
    /// By whom it is accredited.
    #[schema(max_length = 2000)]
    pub accreditations: Option<String>,
    /// What people should know at the moment.
    #[schema(max_length = 2000)]
    pub alert: Option<String>,
    /// The day on which somebody last checked what stands here.
    pub assured_on: Option<NaiveDate>,
    /// Whether it stands in the public feed; it does if left out.
    #[serde(default = "yes")]
    pub published: bool,
}

const fn yes() -> bool {
    true
}

/// Whom a service is for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceEligibility)]
pub struct Eligibility {
    /// From which age on, in whole years; from birth (or before) if left out.
    #[schema(minimum = 0, maximum = 120)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_age: Option<i16>,
    /// Up to which age, that year included.
    #[schema(minimum = 0, maximum = 120)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_age: Option<i16>,
    /// In which districts, codes of the set `locality`; in the whole county if none is named.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub districts: Vec<Word>,
    /// With what it helps, codes of the set `concern`; with anything if none is named.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub needs: Vec<Word>,
    /// For which levels of need, 1 universal to 4 acute; for any if none is named.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub levels: Vec<i16>,
}

/// Whether a service has room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceCapacity)]
pub struct Capacity {
    /// How many families or people it can take.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<i32>,
    /// How many it has.
    #[schema(minimum = 0, maximum = 1_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<i32>,
    /// How long one waits at present, in days.
    #[schema(minimum = 0, maximum = 3650)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_days: Option<i32>,
}

/// What a service costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceCost)]
pub struct Cost {
    /// The part's id, as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// For whom: "Everybody", "Under 16".
    #[schema(min_length = 1, max_length = 200)]
    pub option: String,
    /// How much, in pence; 0 is free.
    #[schema(minimum = 0, maximum = 100_000_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pence: Option<i32>,
    /// For what: "a session", "by donation".
    #[schema(max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How to reach a service: a desk or an office, never a named person, for it is published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceContact)]
pub struct Contact {
    /// The part's id, as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What it is: "Duty desk", "Enquiries".
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Its telephone number.
    #[schema(max_length = 40, pattern = r"^[0-9+() -]{3,40}$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// Its e-mail address.
    #[schema(max_length = 254, pattern = r#"^[^@\s<>"]+@[^@\s<>"]+\.[^@\s<>"]+$"#)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

shared::words! {
    /// What sort of place it is.
    #[schema(as = ServiceLocationKind)]
    LocationKind {
        /// One goes there.
        Physical = "physical",
        /// One writes there.
        Postal = "postal",
        /// Online or by telephone.
        Virtual = "virtual",
    }
}

/// A place where a service is offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceLocation)]
pub struct Location {
    /// The part's id, as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// What the place is called.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What sort of place.
    pub kind: LocationKind,
    /// More about it.
    #[schema(max_length = 4000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its address; needed unless it is virtual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// North of the equator, in degrees (WGS 84); with `longitude`.
    #[schema(minimum = -90, maximum = 90)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// East of Greenwich, in degrees.
    #[schema(minimum = -180, maximum = 180)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// What it offers to people with disabilities, one thing in each line.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub accessibility: Vec<String>,
    /// When the service is offered there.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub schedules: Vec<Schedule>,
}

/// The address of a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceAddress)]
pub struct Address {
    /// House and street.
    #[schema(min_length = 1, max_length = 500)]
    pub line: String,
    /// Town or village.
    #[schema(min_length = 1, max_length = 200)]
    pub town: String,
    /// County.
    #[schema(min_length = 1, max_length = 200)]
    pub county: String,
    /// Postcode.
    #[schema(min_length = 2, max_length = 10)]
    pub postcode: String,
}

/// How often something recurs. In JSON in small letters, as everything of ours is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ServiceRecurrence)]
pub enum Recurrence {
    /// On these days of the week.
    #[default]
    Weekly,
    /// On these days of the month: `2MO` the second Monday, `-1FR` the last Friday.
    Monthly,
}

impl Recurrence {
    /// As tables and Open Referral spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Recurrence::Weekly => "WEEKLY",
            Recurrence::Monthly => "MONTHLY",
        }
    }
}

/// When a service is offered. Times are what England's clocks show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ServiceSchedule)]
pub struct Schedule {
    /// The part's id, as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// How it recurs; weekly if left out.
    #[serde(default)]
    pub recurs: Recurrence,
    /// Every how many weeks or months; each, if left out.
    #[serde(default = "each")]
    #[schema(minimum = 1, maximum = 52)]
    pub every: i16,
    /// `MO` to `SU`; when it recurs monthly, with a number before: `2MO`, `-1FR`.
    #[schema(max_items = 31)]
    pub days: Vec<String>,
    /// From, as `09:30`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// To, as `16:00`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<String>,
    /// The first day; needed if it is not on every week or month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<NaiveDate>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
    /// What else there is to say: "term time only".
    #[schema(max_length = 1000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

const fn each() -> i16 {
    1
}
