//! `POST /v1/services/matches`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::request::Question;
use shared::service::{Read, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{Need, Reason, judge, order};
use crate::directory::service::list;
use crate::directory::service::view::ServiceLine;
use crate::policy;
use crate::referral::domain::ReferralId;
use crate::referral::shown::show;
use crate::referral::view::{NamedPersonView, ReferralView};

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(match_services);
}

/// A directory larger than this is not ranked whole.
const MOST: i64 = 5000;

/// What a family needs. What is left out is not asked of the services.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "needs": ["financial-stability", "secure-housing"], "level_of_need": 3,
    "people": [{ "age": 7 }, { "birth_date": "2025-07-30" }, { "age": 34 }], "locality": "charnwood"
}))]
pub struct MatchQuestion {
    /// A referral that you see whole: its concerns, level of need, people and district are asked for, unless the other
    /// fields say otherwise.
    pub referral_id: Option<ReferralId>,
    /// Codes of the set `concern`.
    #[schema(max_items = 20)]
    pub needs: Option<Vec<Word>>,
    /// 1 universal to 4 acute.
    #[schema(minimum = 1, maximum = 4)]
    pub level_of_need: Option<i16>,
    /// Those who need help. Nothing of them is kept.
    #[schema(max_items = 30)]
    pub people: Option<Vec<MatchPerson>>,
    /// The family's district, a code of the set `locality`.
    pub locality: Option<Word>,
    /// How many services to answer, the best first; 20 if left out.
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<usize>,
}

/// Somebody who needs help: an age or a birth date.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchPerson {
    /// In whole years.
    #[schema(minimum = 0, maximum = 120)]
    pub age: Option<i32>,
    /// Or this, from which the age is counted.
    pub birth_date: Option<NaiveDate>,
}

/// Services in the order in which they suit.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceMatches {
    /// The best first; what does not fit comes last, and says why.
    pub items: Vec<ServiceMatch>,
    /// How many services were looked at.
    pub considered: usize,
}

/// A service, and how it suits.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceMatch {
    /// The service.
    pub service: ServiceLine,
    /// Whether nothing rules it out. People decide; a hub may have its reasons.
    pub fits: bool,
    /// 0 to 100: the points it got of those there were, as docs/directory.md tells.
    pub score: u32,
    /// Why it fits, and why not.
    pub reasons: Vec<Reason>,
}

/// Rank services for a family's needs
///
/// Every service of the directory, held against what you ask, with the reasons: what it helps with, whom it is for,
/// where, whether there is room. The order is always the same for the same question. It decides
/// nothing, and nothing of what you send is kept.
#[utoipa::path(operation_id = "match_services", tag = "services", request_body = MatchQuestion,
    responses((status = 200, body = ServiceMatches),
        (status = 404, body = ProblemDocument)))]
