//! Who joins a family and who leaves it.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::id::PersonId;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::show_family;
use crate::alert::{self, Alert, Urgency};
use crate::family::change::family_to_change;
use crate::family::domain::household::{Claim, Days, end_errors, membership_errors};
use crate::family::domain::{FamilyId, MemberRole, overlap};
use crate::family::store::family::Family;
use crate::family::store::member::{
    Elsewhere, NewMember, add_members, end_member, known, main_anywhere, main_elsewhere, members_ever,
};
use crate::family::store::scope;
use crate::family::view::{FamilyView, Shown, family_view};
use crate::policy;

/// Routes of members.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_member).service(end_membership);
}

/// Someone who joins the family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "role": "grandparent", "in_household": false, "from_date": "2026-03-01" }))]
pub struct Joining {
    /// The person, whom you see in the index (`POST /v1/people` adds one).
    pub person_id: Uuid,
    /// What they are in the family.
    pub role: MemberRole,
    /// Not born yet.
    pub unborn: Option<bool>,
    /// When they are expected; for the unborn.
    pub expected_on: Option<NaiveDate>,
    /// Whether they live in the household; they do unless said otherwise.
    pub in_household: Option<bool>,
    /// Whether this is the household they mainly live in. If left out: yes, if they live here and in
    /// no other family you see.
    pub main_household: Option<bool>,
    /// The first day; today if left out.
    pub from_date: Option<NaiveDate>,
    /// The first day no longer, for a membership that has ended.
    pub to_date: Option<NaiveDate>,
    /// Why it ended, a code of the set `membership_end`; with `to_date`.
    pub ended_because: Option<String>,
}

/// What is wrong with claiming to live mainly here, while another family the caller sees says so too.
pub fn home_errors(elsewhere: &[Elsewhere], person: Uuid, days: Days) -> Option<FieldError> {
    let other = elsewhere.iter().find(|one| one.person_id == person && overlap((one.from_date, one.to_date), days))?;
    let detail =
        format!("lives mainly in family {} on some of these days: one household is the main one", other.reference);
    Some(FieldError::at("/main_household", "contradicts", detail))
}

/// People whose other main household the caller may not see: the front door, who sees both, is
/// asked to settle it. The caller is told nothing.
pub async fn alert_of_two_homes<T>(
    tx: &mut Write<'_, T>,
    family: &Family,
    people: &[Uuid],
    days: Days,
) -> Result<(), Stop> {
    let two_homes = main_anywhere(tx, people, family.id, days).await?;
    if two_homes.is_empty() {
        return Ok(());
    }
    let raised = Alert {
        kind: "two_main_households",
        urgency: Urgency::Reminder,
        about: "families",
        record: family.id.0,
        people: &two_homes,
        scopes: &["front-door".to_owned()],
        locality: family.locality.as_deref(),
    };
    Ok(alert::tell(tx, &raised).await?)
}

