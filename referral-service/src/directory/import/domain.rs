//! What of Open Referral UK becomes what of ours.

use chrono::NaiveDate;
use serde_json::Value;
use shared::actor::Word;
use shared::code::Rules;
use shared::problem::FieldError;
use uuid::Uuid;

use super::parts::{age, contacts, costs, email, languages, location, schedule, web_address};
use super::reading::{Node, Remarks};
use crate::directory::feed::domain::{TaxonomySet, Term};
use crate::directory::organisation::OrganisationId;
use crate::directory::service::form::{Capacity, Eligibility, Location, Schedule, ServiceForm};
use crate::provision::Opening;

/// What a document is read with.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The codes of today.
    pub rules: &'a Rules,
    /// Today.
    pub today: NaiveDate,
    /// What sort of service one is that does not say.
    pub kind: &'a Word,
}

/// A service as another directory has it.
#[derive(Debug)]
pub struct Found {
    /// Its id there.
    pub id: String,
    /// Who offers it.
    pub organisation: FoundOrganisation,
    /// All that is taken of it. Its organisation is still to be found.
    pub form: ServiceForm,
}

/// An organisation as another directory has it.
#[derive(Debug)]
pub struct FoundOrganisation {
    /// Its id there.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its pages.
    pub website: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
}

/// What a row says of itself, as far as it can be read, for an answer that names it.
pub fn named(row: &Value) -> (Option<String>, Option<String>) {
    let text = |name: &str| row.get(name).and_then(Value::as_str).map(|text| text.chars().take(200).collect());
    (text("id"), text("name"))
}

