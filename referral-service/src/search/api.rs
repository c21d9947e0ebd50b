//! `POST /v1/searches`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::calendar::LocalDay;
use shared::id::PersonId;
use shared::problem::{FieldError, Problem};
use shared::request::Question;
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::birth::Birth;
use super::domain::{Matched, readings};
use super::finding::{Finding, Found, Person, Wanted, find};
use crate::people::birth_date_error;
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(search);
}

/// What is looked for. All that is given has to fit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Juniper Testcase", "birth_date": "2019-02-03" }))]
pub struct Search {
    /// Given and family name, in either order; a family name alone; with a birth date also a given
    /// name alone. However it is spelt: one wrong letter and names that sound alike are forgiven.
    #[schema(min_length = 2, max_length = 200)]
    pub name: Option<String>,
    /// Birth date, beside a name. Where somebody fits both whole, namesakes born on quite another day are not given;
    /// those born on a day that is taken for it are, and those whose birth date nobody knows.
    pub birth_date: Option<NaiveDate>,
    /// The reference of a referral (`R`), a family (`F`), a missing episode (`M`), a concern about exploitation (`E`), a
    /// group (`G`), a brief intervention or a short break (`B`), as it was read out.
    #[schema(min_length = 1, max_length = 40, example = "R-7K3M-9QXA-C")]
    pub reference: Option<String>,
    /// House number and street; or a street, for all who live in it.
    #[schema(min_length = 3, max_length = 1000, example = "12 High Street")]
    pub address: Option<String>,
    /// The whole postcode.
    #[schema(min_length = 5, max_length = 10, example = "LE11 1AA")]
    pub postcode: Option<String>,
    /// Who works with the family now, by the name they sign in with.
    #[schema(min_length = 1, max_length = 100, example = "felix.family")]
    pub worker: Option<String>,
}

/// Someone who was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonHit {
    /// Their id.
    pub id: PersonId,
    /// Their address in this API.
    #[schema(example = "/v1/people/0198c0de-0000-7000-8000-000000000001")]
    pub about: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// How well they fit, 60 to 100. The family name counts for 55 %, the given name for 45 %: all of it for
    /// the same, 90 % for one edit or the beginning, 80 % for the same sound, 70 % for what is written much
    /// alike. A birth date counts for 30 % of the whole and the name for the rest: all of it for the same day,
    /// 70 % for one digit another or day and month the other way round, half where none is known.
    pub score: u8,
    /// What fits.
    pub matched: Vec<Matched>,
}

/// A record that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordHit {
    /// What it is: `referral`, `allocation`, `family`, `case`, `missing_episode`, `exploitation_concern`, `group`,
    /// `brief_intervention`, `short_break`.
    #[schema(example = "referral")]
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its address in this API.
    #[schema(example = "/v1/referrals/0198c0de-0000-7000-8000-000000000001")]
    pub about: String,
    /// Its reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-7K3M-9QXA-C")]
    pub reference: Option<String>,
    /// Where it stands.
    #[schema(example = "in_service")]
    pub status: String,
    /// Its place among the newest.
    pub since: DateTime<Utc>,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Whom of those found it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PersonId>,
    /// What fits.
    pub matched: Vec<Matched>,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    /// Up to 20 people, the best first.
    pub people: Vec<PersonHit>,
    /// Up to 50 records about them, or with the reference or the worker looked for; newest first.
    pub records: Vec<RecordHit>,
    /// Whether there may be more: narrow the search.
    pub more: bool,
}

/// Search
///
/// For people and for what there is about them, among what you may see: by name, birth date, address, postcode,
/// reference, worker. All that you give has to fit. A search is sent as a body, so that no name stands in an
/// address or a log; everyone it finds has it in their access log.
#[utoipa::path(operation_id = "search", tag = "search", request_body = Search,
    responses((status = 200, body = SearchAnswer)))]
