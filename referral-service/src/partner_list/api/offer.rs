//! The offer of help to a family: made, accepted, declined, or nobody there. A family that accepts becomes a referral.

use actix_web::HttpResponse;
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::actor::{Actor, Word};
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;
use uuid::Uuid;

use super::family::{PartnerFamilyView, about, show, whole};
use crate::contact::{self, ReferralForm};
use crate::partner_list::domain::{PartnerFamilyId, PartnerOffer, offer};
use crate::partner_list::event;
use crate::partner_list::store::family::{self, Family};
use crate::partner_list::taking::OFFER;
use crate::policy;
use crate::referral::told::ContactChannel;

/// What happened about the offer of help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartnerOfferMove {
    /// The family was offered help.
    Offered,
    /// It accepts.
    Accepted,
    /// It does not want help.
    Declined,
    /// It could not be reached.
    Unreachable,
}

impl PartnerOfferMove {
    const fn to(self) -> PartnerOffer {
        match self {
            PartnerOfferMove::Offered => PartnerOffer::Offered,
            PartnerOfferMove::Accepted => PartnerOffer::Accepted,
            PartnerOfferMove::Declined => PartnerOffer::Declined,
            PartnerOfferMove::Unreachable => PartnerOffer::Unreachable,
        }
    }
}

/// A step of the offer of help.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "offer": "accepted", "note": "Rang the mother; she would be glad of help.",
    "acceptance": { "by": "mother", "on": "2026-11-20", "how": "by telephone", "concerns": ["good-education"], "locality": "charnwood",
        "worries": "Juniper misses a day of school in five; the mother says that mornings are too much for her alone." }
}))]
pub struct PartnerOfferForm {
    /// What happened.
    pub offer: PartnerOfferMove,
    /// What was said.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
    /// What the referral needs to say; with `accepted`, and only there.
    pub acceptance: Option<PartnerAcceptance>,
}

/// How a family accepted, and what it needs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerAcceptance {
    /// Who in the family agreed to a service.
    #[schema(min_length = 1, max_length = 200)]
    pub by: String,
    /// On which day.
    pub on: NaiveDate,
    /// How: in person, by telephone, in writing.
    #[schema(min_length = 1, max_length = 200)]
    pub how: Option<String>,
    /// What the family needs help with, codes of the set `concern`.
    #[schema(min_items = 1, max_items = 20)]
    pub concerns: Vec<Word>,
    /// The family's district, a code of the set `locality`.
    pub locality: Option<Word>,
    /// What there is to worry about, as the family tells it.
    #[schema(min_length = 1, max_length = 20000)]
    pub worries: String,
}

/// Move the offer of help to a family on
///
/// A family that was offered help accepts, declines or can't be reached. When it accepts it becomes a referral, with its
/// people, and goes the way of every referral.
#[utoipa::path(operation_id = "move_partner_offer", tag = "partner lists", request_body = PartnerOfferForm,
    params(("id" = Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PartnerFamilyView)))]
#[post("/v1/partner-families/{id}/offer")]
pub async fn move_partner_offer(
    service: Data<Service>,
    command: Command<PartnerOfferForm>,
    id: Path<PartnerFamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::WORK_PARTNER_FAMILY, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = family::for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let to = body.offer.to();
            let acceptance = match (to, body.acceptance) {
                (PartnerOffer::Accepted, None) => {
                    let error = FieldError::at("/acceptance", "required", "is needed: who agreed, and to what help?");
                    return Err(Problem::invalid(vec![error]).into());
                }
                (PartnerOffer::Accepted, acceptance) => acceptance,
                (_, Some(_)) => {
                    let error = FieldError::at("/acceptance", "does_not_fit", "has a place only with `accepted`");
                    return Err(Problem::invalid(vec![error]).into());
                }
                (_, None) => None,
            };
            offer(row.standing()?, row.offer()?, to).map_err(Problem::conflict)?;
            let now = tx.now();
            row.offer = to.as_str().to_owned();
            match to {
                PartnerOffer::Offered => row.offered_at = row.offered_at.or(Some(now)),
                PartnerOffer::Accepted | PartnerOffer::Declined => row.answered_at = Some(now),
                PartnerOffer::ToOffer | PartnerOffer::Unreachable => {}
            }
            if let Some(acceptance) = acceptance {
                row.referral_id = Some(refer(&service, tx, actor, &row, &acceptance).await?);
            }
            row.save(tx).await?;
            deadline::meet(tx, id.0, OFFER, now).await?;
            family::note(tx, id, &actor.name, to.as_str(), body.note.as_deref(), now).await?;
            let due = deadline::clock(tx, id.0, OFFER).await?.map(|clock| clock.due_at);
            tx.publish(event::offer(&row, now, due));
            let version = row.version;
            let view = whole(tx, row, now).await?;
            tx.entry.people = about(&view);
            Ok(Done::changed(version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Makes a referral of a family that accepted.
async fn refer<T>(
    service: &Service,
    tx: &mut Write<'_, T>,
    actor: &Actor,
    row: &Family,
    acceptance: &PartnerAcceptance,
) -> Result<Uuid, Problem> {
    let now = tx.now();
    let rules = service.rules();
    let form = referral_form(tx, actor, row, acceptance).await?;
    contact::judge(&form, ContactChannel::Api, actor, &rules, now).map_err(of_acceptance)?;
    let taken = contact::take(tx, actor, &rules, &[(ContactChannel::Api, &form)], now).await?;
    let one = taken.first().ok_or_else(|| Problem::internal(&"one form and no referral"))?;
    one.events.iter().cloned().for_each(|event| tx.publish(event));
    tx.entry.records.push(one.id.0);
    contact::settle(tx, &taken).await?;
    Ok(one.id.0)
}

/// The form, with those whom an officer knew under the names the index has.
async fn referral_form<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    row: &Family,
    acceptance: &PartnerAcceptance,
) -> Result<ReferralForm, Problem> {
    let rows = family::people(tx, row.id).await?;
    let known: Vec<Uuid> = rows.iter().filter_map(|one| one.person_id).collect();
    let known = family::indexed(tx, &known).await?;
    let people = rows.iter().map(|one| {
        let index = known.iter().find(|person| Some(person.id) == one.person_id);
        json!({
            "relation": one.relation,
            "given_name": index.map_or(&one.given_name, |person| &person.given_name),
            "family_name": index.map_or(&one.family_name, |person| &person.family_name),
            "birth_date": index.map_or(one.birth_date, |person| person.birth_date.or(one.birth_date)),
            "address": one.address, "postcode": one.postcode, "school": one.school,
        })
    });
    let form = json!({
        "referrer": { "name": actor.name, "role": format!("First Response, from a list of {}", row.agency) },
        "family_knows": true,
        "people": people.collect::<Vec<Value>>(),
        "locality": acceptance.locality, "concerns": acceptance.concerns, "worries": acceptance.worries,
        "consent": { "given": "yes", "by": acceptance.by, "on": acceptance.on, "how": acceptance.how },
    });
    serde_json::from_value(form).map_err(|error| Problem::internal(&error))
}

/// What is wrong with the referral, as it is said of the acceptance it was made of.
fn of_acceptance(problem: Problem) -> Problem {
    let document = problem.document();
    if document.errors.is_empty() {
        return problem;
    }
    let placed = document.errors.into_iter().map(|error| {
        let pointer = error.pointer.unwrap_or_default().replacen("/consent/", "/", 1);
        FieldError::at(format!("/acceptance{pointer}"), &error.code, error.detail)
    });
    Problem::invalid(placed.collect())
}