/// Add a member
///
/// From a day on, or for a time that has passed. A child can belong to two families; one is the
/// main household. Dates that contradict are refused, all at once.
#[utoipa::path(operation_id = "add_family_member", tag = "families", request_body = Joining,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/members")]
async fn add_member(
    service: Data<Service>,
    command: Command<Joining>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            let days: Days = (body.from_date.unwrap_or(today), body.to_date);
            let elsewhere = main_elsewhere(tx, &[body.person_id], Some(id)).await?;
            let elsewhere_then = home_errors(&elsewhere, body.person_id, days);
            let in_household = body.in_household.unwrap_or(true);
            let main_household = body.main_household.unwrap_or(in_household && elsewhere_then.is_none());
            let others: Vec<Days> = members_ever(tx, id)
                .await?
                .into_iter()
                .filter(|member| member.person_id == body.person_id)
                .map(|member| (member.from_date, member.to_date))
                .collect();
            let mut errors = Vec::new();
            let people = known(tx, &[body.person_id]).await?;
            let Some((_, _, birth_date)) = people.get(&body.person_id) else {
                let error = FieldError::at("/person_id", "unknown", "is nobody you see in the index");
                return Err(Problem::invalid(vec![error]).into());
            };
            let claim = Claim {
                role: body.role,
                unborn: body.unborn.unwrap_or(false),
                expected_on: body.expected_on,
                main_household,
                in_household,
                days,
                birth_date: *birth_date,
            };
            errors.extend(membership_errors(&claim, &others, today, ""));
            errors.extend(elsewhere_then.filter(|_| main_household));
            errors.extend(end_code_error(&service.rules(), body.to_date, body.ended_because.as_deref(), today));
            Problem::refuse_any(errors)?;
            let row = NewMember {
                id: Uuid::now_v7(),
                family_id: id,
                person_id: body.person_id,
                role: body.role.as_str(),
                unborn: claim.unborn,
                expected_on: body.expected_on,
                main_household,
                in_household,
                from_date: days.0,
                to_date: days.1,
                ended_because: body.ended_because,
            };
            add_members(tx, &[row]).await?;
            family.bump(tx).await?;
            scope::show_people(tx, &family, &[body.person_id], now).await?;
            if main_household {
                alert_of_two_homes(tx, &family, &[body.person_id], days).await?;
            }
            tx.entry.people.push(body.person_id);
            tx.publish(Event::new(
                "family.member_joined.v1",
                id,
                json!({ "family_id": id, "person_id": body.person_id, "role": body.role, "main_household": main_household,
                    "in_household": in_household, "from_date": days.0, "to_date": days.1, "locality": family.locality }),
            ));
            let version = family.version;
            let view = family_view(tx, family, Shown::On(today)).await?;
            scope::subjects(tx, id, &[body.person_id]).await?;
            Ok(Done::changed(version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

fn end_code_error(
    rules: &shared::code::Rules,
    to_date: Option<NaiveDate>,
    because: Option<&str>,
    today: NaiveDate,
) -> Option<FieldError> {
    let wrong = |code, detail| Some(FieldError::at("/ended_because", code, detail));
    match (to_date, because) {
        (Some(_), None) => wrong("required", "is needed where a membership has ended"),
        (None, Some(_)) => wrong("does_not_fit", "has a place only with to_date"),
        (_, Some(code)) if !rules.has_code("membership_end", code, today) => {
            wrong("unknown_code", "is no reason of the set; GET /v1/codes/membership_end lists them")
        }
        _ => None,
    }
}

/// When and why someone left.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to_date": "2026-11-01", "ended_because": "moved-out" }))]
pub struct Leaving {
    /// The first day on which they no longer belonged to it.
    pub to_date: NaiveDate,
    /// Why, a code of the set `membership_end`.
    pub ended_because: String,
}

/// End a membership
///
/// Nothing is lost: `past` shows who belonged to the family, and until when.
#[utoipa::path(operation_id = "end_family_membership", tag = "families", request_body = Leaving,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("person" = uuid::Uuid, Path, description = "The member's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/members/{person}/end")]
async fn end_membership(
    service: Data<Service>,
    command: Command<Leaving>,
    path: Path<(FamilyId, PersonId)>,
) -> Result<HttpResponse, Problem> {
    let (id, person) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let members = members_ever(tx, id).await?;
            let ever = members.iter().filter(|member| member.person_id == person.0);
            let Some(member) = ever.clone().find(|member| member.to_date.is_none()) else {
                return Err(match ever.count() {
                    0 => Problem::not_found().into(),
                    _ => Problem::conflict("this membership has ended already").into(),
                });
            };
            let mut errors: Vec<FieldError> =
                end_errors(member.from_date, Some(body.to_date), today, "").into_iter().collect();
            errors.extend(end_code_error(&service.rules(), Some(body.to_date), Some(&body.ended_because), today));
            Problem::refuse_any(errors)?;
            end_member(tx, member.id, body.to_date, &body.ended_because).await?;
            family.bump(tx).await?;
            tx.entry.people.push(person.0);
            tx.publish(Event::new(
                "family.member_left.v1",
                id,
                json!({ "family_id": id, "person_id": person, "role": member.role, "main_household": member.main_household,
                    "to_date": body.to_date, "ended_because": body.ended_because, "locality": family.locality }),
            ));
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}
