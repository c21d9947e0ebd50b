//! A service's rows, written whole.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Word;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::api::ServiceId;
use super::domain::words_of;
use super::form::{Capacity, Cost, Location, Schedule, ServiceForm};
use crate::directory::organisation::OrganisationId;
use crate::provision::Opening;
use crate::schema::{directory_service, service_contact, service_cost, service_place, service_schedule};

/// Where a service was imported from, and what was said of it there.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The other directory.
    pub origin: &'a str,
    /// The service's id there.
    pub id: &'a str,
    /// A digest of what it said.
    pub digest: &'a str,
}

fn texts(codes: &[Word]) -> Vec<&str> {
    codes.iter().map(Word::as_str).collect()
}

fn taken_name(error: diesel::result::Error) -> Problem {
    match error {
        diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _) => {
            Problem::new(problem::DUPLICATE).detail("the organisation has a service of this name already")
        }
        other => other.into(),
    }
}

/// Enters a service with its parts.
///
/// # Errors
/// 409 if the organisation has one of that name.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    id: ServiceId,
    form: &ServiceForm,
    origin: Option<Origin<'_>>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use directory_service::dsl;
    diesel::insert_into(dsl::directory_service)
        .values((
            dsl::id.eq(id),
            dsl::listed_at.eq(now),
            dsl::version.eq(1),
            dsl::origin.eq(origin.map(|one| one.origin)),
            dsl::origin_id.eq(origin.map(|one| one.id)),
            dsl::origin_digest.eq(origin.map(|one| one.digest)),
            content(form, now),
        ))
        .execute(connection)
        .await
        .map_err(taken_name)?;
    insert_parts(connection, id, form).await
}

/// Says all of a service again, in its next version.
///
/// # Errors
/// 409 if the organisation has another of that name.
pub async fn replace(
    connection: &mut AsyncPgConnection,
    id: ServiceId,
    form: &ServiceForm,
    origin: Option<Origin<'_>>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use directory_service::dsl;
    diesel::update(dsl::directory_service.find(id))
        .set((content(form, now), dsl::version.eq(dsl::version + 1)))
        .execute(connection)
        .await
        .map_err(taken_name)?;
    if let Some(origin) = origin {
        diesel::update(dsl::directory_service.find(id))
            .set(dsl::origin_digest.eq(origin.digest))
            .execute(connection)
            .await?;
    }
    diesel::delete(service_schedule::table.filter(service_schedule::service_id.eq(id))).execute(connection).await?;
    diesel::delete(service_place::table.filter(service_place::service_id.eq(id))).execute(connection).await?;
    diesel::delete(service_contact::table.filter(service_contact::service_id.eq(id))).execute(connection).await?;
    diesel::delete(service_cost::table.filter(service_cost::service_id.eq(id))).execute(connection).await?;
    insert_parts(connection, id, form).await
}

/// The columns a form fills.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = directory_service, treat_none_as_null = true)]
struct Content<'a> {
    organisation_id: OrganisationId,
    name: &'a str,
    description: &'a str,
    kind: &'a str,
    url: Option<&'a str>,
    email: Option<&'a str>,
    code: Option<&'a str>,
    status: &'static str,
    minimum_age: Option<i16>,
    maximum_age: Option<i16>,
    districts: Vec<&'a str>,
    needs: Vec<&'a str>,
    levels: &'a [i16],
    places: Option<i32>,
    taken: Option<i32>,
    waiting_days: Option<i32>,
    delivery: Vec<&'a str>,
    languages: &'a [String],
    accreditations: Option<&'a str>,
    alert: Option<&'a str>,
    assured_on: Option<NaiveDate>,
    published: bool,
    words: String,
    changed_at: DateTime<Utc>,
}

fn content(form: &ServiceForm, now: DateTime<Utc>) -> Content<'_> {
    Content {
        organisation_id: form.organisation_id,
        name: &form.name,
        description: &form.description,
        kind: form.kind.as_str(),
        url: form.url.as_deref(),
        email: form.email.as_deref(),
        code: form.service.as_ref().map(Word::as_str),
        status: form.status.unwrap_or(Opening::Open).as_str(),
        minimum_age: form.eligibility.minimum_age,
        maximum_age: form.eligibility.maximum_age,
        districts: texts(&form.eligibility.districts),
        needs: texts(&form.eligibility.needs),
        levels: &form.eligibility.levels,
        places: form.capacity.places,
        taken: form.capacity.taken,
        waiting_days: form.capacity.waiting_days,
        delivery: texts(&form.delivery),
        languages: &form.languages,
        accreditations: form.accreditations.as_deref(),
        alert: form.alert.as_deref(),
        assured_on: form.assured_on,
        published: form.published,
        words: words_of(&form.name, &form.description),
        changed_at: now,
    }
}

fn place(index: usize) -> i16 {
    i16::try_from(index).unwrap_or(i16::MAX)
}

