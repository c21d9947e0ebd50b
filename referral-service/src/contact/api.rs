//! `POST /v1/referrals`.

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::access::{Grant, View};
use shared::actor::Word;
use shared::deadline;
use shared::events::Event;
use shared::problem::{Problem, ProblemDocument};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{domain, store};
use crate::people::{self, Mention};
use crate::policy;
use crate::referral::Status;
use crate::referral::api::{show, shown};
use crate::referral::domain::ReferralId;
use crate::referral::view::ReferralView;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(submit_referral);
}

/// A worry about a child or a family, as its referrer tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "referrer": { "name": "Ms A Teacher (invented)", "role": "designated safeguarding lead", "telephone": "01632 960001" },
    "family_knows": true,
    "people": [
        { "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03", "school": "Greenfield Academy" },
        { "relation": "parent", "given_name": "Willow", "family_name": "Testcase" }
    ],
    "locality": "charnwood",
    "concerns": ["mental-and-physical-health", "financial-stability", "secure-housing"],
    "worries": "Juniper told her teacher that the family is in debt, fears losing the flat and lives from one crisis to the next.",
    "working_well": "Both parents come to school when asked.",
    "needs_to_happen": "Help with debt and housing before it comes to an eviction."
}))]
pub struct ReferralForm {
    /// Who tells.
    pub referrer: ReferrerForm,
    /// Whether the family knows of this referral.
    #[serde(default)]
    pub family_knows: bool,
    /// Whom it is about: at least one child, and whoever else matters.
    #[schema(min_items = 1, max_items = 30)]
    pub people: Vec<PersonForm>,
    /// The family's district, a code of the set `locality`; First Response sets it otherwise.
    pub locality: Option<Word>,
    /// Codes of the set `concern`.
    #[schema(min_items = 1, max_items = 20)]
    pub concerns: Vec<Word>,
    /// What you are worried about, in your own words.
    #[schema(min_length = 1, max_length = 20000)]
    pub worries: String,
    /// What is working well.
    #[schema(max_length = 20000)]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[schema(max_length = 20000)]
    pub needs_to_happen: Option<String>,
    /// When the worry was told to you; now, if left out.
    pub made_at: Option<DateTime<Utc>>,
}

/// Who tells the front door.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferrerForm {
    /// Your name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What you are: teacher, health visitor, constable, neighbour, parent.
    #[schema(min_length = 1, max_length = 200)]
    pub role: String,
    /// How First Response reaches you.
    #[schema(max_length = 40)]
    pub telephone: Option<String>,
    /// How First Response reaches you.
    #[schema(max_length = 254)]
    pub email: Option<String>,
}

/// What someone is in the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// A child the worry is about.
    Child,
    /// A mother or father.
    Parent,
    /// Someone else who cares for the child.
    Carer,
    /// A brother or sister who is not the worry's subject.
    Sibling,
    /// A grandparent.
    Grandparent,
    /// Another adult in the child's life.
    OtherAdult,
}

impl Relation {
    /// As the table spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Child => "child",
            Relation::Parent => "parent",
            Relation::Carer => "carer",
            Relation::Sibling => "sibling",
            Relation::Grandparent => "grandparent",
            Relation::OtherAdult => "other_adult",
        }
    }
}

/// Someone the worry is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonForm {
    /// What they are in the family.
    pub relation: Relation,
    /// Given name.
    #[schema(min_length = 1, max_length = 200)]
    pub given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 200)]
    pub family_name: String,
    /// Birth date; it is what tells two people of one name apart.
    pub birth_date: Option<NaiveDate>,
    /// Address, without the postcode.
    #[schema(max_length = 1000)]
    pub address: Option<String>,
    /// Postcode.
    #[schema(max_length = 10)]
    pub postcode: Option<String>,
    /// School or college.
    #[schema(max_length = 200)]
    pub school: Option<String>,
}

/// What a referral's reference begins with.
const REFERENCE_PREFIX: char = 'R';

/// Submit a referral
///
/// Tell the front door of a worry about a child or a family. What you say is kept word for word.
/// First Response decides within one working day; read the referral, or its feedback, to learn
/// what was decided. Sending the same request again with the same key is safe: it is one referral.
#[utoipa::path(operation_id = "submit_referral", tag = "referrals", request_body = ReferralForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request, the same when sent again")),
    responses((status = 201, body = ReferralView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 409, body = ProblemDocument), (status = 413, body = ProblemDocument), (status = 415, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/v1/referrals")]
async fn submit_referral(service: Data<Service>, command: Command<ReferralForm>) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SUBMIT_REFERRAL, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let now = tx.now();
            domain::check(&form, &service.rules(), now).map_err(Problem::invalid)?;
            let due =
                service.rules().due("front_door_decision", now).ok_or_else(|| Problem::internal(&"no time limit"))?;
            let id = ReferralId::new();
            let reference = shared::reference::random(REFERENCE_PREFIX);
            store::insert(tx, id, &reference, actor, &form, now).await?;
            shared::access::grant(tx, &first_scopes(id, actor.agency.as_str(), now)).await?;
            let people = people::link_named(tx, id, &mentions(&form.people), now).await?;
            deadline::start(tx, id.0, "front_door_decision", now, due).await?;
            crate::referral::store::note(tx, id, actor, now, "received", None, Status::Received, None).await?;
            let receipt = format!("We have your referral {reference}. First Response decides within one working day.");
            crate::referral::store::tell(tx, id, now, "received", &receipt).await?;
            tx.entry.record = Some(id.0);
            tx.entry.people.clone_from(&people);
            let facts = serde_json::json!({
                "referral_id": id, "received_at": now, "decision_due_at": due, "locality": form.locality,
                "agency": actor.agency, "person_ids": people,
            });
            tx.publish(Event::new("referral.received.v1", id, facts));
            let view = shown(tx, id).await?;
            // The last thing: what restricts one of these people restricts the referral from here on,
            // and whoever tells of a worry shall neither be refused for that nor learn of it.
            let about: Vec<_> = people.iter().map(|person| (id.0, *person)).collect();
            shared::access::subjects(tx, &about).await?;
            Ok(Done::created(format!("/v1/referrals/{id}"), 1, view))
        })
        .await?;
    written.respond("referral", async |stored| Ok(show(&service, actor, ReferralId(stored.id()?)).await?.1)).await
}

fn mentions(people: &[PersonForm]) -> Vec<Mention<'_>> {
    people
        .iter()
        .map(|form| Mention {
            relation: form.relation.as_str(),
            given_name: &form.given_name,
            family_name: &form.family_name,
            birth_date: form.birth_date,
            address: form.address.as_deref(),
            postcode: form.postcode.as_deref(),
            school: form.school.as_deref(),
        })
        .collect()
}

/// The front door has every referral whole; the agency that told it follows its status.
fn first_scopes(id: ReferralId, agency: &str, now: DateTime<Utc>) -> [Grant; 2] {
    let grant = |scope: String, view| Grant {
        record: id.0,
        kind: "referral",
        scope,
        view,
        state: Status::Received.as_str(),
        sort_at: now,
    };
    [grant("front-door".to_owned(), View::Full), grant(format!("agency:{agency}"), View::Status)]
}
