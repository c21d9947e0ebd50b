//! What of ours becomes what of theirs: a service turned into Open Referral UK 3.0.

use chrono::{DateTime, SecondsFormat, Utc};
use shared::calendar;
use shared::id::derived;
use uuid::Uuid;

use super::domain::{Taxonomies, TaxonomySet, Term};
use super::shape::{
    OpenReferralAccessibility, OpenReferralAddress, OpenReferralAttribute, OpenReferralContact, OpenReferralCostOption,
    OpenReferralLanguage, OpenReferralLocation, OpenReferralOrganization, OpenReferralPhone, OpenReferralSchedule,
    OpenReferralService, OpenReferralServiceArea, OpenReferralServiceAtLocation, OpenReferralTaxonomy,
    OpenReferralTaxonomyTerm,
};
use crate::directory::organisation::OrganisationView;
use crate::directory::service::form::{Contact, Cost, Location, Schedule};
use crate::directory::service::view::ServiceView;
use crate::provision::Opening;

/// What a service is turned with: where the feed is, when it is asked, what terms there are.
#[derive(Debug)]
pub struct Turning<'a> {
    /// The public address of the feed.
    pub feed: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// The terms there are.
    pub taxonomies: &'a Taxonomies,
}

/// The id of the place behind a service at a location.
pub fn location_id(service_at_location: Uuid) -> Uuid {
    derived(&format!("location/{service_at_location}"))
}

const fn status(opening: Opening) -> &'static str {
    match opening {
        Opening::Open | Opening::Full => "active",
        Opening::Closed => "inactive",
    }
}

/// What people should know: what the service says, and that it is full.
fn alert(view: &ServiceView) -> Option<String> {
    let mut lines: Vec<String> = view.alert.iter().cloned().collect();
    if view.status == Opening::Full {
        lines.push(match view.capacity.waiting_days {
            Some(days) if days > 0 => format!("Full at present; about {days} days' wait."),
            _ => "Full at present.".to_owned(),
        });
    }
    (!lines.is_empty()).then(|| lines.join(" "))
}

impl Turning<'_> {
    /// A service without the parts it may have several of, as lists show it.
    pub fn listed(&self, view: &ServiceView, organisation: &OrganisationView) -> OpenReferralService {
        OpenReferralService {
            id: view.id.0,
            organization_id: view.organisation.id.0,
            name: view.name.clone(),
            description: view.description.clone(),
            url: view.url.clone().unwrap_or_else(|| format!("{}/services/{}", self.feed, view.id)),
            email: view.email.clone(),
            status: status(view.status),
            accreditations: view.accreditations.clone(),
            minimum_age: view.eligibility.minimum_age,
            maximum_age: view.eligibility.maximum_age,
            assured_date: view.assured_on,
            alert: alert(view),
            last_modified: view.changed_at.to_rfc3339_opts(SecondsFormat::Millis, true),
            organization: OpenReferralOrganization {
                id: organisation.id.0,
                name: organisation.name.clone(),
                description: organisation.description.clone(),
                email: organisation.email.clone(),
                website: organisation.website.clone(),
            },
            schedules: None,
            service_areas: None,
            service_at_locations: None,
            languages: None,
            cost_options: None,
            contacts: None,
            attributes: None,
        }
    }

    /// A service with all its parts.
    pub fn whole(&self, view: &ServiceView, organisation: &OrganisationView) -> OpenReferralService {
        let id = view.id.0;
        let everywhere = view.schedules.iter().map(|one| self.schedule(id, None, one));
        let there = view
            .locations
            .iter()
            .flat_map(|location| location.schedules.iter().map(|one| self.schedule(id, location.id, one)));
        let at_locations = view.locations.iter().filter_map(|location| at_location(id, location)).collect();
        OpenReferralService {
            schedules: Some(everywhere.chain(there).collect()),
            service_areas: Some(self.areas(view)),
            service_at_locations: Some(at_locations),
            languages: Some(view.languages.iter().map(|code| language(id, code)).collect()),
            cost_options: Some(view.costs.iter().map(|cost| cost_option(id, cost)).collect()),
            contacts: Some(view.contacts.iter().map(|one| contact(id, one)).collect()),
            attributes: Some(self.attributes(view)),
            ..self.listed(view, organisation)
        }
    }

    /// A service at one of its places: in a list, or by its id with all there is to say.
    pub fn at(
        &self,
        place: Uuid,
        view: &ServiceView,
        organisation: &OrganisationView,
        alone: bool,
    ) -> Option<OpenReferralServiceAtLocation> {
        let location = view.locations.iter().find(|one| one.id == Some(place))?;
        let service = if alone { self.whole(view, organisation) } else { self.listed(view, organisation) };
        Some(OpenReferralServiceAtLocation {
            name: alone.then(|| service.name.clone()),
            status: alone.then_some(service.status),
            service: Some(Box::new(service)),
            ..at_location(view.id.0, location)?
        })
    }

    fn schedule(&self, service: Uuid, at: Option<Uuid>, one: &Schedule) -> OpenReferralSchedule {
        // The clocks of today: the standard wants an offset, and a weekly time has one by the season.
        let time = |text: &Option<String>| text.as_ref().map(|text| format!("{text}{}", calendar::offset_at(self.now)));
        OpenReferralSchedule {
            id: one.id.unwrap_or_default(),
            service_id: service,
            service_at_location_id: at,
            valid_from: one.starts_on,
            valid_to: one.ends_on,
            dtstart: one.starts_on,
            freq: one.recurs.as_str(),
            interval: one.every,
            byday: (!one.days.is_empty()).then(|| one.days.join(",")),
            description: one.description.clone(),
            opens_at: time(&one.opens_at),
            closes_at: time(&one.closes_at),
        }
    }

    fn areas(&self, view: &ServiceView) -> Vec<OpenReferralServiceArea> {
        let area = |key: &str, name: String| OpenReferralServiceArea {
            id: derived(&format!("service_area/{}/{key}", view.id)),
            service_id: view.id.0,
            service_area: name.clone(),
            name,
        };
        if view.eligibility.districts.is_empty() {
            return vec![area("", "The whole county".to_owned())];
        }
        let districts = view.eligibility.districts.iter();
        districts.map(|code| area(code.as_str(), self.taxonomies.district(code.as_str()))).collect()
    }

    fn attributes(&self, view: &ServiceView) -> Vec<OpenReferralAttribute> {
        let needs = view.eligibility.needs.iter().map(|one| (TaxonomySet::Needs, one.as_str()));
        let delivery = view.delivery.iter().map(|one| (TaxonomySet::Delivery, one.as_str()));
        std::iter::once((TaxonomySet::Kinds, view.kind.as_str()))
            .chain(needs)
            .chain(delivery)
            .filter_map(|(set, code)| {
                let term = taxonomy_term(self.taxonomies.term(set, code)?);
                Some(OpenReferralAttribute {
                    id: derived(&format!("attribute/{}/{}", view.id, term.id)),
                    link_id: view.id.0,
                    link_entity: "service",
                    link_type: set.link_type(),
                    taxonomy_term_id: term.id,
                    taxonomy_term: term,
                })
            })
            .collect()
    }
}