#[post("/v1/services/matches")]
async fn match_services(service: Data<Service>, asked: Question<MatchQuestion>) -> Result<HttpResponse, Problem> {
    let actor = &asked.actor;
    let answer = service
        .read(actor, &policy::MATCH_SERVICES, async |tx| {
            policy::MATCH_SERVICES.require(actor)?;
            let body = asked.body()?;
            let today = tx.now().local_day();
            let referral = match body.referral_id {
                Some(id) => Some(seen_whole(tx, id).await?),
                None => None,
            };
            let need = need(&body, referral.as_ref(), &service.rules(), today).map_err(Problem::invalid)?;
            let rows = list::all(tx, MOST).await?;
            let considered = rows.len();
            let mut judged = rows
                .into_iter()
                .map(|row| Ok((judge(&row.provision()?, &need), row.line()?)))
                .collect::<Result<Vec<_>, Problem>>()?;
            judged.sort_by(|(a, one), (b, other)| {
                order((a, one.waiting_days, &one.name, one.id.0), (b, other.waiting_days, &other.name, other.id.0))
            });
            judged.truncate(body.limit.unwrap_or(20));
            let items = judged.into_iter().map(|(judged, service)| ServiceMatch {
                service,
                fits: judged.fits,
                score: judged.score,
                reasons: judged.reasons,
            });
            Ok(ServiceMatches { items: items.collect(), considered })
        })
        .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A referral, if the caller sees all of it.
async fn seen_whole(tx: &mut Read, id: ReferralId) -> Result<ReferralView, Problem> {
    tx.entry.record = Some(id.0);
    let row = show(tx, id).await?;
    tx.entry.records.push(id.0);
    let view = ReferralView::of(row, tx.now())?;
    if view.contact.is_some() { Ok(view) } else { Err(Problem::new(problem::NOT_ALLOWED)) }
}

/// What is asked: what the caller says, and for the rest what the referral says.
fn need(
    body: &MatchQuestion,
    referral: Option<&ReferralView>,
    rules: &Rules,
    today: NaiveDate,
) -> Result<Need, Vec<FieldError>> {
    let mut errors = Vec::new();
    for (index, one) in body.needs.iter().flatten().enumerate() {
        if !rules.has_code("concern", one.as_str(), today) {
            let detail = "is no concern; GET /v1/codes/concern lists them";
            errors.push(FieldError::at(format!("/needs/{index}"), "unknown_code", detail));
        }
    }
    if body.locality.as_ref().is_some_and(|locality| !rules.has_code("locality", locality.as_str(), today)) {
        errors.push(FieldError::at("/locality", "unknown_code", "is no district; GET /v1/codes/locality lists them"));
    }
    let mut ages = Vec::new();
    for (index, person) in body.people.iter().flatten().enumerate() {
        match age_of(person, today) {
            Ok(age) => ages.push(age),
            Err((code, detail)) => errors.push(FieldError::at(format!("/people/{index}"), code, detail)),
        }
    }
    if body.referral_id.is_none()
        && body.needs.as_ref().is_none_or(Vec::is_empty)
        && ages.is_empty()
        && body.level_of_need.is_none()
        && body.locality.is_none()
        && errors.is_empty()
    {
        errors.push(FieldError::at(
            "",
            "nothing_asked",
            "says nothing to rank by: give needs, people, a level, a district or a referral",
        ));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let told = |view: &ReferralView| -> Vec<String> {
        view.contact.as_ref().map(|contact| contact.concerns.clone()).unwrap_or_default()
    };
    let born = |view: &ReferralView| -> Vec<i32> {
        // A service from birth on is for a child that is expected, too.
        let age = |person: &NamedPersonView| match person.birth_date {
            Some(birth) => years(birth, today),
            None => person.expected_on.map(|_| 0),
        };
        view.people.iter().filter_map(age).collect()
    };
    let judged = |view: &ReferralView| view.decisions.iter().rev().find_map(|decision| decision.level_of_need);
    Ok(Need {
        needs: match &body.needs {
            Some(needs) => needs.iter().map(ToString::to_string).collect(),
            None => referral.map(told).unwrap_or_default(),
        },
        level: body.level_of_need.or_else(|| referral.and_then(judged)),
        ages: if body.people.is_some() { ages } else { referral.map(born).unwrap_or_default() },
        locality: body
            .locality
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| referral.and_then(|view| view.locality.clone())),
    })
}

fn years(birth: NaiveDate, today: NaiveDate) -> Option<i32> {
    today.years_since(birth).and_then(|years| i32::try_from(years).ok())
}

fn age_of(person: &MatchPerson, today: NaiveDate) -> Result<i32, (&'static str, &'static str)> {
    match (person.age, person.birth_date) {
        (Some(age), None) => Ok(age),
        (None, Some(birth)) => years(birth, today)
            .filter(|age| *age <= 120)
            .ok_or(("out_of_range", "is born in the future, or more than a lifetime ago")),
        _ => Err(("one_of_two", "needs an age or a birth date, and not both")),
    }
}
