//! Opening a brief intervention.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::calendar::{LocalDay, start_of_day};
use shared::deadline;
use shared::mistakes::Mistakes;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{read, shown};
use crate::brief_intervention::domain::{BriefInterventionId, BriefStatus};
use crate::brief_intervention::event;
use crate::brief_intervention::store::{self, Brief};
use crate::brief_intervention::view::BriefView;
use crate::family::{self, FamilyId};
use crate::people::{self, Known, Whom};
use crate::policy;
use crate::referral::domain::ReferralId;

/// A brief intervention to be begun. Name the family or the referral, if it came by one; neither for
/// somebody who is just in contact with the service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "parenting-and-behaviour", "service": "childrens-centre",
    "people": [{ "given_name": "Willow", "family_name": "Invented", "birth_date": "1991-04-02" }],
    "locality": "charnwood", "aim": "A bedtime that both children keep to, and a morning without shouting."
}))]
pub struct BriefOpening {
    /// What kind of work, a code of the set `brief_kind`.
    pub kind: Word,
    /// The service that does it, a code of the set `service`: one whose team you are in.
    pub service: Word,
    /// Whom it is with: a person, or a few of a family.
    #[schema(min_items = 1, max_items = 12)]
    pub people: Vec<Whom>,
    /// The referral it came by.
    pub referral_id: Option<ReferralId>,
    /// The family.
    pub family_id: Option<FamilyId>,
    /// The family's district, a code of the set `locality`.
    pub locality: Option<Word>,
    /// The day it is opened; today, unless you say otherwise.
    pub opened_on: Option<NaiveDate>,
    /// What it is to achieve.
    #[schema(min_length = 1, max_length = 4000)]
    pub aim: String,
    /// Who does it; you, unless you say otherwise.
    #[schema(min_length = 1, max_length = 200)]
    pub worker_name: Option<String>,
}

/// What its reference begins with.
const REFERENCE_PREFIX: char = 'B';

impl BriefOpening {
    fn check(&self, actor: &Actor, mistakes: &mut Mistakes<'_>) {
        let today = mistakes.today();
        let opened_on = self.opened_on.unwrap_or(today);
        mistakes.code("brief_kind", &self.kind, opened_on, "/kind");
        mistakes.code("service", &self.service, today, "/service");
        if !actor.scopes().contains(&format!("team:{}", self.service)) {
            mistakes.add("/service", "not_yours", "is a service whose team you are not in");
        }
        for (index, one) in self.people.iter().enumerate() {
            one.check(&format!("/people/{index}"), mistakes);
            if self.people.iter().take(index).any(|earlier| earlier == one) {
                mistakes.add(format!("/people/{index}"), "repeated", "stands there twice");
            }
        }
        if self.referral_id.is_some() && self.family_id.is_some() {
            mistakes.add("/referral_id", "both_ways", "is named beside the family: name the one or the other");
        }
        if let Some(locality) = &self.locality {
            mistakes.code("locality", locality, today, "/locality");
        }
        mistakes.future_day(opened_on, "/opened_on");
    }
}

/// Everyone of the family or the referral that is named; none for somebody in contact.
async fn people_of(
    connection: &mut AsyncPgConnection,
    form: &BriefOpening,
) -> Result<(&'static str, Option<Vec<Uuid>>), Problem> {
    let (basis, people, at) = if let Some(id) = form.family_id {
        let members = family::members_ever(connection, id).await?;
        ("family", members.into_iter().map(|member| member.person_id).collect::<Vec<_>>(), "/family_id")
    } else if let Some(id) = form.referral_id {
        ("referral", store::people_of_referral(connection, id.0).await?, "/referral_id")
    } else {
        return Ok(("contact", None));
    };
    if people.is_empty() {
        let detail = format!("is no {basis} that you see whole");
        return Err(Problem::invalid(vec![FieldError::at(at, "unknown", detail)]));
    }
    Ok((basis, Some(people)))
}