/// A taxonomy: by itself with its terms, in a list without.
pub fn taxonomy(set: TaxonomySet, terms: Option<&Taxonomies>) -> OpenReferralTaxonomy {
    OpenReferralTaxonomy {
        id: set.id(),
        name: set.name(),
        description: set.description(),
        taxonomy_terms: terms.map(|all| all.of(set).map(taxonomy_term).collect()),
    }
}

/// A term.
pub fn taxonomy_term(term: &Term) -> OpenReferralTaxonomyTerm {
    OpenReferralTaxonomyTerm {
        id: term.id(),
        name: term.label.clone(),
        description: term.description(),
        taxonomy: term.set.name(),
        taxonomy_id: term.set.id(),
        term: term.label.clone(),
        code: term.code.clone(),
    }
}

fn at_location(service: Uuid, one: &Location) -> Option<OpenReferralServiceAtLocation> {
    let id = one.id?;
    let location = location_id(id);
    let address = one.address.as_ref().map(|address| OpenReferralAddress {
        id: derived(&format!("address/{id}")),
        location_id: location,
        address_1: address.line.clone(),
        city: address.town.clone(),
        state_province: address.county.clone(),
        postal_code: address.postcode.clone(),
        country: "GB",
        address_type: one.kind.as_str(),
    });
    let accessibility: Vec<_> = one
        .accessibility
        .iter()
        .map(|line| OpenReferralAccessibility {
            id: derived(&format!("accessibility/{id}/{line}")),
            location_id: location,
            description: line.clone(),
            accessibility: line.clone(),
        })
        .collect();
    Some(OpenReferralServiceAtLocation {
        id,
        service_id: service,
        location_id: location,
        name: None,
        status: None,
        location: OpenReferralLocation {
            id: location,
            location_type: one.kind.as_str(),
            name: one.name.clone(),
            description: one.description.clone(),
            latitude: one.latitude,
            longitude: one.longitude,
            addresses: address.map(|one| vec![one]),
            accessibility: (!accessibility.is_empty()).then_some(accessibility),
        },
        service: None,
    })
}

fn language(service: Uuid, code: &str) -> OpenReferralLanguage {
    OpenReferralLanguage {
        id: derived(&format!("language/{service}/{code}")),
        service_id: service,
        code: code.to_owned(),
    }
}

fn cost_option(service: Uuid, cost: &Cost) -> OpenReferralCostOption {
    OpenReferralCostOption {
        id: cost.id.unwrap_or_default(),
        service_id: service,
        option: cost.option.clone(),
        amount: cost.pence.map(|pence| f64::from(pence) / 100.0),
        amount_description: cost.note.clone(),
    }
}

fn contact(service: Uuid, one: &Contact) -> OpenReferralContact {
    let id = one.id.unwrap_or_default();
    let phone = one.telephone.as_ref().map(|number| OpenReferralPhone {
        id: derived(&format!("phone/{id}")),
        contact_id: id,
        number: number.clone(),
    });
    OpenReferralContact {
        id,
        service_id: service,
        title: one.title.clone(),
        email: one.email.clone(),
        phones: phone.into_iter().collect(),
    }
}
