//! What Open Referral UK 3.0 has of a service, as far as this feed gives it. Names are the standard's.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of a list, as the standard has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralPage<T> {
    /// How many there are in all.
    pub total_items: i64,
    /// On so many pages.
    pub total_pages: i64,
    /// Which page this is, from 1.
    pub page_number: i64,
    /// How many are on this page.
    pub size: usize,
    /// Whether it is the first.
    pub first_page: bool,
    /// Whether there is none after it.
    pub last_page: bool,
    /// Whether nothing is on it.
    pub empty: bool,
    /// What is on it.
    pub contents: Vec<T>,
}

impl<T> OpenReferralPage<T> {
    /// A page with these contents.
    pub fn of(contents: Vec<T>, total: i64, page: i64, per_page: i64) -> Self {
        let pages = (total + per_page - 1) / per_page;
        Self {
            total_items: total,
            total_pages: pages,
            page_number: page,
            size: contents.len(),
            first_page: page == 1,
            last_page: page >= pages,
            empty: contents.is_empty(),
            contents,
        }
    }
}

/// What this feed is.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralFeed {
    /// The version of the standard and its profile.
    #[schema(example = "HSDS-UK-3.0")]
    pub version: &'static str,
    /// Where the profile is told.
    pub profile: &'static str,
    /// Where this API is told.
    pub openapi_url: String,
}

/// A service. In lists without the parts it may have several of.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralService {
    /// Its id.
    pub id: Uuid,
    /// Who offers it.
    pub organization_id: Uuid,
    /// Its name.
    pub name: String,
    /// What it does, for whom.
    pub description: String,
    /// Its page; its address in this feed, if it has none.
    pub url: String,
    /// Where it is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `active`, also while it is full; `inactive` when it has closed.
    pub status: &'static str,
    /// By whom it is accredited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accreditations: Option<String>,
    /// From which age on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_age: Option<i16>,
    /// Up to which age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_age: Option<i16>,
    /// When what stands here was last checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assured_date: Option<NaiveDate>,
    /// What people should know at the moment: that it is full, how long one waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<String>,
    /// When it was last changed.
    pub last_modified: String,
    /// Who offers it.
    pub organization: OpenReferralOrganization,
    /// When it is offered; where, if it has a `service_at_location_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedules: Option<Vec<OpenReferralSchedule>>,
    /// For which districts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_areas: Option<Vec<OpenReferralServiceArea>>,
    /// Where it is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_at_locations: Option<Vec<OpenReferralServiceAtLocation>>,
    /// Languages spoken without an interpreter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<OpenReferralLanguage>>,
    /// What it costs, in pounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_options: Option<Vec<OpenReferralCostOption>>,
    /// Its desks and offices; never a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<OpenReferralContact>>,
    /// What sort of service it is, what it helps with, how it works: terms of this feed's taxonomies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<OpenReferralAttribute>>,
}

/// Who offers a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralOrganization {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// When a service is offered (iCalendar).
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralSchedule {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// The place, if it is of one place only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_at_location_id: Option<Uuid>,
    /// The first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// The first day, from which intervals are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtstart: Option<NaiveDate>,
    /// `WEEKLY` or `MONTHLY`.
    pub freq: &'static str,
    /// Every how many weeks or months.
    pub interval: i16,
    /// The days, `MO,TU`; monthly with a number, `2MO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byday: Option<String>,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// From, as England's clocks show it at present: `09:30Z`, in summer `09:30+01:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// To.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes_at: Option<String>,
}

/// For whom, by district.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralServiceArea {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// Its name.
    pub name: String,
    /// The same, in words.
    pub service_area: String,
}

/// A service at one of its places.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralServiceAtLocation {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// The place.
    pub location_id: Uuid,
    /// The service's name and status, which the profile's schema of this address asks for where it is read
    /// by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    /// The place.
    pub location: OpenReferralLocation,
    /// The service, where it is not what this is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub service: Option<Box<OpenReferralService>>,
}

/// A place.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralLocation {
    /// Its id.
    pub id: Uuid,
    /// `physical`, `postal` or `virtual`.
    pub location_type: &'static str,
    /// Its name.
    pub name: String,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<OpenReferralAddress>>,
    /// What it offers to people with disabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessibility: Option<Vec<OpenReferralAccessibility>>,
}

/// An address.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralAddress {
    /// Its id.
    pub id: Uuid,
    /// The place.
    pub location_id: Uuid,
    /// House and street.
    pub address_1: String,
    /// Town or village.
    pub city: String,
    /// County.
    pub state_province: String,
    /// Postcode.
    pub postal_code: String,
    /// `GB`.
    pub country: &'static str,
    /// As `location_type`.
    pub address_type: &'static str,
}

/// What a place offers to people with disabilities.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralAccessibility {
    /// Its id.
    pub id: Uuid,
    /// The place.
    pub location_id: Uuid,
    /// What it is.
    pub description: String,
    /// The same, in words.
    pub accessibility: String,
}

/// A language.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralLanguage {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// ISO 639-1.
    pub code: String,
}

/// What a service costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralCostOption {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// For whom.
    pub option: String,
    /// In pounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// For what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_description: Option<String>,
}

/// A desk or an office.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralContact {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub service_id: Uuid,
    /// The desk or office.
    pub title: String,
    /// Where it is written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Its telephone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<OpenReferralPhone>,
}

/// A telephone number.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralPhone {
    /// Its id.
    pub id: Uuid,
    /// The desk.
    pub contact_id: Uuid,
    /// The number.
    pub number: String,
}

/// A term that holds of a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralAttribute {
    /// Its id.
    pub id: Uuid,
    /// The service.
    pub link_id: Uuid,
    /// `service`.
    pub link_entity: &'static str,
    /// What the term says: its kind, a need it helps with, how it works.
    pub link_type: &'static str,
    /// The term.
    pub taxonomy_term_id: Uuid,
    /// The term.
    pub taxonomy_term: OpenReferralTaxonomyTerm,
}

/// A taxonomy.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenReferralTaxonomy {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its terms, where one taxonomy is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxonomy_terms: Option<Vec<OpenReferralTaxonomyTerm>>,
}

/// A term of a taxonomy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenReferralTaxonomyTerm {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// The taxonomy, by name.
    pub taxonomy: &'static str,
    /// The taxonomy.
    pub taxonomy_id: Uuid,
    /// The term itself.
    pub term: String,
    /// The code this system has for it.
    pub code: String,
}