impl Reading<'_> {
    /// Reads a row at its place in the document. None if it can't be taken; then the remarks say why.
    pub fn row(&self, value: &Value, at: String, remarks: &mut Remarks) -> Option<Found> {
        if !value.is_object() {
            remarks.errors.push(FieldError::at(at, "wrong_type", "must be a service: an object"));
            return None;
        }
        let row = Node::at(value, at);
        let id = row.required("id", 100, remarks);
        let name = row.required("name", 200, remarks);
        let status = self.status(&row, remarks);
        let organisation = self.organisation(&row, remarks);
        let description = row.text("description", 8000, remarks);
        let eligibility = self.eligibility(&row, remarks);
        let terms = self.terms(&row, remarks);
        let of = |set: TaxonomySet| -> Vec<Word> {
            terms.iter().filter(|(one, _)| *one == set).map(|(_, code)| code.clone()).collect()
        };
        let (schedules, there) = self.schedules(&row, remarks);
        let locations = self.locations(&row, &there, remarks);
        let form = ServiceForm {
            organisation_id: OrganisationId(Uuid::nil()),
            description: description.or_else(|| name.clone()).unwrap_or_default(),
            name: name.unwrap_or_default(),
            kind: of(TaxonomySet::Kinds).into_iter().next().unwrap_or_else(|| self.kind.clone()),
            service: None,
            url: web_address(&row, "url", remarks),
            email: email(&row, "email", remarks),
            status,
            eligibility: Eligibility { needs: of(TaxonomySet::Needs), ..eligibility },
            capacity: Capacity::default(),
            delivery: of(TaxonomySet::Delivery),
            languages: languages(&row, remarks),
            costs: costs(&row, remarks),
            contacts: contacts(&row, remarks),
            locations,
            schedules,
            accreditations: row.text("accreditations", 2000, remarks),
            alert: row.text("alert", 2000, remarks),
            assured_on: row
                .text("assured_date", 40, remarks)
                .and_then(|text| text.get(..10)?.parse().ok())
                .filter(|day| *day <= self.today),
            published: true,
        };
        match (id, organisation) {
            (Some(id), Some(organisation)) if remarks.errors.is_empty() => Some(Found { id, organisation, form }),
            _ => None,
        }
    }

    fn status(&self, row: &Node<'_>, remarks: &mut Remarks) -> Option<Opening> {
        match row.required("status", 40, remarks)?.as_str() {
            "active" => Some(Opening::Open),
            "inactive" | "defunct" | "temporarily closed" => Some(Opening::Closed),
            _ => {
                let detail = "must be active, inactive, defunct or temporarily closed";
                remarks.errors.push(FieldError::at(format!("{}/status", row.pointer()), "not_one_of", detail));
                None
            }
        }
    }

    fn organisation(&self, row: &Node<'_>, remarks: &mut Remarks) -> Option<FoundOrganisation> {
        let Some(node) = row.object("organization", remarks) else {
            if !remarks
                .errors
                .iter()
                .any(|error| error.pointer.as_deref() == Some(&format!("{}/organization", row.pointer())))
            {
                let detail = "is missing: who offers it?";
                remarks.errors.push(FieldError::at(format!("{}/organization", row.pointer()), "required", detail));
            }
            return None;
        };
        let id = node.required("id", 100, remarks);
        let name = node.required("name", 200, remarks);
        let description = node.text("description", 4000, remarks);
        let website = web_address(&node, "website", remarks);
        let email = email(&node, "email", remarks);
        let (id, name) = (id?, name?);
        Some(FoundOrganisation { id, description: description.unwrap_or_else(|| name.clone()), name, website, email })
    }

    fn eligibility(&self, row: &Node<'_>, remarks: &mut Remarks) -> Eligibility {
        let minimum_age = age(row, "minimum_age", remarks);
        let maximum_age = age(row, "maximum_age", remarks);
        if let (Some(least), Some(most)) = (minimum_age, maximum_age)
            && least > most
        {
            let detail = "is below the minimum age";
            remarks.errors.push(FieldError::at(format!("{}/maximum_age", row.pointer()), "before_minimum", detail));
        }
        Eligibility { minimum_age, maximum_age, districts: self.districts(row, remarks), ..Eligibility::default() }
    }

    /// Areas that are districts of ours, by code or by name.
    fn districts(&self, row: &Node<'_>, remarks: &mut Remarks) -> Vec<Word> {
        let known = self.rules.codes("locality", self.today);
        let mut districts: Vec<Word> = Vec::new();
        let mut unknown = Vec::new();
        for area in row.objects("service_areas", remarks) {
            let said = [area.text("name", 1000, remarks), area.text("service_area", 1000, remarks)];
            let said: Vec<String> = said.into_iter().flatten().map(|text| plain(&text)).collect();
            let code = known
                .iter()
                .find(|one| said.iter().any(|text| *text == plain(&one.label) || *text == plain(&one.code)));
            match code.and_then(|one| one.code.parse::<Word>().ok()) {
                Some(code) if districts.contains(&code) => {}
                Some(code) => districts.push(code),
                None => unknown.extend(said.into_iter().next()),
            }
        }
        match (districts.is_empty(), unknown.len()) {
            (_, 0) => {}
            (true, _) => {
                remarks.notes.push("taken as for the whole county: no area it names is a district of ours".to_owned())
            }
            (false, 1) => remarks.notes.push("1 area is no district of ours and was left out".to_owned()),
            (false, count) => remarks.notes.push(format!("{count} areas are no districts of ours and were left out")),
        }
        districts
    }

    /// Terms that are ours: by id, by code, or by what people call them.
    fn terms(&self, row: &Node<'_>, remarks: &mut Remarks) -> Vec<(TaxonomySet, Word)> {
        let ours: Vec<Term> = TaxonomySet::ALL
            .into_iter()
            .flat_map(|set| {
                self.rules.codes(set.set(), self.today).into_iter().map(move |one| Term {
                    set,
                    code: one.code.clone(),
                    label: one.label.clone(),
                    source: one.source.clone(),
                    valid_to: one.valid_to,
                })
            })
            .collect();
        let mut terms = Vec::new();
        let mut unknown = 0;
        for attribute in row.objects("attributes", remarks) {
            let term = attribute.object("taxonomy_term", remarks);
            let id =
                attribute.text("taxonomy_term_id", 100, remarks).or_else(|| term.as_ref()?.text("id", 100, remarks));
            let said: Vec<String> = term
                .iter()
                .flat_map(|term| ["code", "term", "name"].map(|name| term.text(name, 1000, remarks)))
                .flatten()
                .map(|text| plain(&text))
                .collect();
            let is_it = |one: &&Term| {
                id.as_deref().and_then(|id| id.parse().ok()) == Some(one.id())
                    || said.iter().any(|text| *text == plain(&one.code) || *text == plain(&one.label))
            };
            match ours.iter().find(is_it).and_then(|one| Some((one.set, one.code.parse::<Word>().ok()?))) {
                Some(pair) if terms.contains(&pair) => {}
                Some(pair) => terms.push(pair),
                None => unknown += 1,
            }
        }
        match unknown {
            0 => {}
            1 => remarks.notes.push("1 term is none of ours and was left out".to_owned()),
            more => remarks.notes.push(format!("{more} terms are none of ours and were left out")),
        }
        terms
    }

    /// Schedules of the service, and those of its places by the place's id there.
    fn schedules(&self, row: &Node<'_>, remarks: &mut Remarks) -> (Vec<Schedule>, Vec<(String, Schedule)>) {
        let (mut everywhere, mut there) = (Vec::new(), Vec::new());
        for node in row.objects("schedules", remarks) {
            let at = node.text("service_at_location_id", 100, remarks);
            match (schedule(&node, remarks), at) {
                (Some(schedule), Some(at)) => there.push((at, schedule)),
                (Some(schedule), None) => everywhere.push(schedule),
                (None, _) => {}
            }
        }
        everywhere.truncate(30);
        (everywhere, there)
    }

    fn locations(&self, row: &Node<'_>, there: &[(String, Schedule)], remarks: &mut Remarks) -> Vec<Location> {
        let mut locations = Vec::new();
        for node in row.objects("service_at_locations", remarks) {
            let id = node.text("id", 100, remarks);
            let mut schedules: Vec<Schedule> =
                there.iter().filter(|(at, _)| Some(at) == id.as_ref()).map(|(_, one)| one.clone()).collect();
            for inside in node.objects("schedules", remarks) {
                schedules.extend(schedule(&inside, remarks));
            }
            let Some(place) = node.object("location", remarks) else { continue };
            schedules.truncate(30);
            locations.extend(location(&place, schedules, remarks));
        }
        locations.truncate(50);
        locations
    }
}

/// A text by which two spellings of one name are the same.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('&', " and ");
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