async fn insert_parts(connection: &mut AsyncPgConnection, id: ServiceId, form: &ServiceForm) -> Result<(), Problem> {
    let costs: Vec<_> = form.costs.iter().enumerate().map(|(index, cost)| cost_row(id, index, cost)).collect();
    diesel::insert_into(service_cost::table).values(costs).execute(connection).await?;
    let contacts: Vec<_> = form
        .contacts
        .iter()
        .enumerate()
        .map(|(index, one)| {
            (
                service_contact::id.eq(one.id.unwrap_or_else(Uuid::now_v7)),
                service_contact::service_id.eq(id),
                service_contact::place.eq(place(index)),
                service_contact::title.eq(&one.title),
                service_contact::telephone.eq(&one.telephone),
                service_contact::email.eq(&one.email),
            )
        })
        .collect();
    diesel::insert_into(service_contact::table).values(contacts).execute(connection).await?;
    let located: Vec<(Uuid, &Location)> =
        form.locations.iter().map(|one| (one.id.unwrap_or_else(Uuid::now_v7), one)).collect();
    let places: Vec<_> = located.iter().enumerate().map(|(index, (at, one))| place_row(id, *at, index, one)).collect();
    diesel::insert_into(service_place::table).values(places).execute(connection).await?;
    let everywhere = form.schedules.iter().enumerate().map(|(index, one)| (None, index, one));
    let there = located
        .iter()
        .flat_map(|(at, one)| one.schedules.iter().enumerate().map(|(index, one)| (Some(*at), index, one)));
    let schedules: Vec<_> = everywhere.chain(there).map(|(at, index, one)| schedule_row(id, at, index, one)).collect();
    diesel::insert_into(service_schedule::table).values(schedules).execute(connection).await?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = service_cost)]
struct CostRow<'a> {
    id: Uuid,
    service_id: ServiceId,
    place: i16,
    option: &'a str,
    pence: Option<i32>,
    note: Option<&'a str>,
}

fn cost_row(id: ServiceId, index: usize, one: &Cost) -> CostRow<'_> {
    CostRow {
        id: one.id.unwrap_or_else(Uuid::now_v7),
        service_id: id,
        place: place(index),
        option: &one.option,
        pence: one.pence,
        note: one.note.as_deref(),
    }
}

#[derive(Insertable)]
#[diesel(table_name = service_place)]
struct PlaceRow<'a> {
    id: Uuid,
    service_id: ServiceId,
    place: i16,
    location_type: &'static str,
    name: &'a str,
    description: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    address: Option<&'a str>,
    town: Option<&'a str>,
    county: Option<&'a str>,
    postcode: Option<String>,
    accessibility: &'a [String],
}

fn place_row(service: ServiceId, id: Uuid, index: usize, one: &Location) -> PlaceRow<'_> {
    let address = one.address.as_ref();
    PlaceRow {
        id,
        service_id: service,
        place: place(index),
        location_type: one.kind.as_str(),
        name: &one.name,
        description: one.description.as_deref(),
        latitude: one.latitude,
        longitude: one.longitude,
        address: address.map(|one| one.line.as_str()),
        town: address.map(|one| one.town.as_str()),
        county: address.map(|one| one.county.as_str()),
        postcode: address.map(|one| one.postcode.trim().to_uppercase()),
        accessibility: &one.accessibility,
    }
}

#[derive(Insertable)]
#[diesel(table_name = service_schedule)]
struct ScheduleRow<'a> {
    id: Uuid,
    service_id: ServiceId,
    service_place_id: Option<Uuid>,
    place: i16,
    freq: &'static str,
    every: i16,
    days: &'a [String],
    opens_at: Option<&'a str>,
    closes_at: Option<&'a str>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    description: Option<&'a str>,
}

fn schedule_row(service: ServiceId, at: Option<Uuid>, index: usize, one: &Schedule) -> ScheduleRow<'_> {
    ScheduleRow {
        id: one.id.unwrap_or_else(Uuid::now_v7),
        service_id: service,
        service_place_id: at,
        place: place(index),
        freq: one.recurs.as_str(),
        every: one.every,
        days: &one.days,
        opens_at: one.opens_at.as_deref(),
        closes_at: one.closes_at.as_deref(),
        starts_on: one.starts_on,
        ends_on: one.ends_on,
        description: one.description.as_deref(),
    }
}

/// Sets how much room there is, in the next version.
///
/// # Errors
/// As the database says.
pub async fn set_capacity(
    connection: &mut AsyncPgConnection,
    id: ServiceId,
    opening: Opening,
    capacity: Capacity,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use directory_service::dsl;
    diesel::update(dsl::directory_service.find(id))
        .set((
            dsl::status.eq(opening.as_str()),
            dsl::places.eq(capacity.places),
            dsl::taken.eq(capacity.taken),
            dsl::waiting_days.eq(capacity.waiting_days),
            dsl::changed_at.eq(now),
            dsl::version.eq(dsl::version + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
