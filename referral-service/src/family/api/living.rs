//! In which household somebody of the family lives, over time: which of two is the main one, and when a child moves into
//! a placement and comes back. A membership is never rewritten: it ends on the day and another begins, so that the days
//! before stay as they were.

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

use super::member::{alert_of_two_homes, home_errors};
use super::show_family;
use crate::family::change::family_to_change;
use crate::family::domain::FamilyId;
use crate::family::domain::household::{Living, from_errors, living_errors};
use crate::family::store::family::for_change;
use crate::family::store::member::{
    Member, NewMember, add_members, end_member, main_elsewhere, members_ever, set_living,
};
use crate::family::view::{FamilyView, Shown, family_view};
use crate::policy;

/// Routes of where members live.
pub fn routes(config: &mut ServiceConfig) {
    config.service(change_main_household).service(change_membership);
}

/// Where somebody of the family lives from a day on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from_date": "2026-11-01", "in_household": false }))]
pub struct MembershipChange {
    /// The first day on which it is so.
    pub from_date: NaiveDate,
    /// Whether they live in the household; as before, if left out.
    pub in_household: Option<bool>,
    /// Whether it is the household they mainly live in. If left out: no for who moves out, yes for who comes back and
    /// has no main household in another family you see.
    pub main_household: Option<bool>,
}

/// Change a membership
///
/// Someone moves out and still belongs to the family (a child in a placement), or comes back: from a day on, they live in the
/// household or not. The days before stay as they were. For a child whose main household is another family's, say
/// `…/main-household`, which changes both.
#[utoipa::path(operation_id = "change_family_membership", tag = "families", request_body = MembershipChange,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("person" = uuid::Uuid, Path, description = "The member's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/members/{person}/change")]
async fn change_membership(
    service: Data<Service>,
    command: Command<MembershipChange>,
    path: Path<(FamilyId, PersonId)>,
) -> Result<HttpResponse, Problem> {
    let (id, person) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let from = body.from_date;
            let members = members_ever(tx, id).await?;
            let ever = members.iter().filter(|member| member.person_id == person.0);
            let Some(member) = ever.clone().find(|member| member.to_date.is_none()) else {
                return Err(match ever.count() {
                    0 => Problem::not_found().into(),
                    _ => Problem::conflict("this membership has ended: add the member again").into(),
                });
            };
            let before = member.living();
            let elsewhere = home_errors(&main_elsewhere(tx, &[person.0], Some(id)).await?, person.0, (from, None));
            let after = before.changed(body.in_household, body.main_household, elsewhere.is_some());
            let mut errors = living_errors(before, after, (member.from_date, from), today);
            if body.in_household.is_none() && body.main_household.is_none() {
                let detail = "say whether they live in the household, or mainly live there";
                errors = vec![FieldError::at("/in_household", "required", detail)];
            }
            errors.extend(elsewhere.filter(|_| after.main_household && !before.main_household));
            Problem::refuse_any(errors)?;
            live(tx, id, member, after, from, "household-changed").await?;
            family.bump(tx).await?;
            if after.main_household && !before.main_household {
                alert_of_two_homes(tx, &family, &[person.0], (from, None)).await?;
            }
            tx.entry.people.push(person.0);
            tx.publish(Event::new(
                "family.membership_changed.v1",
                id,
                json!({ "family_id": id, "person_id": person, "role": member.role, "from_date": from,
                    "in_household": after.in_household, "main_household": after.main_household,
                    "before": { "in_household": before.in_household, "main_household": before.main_household },
                    "locality": family.locality }),
            ));
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

/// From when a household is someone's main one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from_date": "2026-11-01" }))]
pub struct MainHousehold {
    /// The first day.
    pub from_date: NaiveDate,
}

/// Make this the main household
///
/// Of someone who belongs to this family. In the families you see where it was the main one, it
/// is the second one from that day on.
#[utoipa::path(operation_id = "change_main_household", tag = "families", request_body = MainHousehold,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("person" = uuid::Uuid, Path, description = "The member's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/members/{person}/main-household")]
async fn change_main_household(
    service: Data<Service>,
    command: Command<MainHousehold>,
    path: Path<(FamilyId, PersonId)>,
) -> Result<HttpResponse, Problem> {
    let (id, person) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            // Two households of one child are locked in one order, whichever of them is asked for.
            let mut homes: Vec<FamilyId> =
                main_elsewhere(tx, &[person.0], Some(id)).await?.into_iter().map(|other| other.family_id).collect();
            homes.push(id);
            homes.sort_unstable();
            homes.dedup();
            for home in homes {
                for_change(tx, home).await.map(drop).or_else(|problem| if home == id { Ok(()) } else { Err(problem) })?;
            }
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let from = body.from_date;
            let mut before = Vec::new();
            for other in main_elsewhere(tx, &[person.0], Some(id)).await? {
                match other.to_date {
                    None => before.push(other.family_id),
                    Some(to) if from < to => {
                        let detail = format!("lived mainly in family {} until {to}", other.reference);
                        return Err(Problem::invalid(vec![FieldError::at("/from_date", "contradicts", detail)]).into());
                    }
                    Some(_) => {}
                }
            }
            let errors = switch(tx, id, person, true, from, today).await?;
            Problem::refuse_any(errors)?;
            family.bump(tx).await?;
            for other in &before {
                let mut other_family = for_change(tx, *other).await?;
                let errors = switch(tx, *other, person, false, from, today).await?;
                Problem::refuse_any(errors)?;
                other_family.bump(tx).await?;
                tx.entry.records.push(other.0);
            }
            alert_of_two_homes(tx, &family, &[person.0], (from, None)).await?;
            tx.entry.people.push(person.0);
            tx.publish(Event::new(
                "family.main_household_changed.v1",
                id,
                json!({ "family_id": id, "person_id": person, "from_date": from, "before_family_ids": before, "locality": family.locality }),
            ));
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

/// Makes a household someone's main one, or no longer, from a day on.
async fn switch<T>(
    tx: &mut Write<'_, T>,
    id: FamilyId,
    person: PersonId,
    main: bool,
    from: NaiveDate,
    today: NaiveDate,
) -> Result<Vec<FieldError>, Stop> {
    let members = members_ever(tx, id).await?;
    let Some(member) = members.into_iter().find(|member| member.person_id == person.0 && member.to_date.is_none())
    else {
        return Err(Problem::not_found().into());
    };
    let before = member.living();
    // Whoever mainly lives in a household lives in it.
    let after = Living { main_household: main, in_household: main || before.in_household };
    let errors = from_errors((member.from_date, from), today);
    if errors.is_empty() && before.main_household != main {
        live(tx, id, &member, after, from, "main-household-changed").await?;
    }
    Ok(errors)
}

/// From a day on somebody lives so: the membership ends there and another begins.
async fn live<T>(
    tx: &mut Write<'_, T>,
    id: FamilyId,
    member: &Member,
    living: Living,
    from: NaiveDate,
    because: &str,
) -> Result<(), Stop> {
    if from == member.from_date {
        set_living(tx, member.id, living).await?;
        return Ok(());
    }
    end_member(tx, member.id, from, because).await?;
    let row = NewMember {
        id: Uuid::now_v7(),
        family_id: id,
        person_id: member.person_id,
        role: member.role.as_str(),
        unborn: member.unborn,
        expected_on: member.expected_on,
        main_household: living.main_household,
        in_household: living.in_household,
        from_date: from,
        to_date: None,
        ended_because: None,
    };
    add_members(tx, &[row]).await?;
    Ok(())
}
