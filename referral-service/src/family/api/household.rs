//! Who is what to whom, and where the family lives.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::calendar::LocalDay;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::show_family;
use crate::family::change::family_to_change;
use crate::family::domain::household::{Tie, end_errors, interval_errors, tie_errors};
use crate::family::domain::{FamilyId, RelationshipKind, overlap};
use crate::family::store::household::{self as rows, Address, Relationship};
use crate::family::store::member::members_ever;
use crate::family::view::{FamilyView, Shown, family_view};
use crate::policy;

shared::typed_id!(
    /// A relationship.
    RelationshipId
);
shared::typed_id!(
    /// An address of a family.
    AddressId
);

/// Routes of relationships and addresses.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_relationship).service(end_relationship).service(add_address).service(end_address);
}

/// A relationship: read "`person_id` `kind` `other_id`".
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "kind": "parent_of", "other_id": "01a20158-d2bb-77a5-a866-0a226963a91f" }))]
pub struct RelationshipForm {
    /// Who.
    pub person_id: Uuid,
    /// Is what.
    pub kind: RelationshipKind,
    /// To whom.
    pub other_id: Uuid,
    /// Since when, if it is known.
    pub from_date: Option<NaiveDate>,
    /// The first day no longer, if it has ended.
    pub to_date: Option<NaiveDate>,
}

