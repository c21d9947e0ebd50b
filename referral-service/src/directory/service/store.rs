//! A service's rows, read whole.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Word;
use shared::db::{KeepPrepared, from_nullable_jsonb};
use shared::problem::Problem;
use uuid::Uuid;

use super::api::ServiceId;
use super::form::{Capacity, Eligibility};
use super::view::{OrganisationLine, ServiceView};
use crate::directory::organisation::OrganisationId;
use crate::provision::{Opening, Provision};
use crate::schema::{directory_service, organisation};

/// A service with all its parts.
#[derive(Debug, QueryableByName)]
pub struct Stored {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: Uuid,
    #[diesel(sql_type = Text)]
    organisation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    description: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<SmallInt>)]
    minimum_age: Option<i16>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    maximum_age: Option<i16>,
    #[diesel(sql_type = Array<Text>)]
    districts: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    needs: Vec<String>,
    #[diesel(sql_type = Array<SmallInt>)]
    levels: Vec<i16>,
    #[diesel(sql_type = Nullable<Integer>)]
    places: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    taken: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    waiting_days: Option<i32>,
    #[diesel(sql_type = Array<Text>)]
    delivery: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    languages: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    accreditations: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    alert: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    assured_on: Option<NaiveDate>,
    #[diesel(sql_type = Bool)]
    published: bool,
    #[diesel(sql_type = Nullable<Text>)]
    origin: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    origin_id: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    listed_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    /// Its version.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    costs: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    contacts: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    schedules: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    locations: Option<serde_json::Value>,
}

/// A schedule as the form spells it, from a row `h`.
const SCHEDULE: &str = "\
jsonb_strip_nulls(jsonb_build_object('id', h.id, 'recurs', lower(h.freq), 'every', h.every, 'days', h.days,
    'opens_at', h.opens_at, 'closes_at', h.closes_at, 'starts_on', h.starts_on, 'ends_on', h.ends_on,
    'description', h.description))";

fn whole(condition: &str) -> String {
    format!(
        "SELECT s.id, s.organisation_id, o.name AS organisation, s.name, s.description, s.kind, s.url, s.email, s.code,
                s.status, s.minimum_age, s.maximum_age, s.districts, s.needs, s.levels, s.places, s.taken,
                s.waiting_days, s.delivery, s.languages, s.accreditations, s.alert, s.assured_on, s.published,
                s.origin, s.origin_id, s.listed_at, s.changed_at, s.version,
                (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', c.id, 'option', c.option, 'pence', c.pence,
                        'note', c.note)) ORDER BY c.place)
                 FROM service_cost c WHERE c.service_id = s.id) AS costs,
                (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', c.id, 'title', c.title,
                        'telephone', c.telephone, 'email', c.email)) ORDER BY c.place)
                 FROM service_contact c WHERE c.service_id = s.id) AS contacts,
                (SELECT jsonb_agg({SCHEDULE} ORDER BY h.place)
                 FROM service_schedule h WHERE h.service_id = s.id AND h.service_place_id IS NULL) AS schedules,
                (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', p.id, 'name', p.name,
                        'kind', p.location_type, 'description', p.description,
                        'address', CASE WHEN p.postcode IS NOT NULL THEN jsonb_build_object('line', p.address,
                            'town', p.town, 'county', p.county, 'postcode', p.postcode) END,
                        'latitude', p.latitude, 'longitude', p.longitude, 'accessibility', p.accessibility,
                        'schedules', coalesce((SELECT jsonb_agg({SCHEDULE} ORDER BY h.place)
                                               FROM service_schedule h WHERE h.service_place_id = p.id), '[]'::jsonb)))
                        ORDER BY p.place)
                 FROM service_place p WHERE p.service_id = s.id) AS locations
         FROM directory_service s JOIN organisation o ON o.id = s.organisation_id
         WHERE {condition}"
    )
}

/// Codes as they were taken in.
///
/// # Errors
/// 500 if one is no code.
pub fn words(codes: Vec<String>) -> Result<Vec<Word>, Problem> {
    codes.iter().map(|code| code.parse().map_err(|error| Problem::internal(&error))).collect()
}

impl Stored {
    /// As it is shown.
    ///
    /// # Errors
    /// 500 if the rows hold what this program does not know.
    pub fn view(self) -> Result<ServiceView, Problem> {
        let opening: Opening = self.status.parse().map_err(|()| Problem::internal(&"unknown status of a service"))?;
        let provision = Provision {
            opening,
            districts: Vec::new(),
            needs: Vec::new(),
            levels: Vec::new(),
            minimum_age: self.minimum_age,
            maximum_age: self.maximum_age,
            places: self.places,
            taken: self.taken,
            waiting_days: self.waiting_days,
        };
        Ok(ServiceView {
            id: ServiceId(self.id),
            organisation: OrganisationLine { id: OrganisationId(self.organisation_id), name: self.organisation },
            name: self.name,
            description: self.description,
            kind: self.kind,
            service: self.code,
            status: provision.standing(),
            free: provision.free(),
            eligibility: Eligibility {
                minimum_age: self.minimum_age,
                maximum_age: self.maximum_age,
                districts: words(self.districts)?,
                needs: words(self.needs)?,
                levels: self.levels,
            },
            capacity: Capacity { places: self.places, taken: self.taken, waiting_days: self.waiting_days },
            delivery: self.delivery,
            languages: self.languages,
            costs: from_nullable_jsonb(self.costs)?.unwrap_or_default(),
            contacts: from_nullable_jsonb(self.contacts)?.unwrap_or_default(),
            locations: from_nullable_jsonb(self.locations)?.unwrap_or_default(),
            schedules: from_nullable_jsonb(self.schedules)?.unwrap_or_default(),
            url: self.url,
            email: self.email,
            accreditations: self.accreditations,
            alert: self.alert,
            assured_on: self.assured_on,
            published: self.published,
            origin: self.origin,
            origin_id: self.origin_id,
            listed_at: self.listed_at,
            changed_at: self.changed_at,
        })
    }
}

/// One service.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn show(connection: &mut AsyncPgConnection, id: ServiceId) -> Result<Stored, Problem> {
    let rows: Vec<Stored> =
        diesel::sql_query(whole("s.id = $1")).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// Several services with all their parts, in the order of their ids' places in `ids`.
///
/// # Errors
/// As the database says.
pub async fn several(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<ServiceView>, Problem> {
    let statement = whole("s.id = ANY ($1)") + " ORDER BY array_position($1, s.id)";
    let rows: Vec<Stored> =
        diesel::sql_query(statement).bind::<Array<SqlUuid>, _>(ids).prepared().load(connection).await?;
    rows.into_iter().map(Stored::view).collect()
}

/// The agency that keeps a service; none if its organisation is no user.
///
/// # Errors
/// 404 if there is no such service.
pub async fn keeper_of(connection: &mut AsyncPgConnection, id: ServiceId) -> Result<Option<String>, Problem> {
    directory_service::table
        .inner_join(organisation::table)
        .filter(directory_service::id.eq(id))
        .select(organisation::agency)
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// Locks a service until the transaction ends. The answer is its version.
///
/// # Errors
/// 404 if the caller may not change it.
pub async fn lock(connection: &mut AsyncPgConnection, id: ServiceId) -> Result<i64, Problem> {
    let found = directory_service::table.find(id).select(directory_service::version).for_update();
    found.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}