/// Open a brief intervention
///
/// For a service's own workers. It is to end within a limit (six weeks, unless the partnership sets
/// another); its clock stands in the team's work, and being late is told and not forbidden.
#[utoipa::path(operation_id = "open_brief_intervention", tag = "brief interventions", request_body = BriefOpening,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = BriefView)))]
#[post("/v1/brief-interventions")]
pub(super) async fn open_brief_intervention(
    service: Data<Service>,
    command: Command<BriefOpening>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::WORK_BRIEF, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            form.check(actor, &mut mistakes);
            mistakes.refuse()?;
            let (basis, of) = people_of(tx, &form).await?;
            let mut known: Vec<Known> = Vec::with_capacity(form.people.len());
            for (index, one) in form.people.iter().enumerate() {
                let at = format!("/people/{index}");
                let person = people::identify(tx, one, &at, now).await?;
                if of.as_ref().is_some_and(|of| !of.contains(&person.id.0)) {
                    let detail = format!("is nobody of that {basis}");
                    return Err(Problem::invalid(vec![FieldError::at(at, "not_of_it", detail)]).into());
                }
                if known.iter().any(|earlier| earlier.id == person.id) {
                    return Err(Problem::invalid(vec![FieldError::at(at, "repeated", "stands there twice")]).into());
                }
                known.push(person);
            }
            let opened_on = form.opened_on.unwrap_or_else(|| now.local_day());
            let from = start_of_day(opened_on);
            let due = rules.must_due("brief_intervention", from)?;
            let id = BriefInterventionId::new();
            let brief = Brief {
                id,
                reference: shared::reference::random(REFERENCE_PREFIX),
                kind: form.kind.as_str().to_owned(),
                service: form.service.as_str().to_owned(),
                locality: form.locality.as_ref().map(|locality| locality.as_str().to_owned()),
                status: BriefStatus::Open.as_str().to_owned(),
                opened_on,
                basis: basis.to_owned(),
                referral_id: form.referral_id.map(|id| id.0),
                family_id: form.family_id.map(|id| id.0),
                aim: form.aim.clone(),
                worker_name: form.worker_name.clone().unwrap_or_else(|| actor.name.clone()),
                opened_by: actor.user.0,
                opened_at: now,
                closed_on: None,
                version: 1,
            };
            store::insert(tx, &brief, &known).await?;
            let mut scopes = vec![format!("team:{}", form.service), "front-door".to_owned()];
            if let Some(family) = form.family_id {
                scopes.extend(family::holders(tx, family).await?);
            }
            scopes.sort_unstable();
            scopes.dedup();
            let grants: Vec<Grant> = scopes
                .into_iter()
                .map(|scope| Grant {
                    record: id.0,
                    kind: "brief_intervention",
                    scope,
                    view: View::Full,
                    state: BriefStatus::Open.as_str(),
                    sort_at: now,
                })
                .collect();
            access::grant(tx, &grants).await?;
            deadline::start(tx, id.0, "brief_intervention", from, due).await?;
            let people: Vec<Uuid> = known.iter().map(|person| person.id.0).collect();
            tx.publish(event::opened(&brief, &people, due));
            tx.entry.record = Some(id.0);
            tx.entry.people.extend(&people);
            let view = shown(tx, id).await?;
            // The last thing: what restricts a person restricts this from here on.
            let pairs: Vec<(Uuid, Uuid)> = people.iter().map(|person| (id.0, *person)).collect();
            access::subjects(tx, &pairs).await?;
            people::show_to_holders(tx, id.0).await?;
            Ok(Done::created(format!("/v1/brief-interventions/{id}"), 1, view))
        })
        .await?;
    let again = async |stored: &shared::service::Stored| {
        Ok(read::show(&service, actor, BriefInterventionId(stored.id()?)).await?.1)
    };
    written.respond("brief", again).await
}