/// Add a relationship
///
/// Between two people who belong, or belonged, to the family. What can't be is refused: one's own
/// parent, two who are each the other's, a parent younger than the child.
#[utoipa::path(operation_id = "add_family_relationship", tag = "families", request_body = RelationshipForm,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/relationships")]
async fn add_relationship(
    service: Data<Service>,
    command: Command<RelationshipForm>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let members = members_ever(tx, id).await?;
            let there = rows::relationships(tx, id).await?;
            let ties = there.iter().map(Relationship::tie).collect::<Result<Vec<Tie>, _>>()?;
            let member = |person: Uuid| members.iter().find(|member| member.person_id == person);
            let (one, other) = (member(body.person_id), member(body.other_id));
            let mut errors = Vec::new();
            for (found, at) in [(one, "/person_id"), (other, "/other_id")] {
                if found.is_none() {
                    errors.push(FieldError::at(
                        at,
                        "unknown",
                        "belongs to this family at no time: add the member first",
                    ));
                }
            }
            let tie = Tie {
                person: body.person_id,
                kind: body.kind,
                other: body.other_id,
                from: body.from_date,
                to: body.to_date,
            };
            let births = (one.and_then(|member| member.birth_date), other.and_then(|member| member.birth_date));
            errors.extend(tie_errors(&tie, &ties, births, today));
            Problem::refuse_any(errors)?;
            let row = Relationship {
                id: Uuid::now_v7(),
                family_id: id,
                person_id: body.person_id,
                kind: body.kind.as_str().to_owned(),
                other_id: body.other_id,
                from_date: body.from_date,
                to_date: body.to_date,
            };
            rows::add_relationship(tx, &row).await?;
            family.bump(tx).await?;
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

/// When something ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to_date": "2026-11-01" }))]
pub struct End {
    /// The first day on which it was no longer so.
    pub to_date: NaiveDate,
}

/// End a relationship
#[utoipa::path(operation_id = "end_family_relationship", tag = "families", request_body = End,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("relationship" = uuid::Uuid, Path, description = "The relationship's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/relationships/{relationship}/end")]
async fn end_relationship(
    service: Data<Service>,
    command: Command<End>,
    path: Path<(FamilyId, RelationshipId)>,
) -> Result<HttpResponse, Problem> {
    let (id, relationship) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let there = rows::relationships(tx, id).await?;
            let found = there.iter().find(|row| row.id == relationship.0).ok_or_else(Problem::not_found)?;
            if found.to_date.is_some() {
                return Err(Problem::conflict("this relationship has ended already").into());
            }
            let from = found.from_date.unwrap_or(NaiveDate::MIN);
            if let Some(error) = end_errors(from, Some(body.to_date), today, "") {
                return Err(Problem::invalid(vec![error]).into());
            }
            rows::end_relationship(tx, found.id, body.to_date).await?;
            family.bump(tx).await?;
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

/// Where the family lives or lived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": "12 Invented Row, Testborough", "postcode": "LE99 9ZZ", "tenure": "private-rented", "from_date": "2026-11-01" }))]
pub struct AddressForm {
    /// The address.
    #[schema(min_length = 1, max_length = 500)]
    pub address: String,
    /// Its postcode.
    #[schema(min_length = 2, max_length = 10)]
    pub postcode: Option<String>,
    /// How it is held, a code of the set `tenure`.
    pub tenure: Option<String>,
    /// Whether it is the family's main address; it is unless said otherwise.
    pub main: Option<bool>,
    /// The first day; today if left out.
    pub from_date: Option<NaiveDate>,
    /// The first day no longer, for a former address.
    pub to_date: Option<NaiveDate>,
}

/// Add an address
///
/// A new main address ends the one that is current: the family has moved. Two main addresses on
/// one day are refused otherwise.
#[utoipa::path(operation_id = "add_family_address", tag = "families", request_body = AddressForm,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/addresses")]
async fn add_address(
    service: Data<Service>,
    command: Command<AddressForm>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let days = (body.from_date.unwrap_or(today), body.to_date);
            let main = body.main.unwrap_or(true);
            let mut errors = interval_errors(days, today, "");
            if let Some(code) = &body.tenure
                && !service.rules().has_code("tenure", code, today)
            {
                errors.push(FieldError::at("/tenure", "unknown_code", "is no tenure; GET /v1/codes/tenure lists them"));
            }
            let there = rows::addresses(tx, id).await?;
            let current = there.iter().find(|row| row.main && row.to_date.is_none());
            // Moving: what is open and began earlier ends when the new one begins.
            let left = current.filter(|row| main && days.1.is_none() && row.from_date < days.0);
            let clash = |row: &&Address| {
                row.main && left.is_none_or(|left| left.id != row.id) && overlap((row.from_date, row.to_date), days)
            };
            if main && there.iter().any(|row| clash(&row)) {
                let detail = "there is another main address on some of these days: end that one, or say main false";
                errors.push(FieldError::at("/from_date", "overlaps", detail));
            }
            Problem::refuse_any(errors)?;
            if let Some(left) = left {
                rows::end_address(tx, left.id, days.0).await?;
            }
            let row = Address {
                id: Uuid::now_v7(),
                family_id: id,
                main,
                address: body.address,
                postcode: body.postcode,
                tenure: body.tenure,
                from_date: days.0,
                to_date: days.1,
            };
            rows::add_address(tx, &row).await?;
            family.bump(tx).await?;
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}

/// End an address
#[utoipa::path(operation_id = "end_family_address", tag = "families", request_body = End,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("address" = uuid::Uuid, Path, description = "The address's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = FamilyView)))]
#[post("/v1/families/{id}/addresses/{address}/end")]
async fn end_address(
    service: Data<Service>,
    command: Command<End>,
    path: Path<(FamilyId, AddressId)>,
) -> Result<HttpResponse, Problem> {
    let (id, address) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let there = rows::addresses(tx, id).await?;
            let found = there.iter().find(|row| row.id == address.0).ok_or_else(Problem::not_found)?;
            if found.to_date.is_some() {
                return Err(Problem::conflict("the family has left this address already").into());
            }
            if let Some(error) = end_errors(found.from_date, Some(body.to_date), today, "") {
                return Err(Problem::invalid(vec![error]).into());
            }
            rows::end_address(tx, found.id, body.to_date).await?;
            family.bump(tx).await?;
            let version = family.version;
            Ok(Done::changed(version, family_view(tx, family, Shown::On(today)).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_family(&service, &command.actor, id, None).await?.1)).await
}
