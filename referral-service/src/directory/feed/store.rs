//! The rows of the feed. Nobody is signed in: row-level security shows what is published.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::{Connection, KeepPrepared};
use shared::problem::{self, Problem};
use shared::service::Service;
use uuid::Uuid;

use super::domain::{Taxonomies, TaxonomySet, Term};
use crate::directory::organisation::OrganisationView;
use crate::directory::organisation::store::Row as Organisation;
use crate::schema::organisation;

/// A connection without anyone's rights.
///
/// # Errors
/// 503 if there is none.
pub async fn connection(service: &Service) -> Result<Connection, Problem> {
    service.pool().get().await.map_err(|error| {
        tracing::warn!(cause = %error, "no database connection");
        Problem::new(problem::UNAVAILABLE)
    })
}

/// What is asked of a list; all of it at once.
#[derive(Debug, Default)]
pub struct Asked {
    /// Every one of these words.
    pub words: Vec<String>,
    /// A set and a code of it.
    pub term: Option<(TaxonomySet, String)>,
    /// Any term of this taxonomy.
    pub taxonomy: Option<TaxonomySet>,
    /// The service's minimum age is at least this.
    pub minimum_age: Option<f64>,
    /// The service's maximum age is at most this.
    pub maximum_age: Option<f64>,
    /// Opens at this time or later.
    pub start_time: Option<String>,
    /// Closes at this time or earlier.
    pub end_time: Option<String>,
    /// Is offered on this day, `MO`.
    pub day: Option<&'static str>,
    /// Was changed then or later.
    pub modified_after: Option<DateTime<Utc>>,
    /// Of this organisation.
    pub organisation: Option<Uuid>,
    /// Works in one of these districts.
    pub localities: Option<Vec<String>>,
    /// Is within so many metres of this point.
    pub near: Option<(Point, f64)>,
}

/// A point on the earth, in degrees.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// North.
    pub latitude: f64,
    /// East.
    pub longitude: f64,
}

/// What a list begins with: how many there are, and the ids of one page.
#[derive(Debug, QueryableByName)]
pub struct Hits {
    /// How many there are.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    /// Those of the page.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub ids: Vec<Uuid>,
}

/// What holds of a service `s` of an organisation `o`. `{AT}` narrows a schedule `h` to a place.
const OF_SERVICE: &str = "\
NOT EXISTS (SELECT 1 FROM unnest($3::text[]) AS w (word) WHERE position(w.word IN s.words || ' ' || lower(o.name)) = 0)
AND ($4::text IS NULL OR CASE $4 WHEN 'concern' THEN $5 = ANY (s.needs) WHEN 'service_kind' THEN s.kind = $5
                                 ELSE $5 = ANY (s.delivery) END)
AND ($6::text IS NULL OR CASE $6 WHEN 'concern' THEN s.needs <> '{}' WHEN 'service_delivery' THEN s.delivery <> '{}'
                                 ELSE true END)
AND ($7::float8 IS NULL OR s.minimum_age >= $7)
AND ($8::float8 IS NULL OR s.maximum_age <= $8)
AND (($9::text IS NULL AND $10::text IS NULL AND $11::text IS NULL) OR EXISTS (
        SELECT 1 FROM service_schedule h
        WHERE h.service_id = s.id AND {AT}
          AND ($9 IS NULL OR h.opens_at >= $9) AND ($10 IS NULL OR h.closes_at <= $10)
          AND ($11 IS NULL OR EXISTS (SELECT 1 FROM unnest(h.days) AS d (day) WHERE right(d.day, 2) = $11))))
AND ($12::timestamptz IS NULL OR s.changed_at >= $12)
AND ($13::uuid IS NULL OR s.organisation_id = $13)";

/// Metres from a point to a place `p`, on a sphere.
const DISTANCE: &str = "\
2 * 6371008.8 * asin(least(1, sqrt(power(sin(radians(p.latitude - $15) / 2), 2)
    + cos(radians($15)) * cos(radians(p.latitude)) * power(sin(radians(p.longitude - $16) / 2), 2))))";

/// A page of services, oldest entry first, so that pages stay where they are as the directory grows.
///
/// # Errors
/// As the database says.
pub async fn services(
    connection: &mut AsyncPgConnection,
    asked: &Asked,
    offset: i64,
    limit: i64,
) -> Result<Hits, Problem> {
    let statement = format!(
        "WITH hits AS MATERIALIZED (
             SELECT s.id, s.listed_at FROM directory_service s JOIN organisation o ON o.id = s.organisation_id
             WHERE {})
         SELECT (SELECT count(*) FROM hits) AS total,
                ARRAY(SELECT id FROM hits ORDER BY listed_at, id OFFSET $1 LIMIT $2) AS ids
         WHERE $14::text[] IS NULL AND $15::float8 IS NULL AND $16::float8 IS NULL AND $17::float8 IS NULL",
        OF_SERVICE.replace("{AT}", "true")
    );
    hits(connection, &statement, asked, offset, limit).await
}

/// A page of services at their places.
///
/// # Errors
/// As the database says.
pub async fn at_locations(
    connection: &mut AsyncPgConnection,
    asked: &Asked,
    offset: i64,
    limit: i64,
) -> Result<Hits, Problem> {
    let statement = format!(
        "WITH hits AS MATERIALIZED (
             SELECT p.id, p.place, s.id AS service_id, s.listed_at
             FROM service_place p JOIN directory_service s ON s.id = p.service_id
             JOIN organisation o ON o.id = s.organisation_id
             WHERE {}
               AND ($14::text[] IS NULL OR s.districts = '{{}}' OR s.districts && $14)
               AND ($17::float8 IS NULL OR {DISTANCE} <= $17))
         SELECT (SELECT count(*) FROM hits) AS total,
                ARRAY(SELECT id FROM hits ORDER BY listed_at, service_id, place, id OFFSET $1 LIMIT $2) AS ids",
        OF_SERVICE.replace("{AT}", "(h.service_place_id IS NULL OR h.service_place_id = p.id)")
    );
    hits(connection, &statement, asked, offset, limit).await
}