#[post("/v1/searches")]
async fn search(service: Data<Service>, question: Question<Search>) -> Result<HttpResponse, Problem> {
    let actor = &question.actor;
    let answer = service
        .read(actor, &policy::SEARCH, async |tx| {
            policy::SEARCH.require(actor)?;
            let wanted = check(question.body()?, tx.now().local_day()).map_err(Problem::invalid)?;
            let finding = find(tx, &wanted).await?;
            tx.entry.people = finding.people.iter().map(|person| person.known.id).collect();
            tx.entry.records = finding.records.iter().map(|found| found.record.id).collect();
            Ok(SearchAnswer::from(finding))
        })
        .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// What may begin a reference of this service: referrals, families, missing episodes, concerns about exploitation, groups,
/// and brief interventions and short breaks, which share theirs.
const PREFIXES: [char; 6] = ['R', 'F', 'M', 'E', 'G', 'B'];
/// What begins the reference of a case of the youth justice service, whose records are its own.
const ELSEWHERE: char = 'P';

/// Holds a search against what a schema can't state.
fn check(asked: Search, today: NaiveDate) -> Result<Wanted, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wanted = Wanted::default();
    if let Some(name) = &asked.name {
        wanted.readings = readings(name);
        if wanted.readings.is_empty() {
            errors.push(FieldError::at("/name", "blank", "holds no letters"));
        }
    }
    if let Some(birth) = asked.birth_date {
        errors.extend(birth_date_error(birth, today, "/birth_date"));
        if asked.name.is_none() {
            errors.push(FieldError::at("/birth_date", "does_not_fit", "has a place only beside a name"));
        }
        wanted.birth = Some(Birth::on(birth));
    }
    if let Some(reference) = &asked.reference {
        wanted.reference = PREFIXES.into_iter().find_map(|prefix| shared::reference::parse(prefix, reference));
        if shared::reference::parse(ELSEWHERE, reference).is_some() {
            let detail = "is that of a prevention case of youth justice: GET /v1/prevention-cases lists those you see";
            errors.push(FieldError::at("/reference", "elsewhere", detail));
        } else if wanted.reference.is_none() {
            let detail = "is no reference: one character at least was read or typed wrong";
            errors.push(FieldError::at("/reference", "wrong_form", detail));
        }
    }
    if let Some(address) = asked.address {
        if address.chars().filter(char::is_ascii_alphanumeric).count() < 3 {
            errors.push(FieldError::at("/address", "blank", "holds too little to look for"));
        }
        wanted.address = Some(address);
    }
    if let Some(postcode) = asked.postcode {
        if !is_postcode(&postcode) {
            errors.push(FieldError::at("/postcode", "wrong_form", "is no whole postcode such as LE11 1AA"));
        }
        wanted.postcode = Some(postcode);
    }
    wanted.worker = asked.worker.map(|worker| worker.trim().to_lowercase()).filter(|worker| !worker.is_empty());
    let nothing = wanted.readings.is_empty()
        && wanted.address.is_none()
        && wanted.postcode.is_none()
        && wanted.reference.is_none()
        && wanted.worker.is_none();
    if nothing && errors.is_empty() {
        let detail = "give at least one of name, reference, address, postcode and worker";
        errors.push(FieldError::at("", "required", detail));
    }
    if errors.is_empty() { Ok(wanted) } else { Err(errors) }
}

/// Outward and inward part: `LE11 1AA`, `M1 1AA`, `EC1A 1BB`.
fn is_postcode(text: &str) -> bool {
    let key: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let Some(at) = key.len().checked_sub(3).filter(|at| (2..=4).contains(at)) else {
        return false;
    };
    let (outward, inward) = key.split_at(at);
    let letters = outward.iter().take_while(|c| c.is_ascii_uppercase()).count();
    (1..=2).contains(&letters)
        && outward.get(letters).is_some_and(char::is_ascii_digit)
        && outward.iter().all(char::is_ascii_alphanumeric)
        && inward.first().is_some_and(char::is_ascii_digit)
        && inward.iter().skip(1).all(char::is_ascii_uppercase)
}

impl From<Finding> for SearchAnswer {
    fn from(finding: Finding) -> Self {
        Self {
            people: finding.people.into_iter().map(PersonHit::from).collect(),
            records: finding.records.into_iter().map(RecordHit::from).collect(),
            more: finding.more,
        }
    }
}

impl From<Person> for PersonHit {
    fn from(person: Person) -> Self {
        let Person { known, fit } = person;
        Self {
            id: PersonId(known.id),
            about: access::address("person", known.id),
            given_name: known.given_name,
            family_name: known.family_name,
            birth_date: known.birth_date,
            score: fit.score,
            matched: fit.matched,
        }
    }
}

impl From<Found> for RecordHit {
    fn from(found: Found) -> Self {
        let Found { record, people, matched } = found;
        Self {
            about: access::address(&record.kind, record.id),
            kind: record.kind,
            id: record.id,
            reference: record.reference,
            status: record.state,
            since: record.since,
            locality: record.locality,
            people: people.into_iter().map(PersonId).collect(),
            matched,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postcode_is_told_from_a_part_of_one() {
        for right in ["LE11 1AA", "le111aa", "M1 1AA", "EC1A 1BB", "B33 8TH"] {
            assert!(is_postcode(right), "{right}");
        }
        for wrong in ["LE11", "11111", "ABCDEFG", "LE11 AAA", "LE111 1AAA", "1A 1AA"] {
            assert!(!is_postcode(wrong), "{wrong}");
        }
    }
}