async fn hits(
    connection: &mut AsyncPgConnection,
    statement: &str,
    asked: &Asked,
    offset: i64,
    limit: i64,
) -> Result<Hits, Problem> {
    let term = asked.term.as_ref();
    let near = asked.near.as_ref();
    let found: Vec<Hits> = diesel::sql_query(statement)
        .bind::<BigInt, _>(offset)
        .bind::<BigInt, _>(limit)
        .bind::<Array<Text>, _>(&asked.words)
        .bind::<Nullable<Text>, _>(term.map(|(set, _)| set.set()))
        .bind::<Nullable<Text>, _>(term.map(|(_, code)| code.as_str()))
        .bind::<Nullable<Text>, _>(asked.taxonomy.map(TaxonomySet::set))
        .bind::<Nullable<Double>, _>(asked.minimum_age)
        .bind::<Nullable<Double>, _>(asked.maximum_age)
        .bind::<Nullable<Text>, _>(asked.start_time.as_deref())
        .bind::<Nullable<Text>, _>(asked.end_time.as_deref())
        .bind::<Nullable<Text>, _>(asked.day)
        .bind::<Nullable<Timestamptz>, _>(asked.modified_after)
        .bind::<Nullable<SqlUuid>, _>(asked.organisation)
        .bind::<Nullable<Array<Text>>, _>(asked.localities.as_deref())
        .bind::<Nullable<Double>, _>(near.map(|(point, _)| point.latitude))
        .bind::<Nullable<Double>, _>(near.map(|(point, _)| point.longitude))
        .bind::<Nullable<Double>, _>(near.map(|(_, metres)| *metres))
        .prepared()
        .load(connection)
        .await?;
    Ok(found.into_iter().next().unwrap_or(Hits { total: 0, ids: Vec::new() }))
}

/// The services behind services at places: of each place the service.
///
/// # Errors
/// As the database says.
pub async fn services_of(connection: &mut AsyncPgConnection, places: &[Uuid]) -> Result<BTreeMap<Uuid, Uuid>, Problem> {
    use crate::schema::service_place::dsl;
    let pairs: Vec<(Uuid, Uuid)> =
        dsl::service_place.filter(dsl::id.eq_any(places)).select((dsl::id, dsl::service_id)).load(connection).await?;
    Ok(pairs.into_iter().collect())
}

/// Organisations by id.
///
/// # Errors
/// As the database says.
pub async fn organisations(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, OrganisationView>, Problem> {
    let rows: Vec<Organisation> = organisation::table
        .filter(organisation::id.eq_any(ids))
        .select(Organisation::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.0, OrganisationView::from(row))).collect())
}

#[derive(QueryableByName)]
struct CodeRow {
    #[diesel(sql_type = Text)]
    set: String,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
}

/// The codes that are terms, ended ones too: a service may hold one still.
///
/// # Errors
/// As the database says.
pub async fn taxonomies(connection: &mut AsyncPgConnection) -> Result<Taxonomies, Problem> {
    let rows: Vec<CodeRow> = diesel::sql_query(
        "SELECT DISTINCT ON (set, code) set, code, label, source, valid_to FROM code \
         WHERE set IN ('concern', 'service_kind', 'service_delivery', 'locality') ORDER BY set, code, valid_from DESC",
    )
    .prepared()
    .load(connection)
    .await?;
    let mut all = Taxonomies::default();
    for row in rows {
        match TaxonomySet::ALL.into_iter().find(|set| set.set() == row.set) {
            Some(set) => {
                let CodeRow { code, label, source, valid_to, .. } = row;
                all.terms.push(Term { set, code, label, source, valid_to });
            }
            None => all.districts.push((row.code, row.label)),
        }
    }
    Ok(all)
}

/// Where a postcode lies.
#[derive(Debug, QueryableByName)]
pub struct Postcode {
    #[diesel(sql_type = Double)]
    latitude: f64,
    #[diesel(sql_type = Double)]
    longitude: f64,
    /// In which districts.
    #[diesel(sql_type = Array<Text>)]
    pub localities: Vec<String>,
}

impl Postcode {
    /// The middle of what is known of it.
    pub fn point(&self) -> Point {
        Point { latitude: self.latitude, longitude: self.longitude }
    }
}

/// Where a postcode lies, as near as is known; none for one that is not of the county.
///
/// # Errors
/// As the database says.
pub async fn postcode(
    connection: &mut AsyncPgConnection,
    outward: &str,
    inward: Option<&str>,
) -> Result<Option<Postcode>, Problem> {
    let mut prefixes = vec![outward.to_owned()];
    if let Some(inward) = inward {
        prefixes.extend(inward.chars().next().map(|sector| format!("{outward} {sector}")));
        prefixes.push(format!("{outward} {inward}"));
    }
    let rows: Vec<Postcode> = diesel::sql_query(
        "SELECT latitude, longitude, localities FROM postcode_place WHERE prefix = ANY ($1) \
         ORDER BY length(prefix) DESC LIMIT 1",
    )
    .bind::<Array<Text>, _>(&prefixes)
    .prepared()
    .load(connection)
    .await?;
    Ok(rows.into_iter().next())
}
