//! The directory's list.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::ServiceId;
use super::form::Eligibility;
use super::store::words;
use super::view::{OrganisationLine, ServiceLine};
use crate::directory::organisation::OrganisationId;
use crate::provision::{Opening, Provision};

/// Which services a list holds; all of these at once.
#[derive(Debug, Default)]
pub struct Filter {
    /// That work in this district.
    pub district: Option<String>,
    /// That help with this need, by name or because they help with anything.
    pub need: Option<String>,
    /// That are for somebody of this age.
    pub age: Option<i16>,
    /// That take this level of need.
    pub level: Option<i16>,
    /// Of this kind.
    pub kind: Option<String>,
    /// That stand so.
    pub status: Option<Opening>,
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
    /// That hold every one of these words.
    pub words: Vec<String>,
}

/// A service on the list.
#[derive(Debug, QueryableByName)]
pub struct Row {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    organisation_id: Uuid,
    #[diesel(sql_type = Text)]
    organisation: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
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
    #[diesel(sql_type = Timestamptz)]
    pub listed_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
}

/// The columns of a [`Row`], of a service `s` and its organisation `o`.
pub const COLUMNS: &str = "\
s.id, s.organisation_id, o.name AS organisation, s.name, s.kind, s.code, s.status, s.minimum_age, s.maximum_age,
s.districts, s.needs, s.levels, s.places, s.taken, s.waiting_days, s.listed_at, s.changed_at";

/// Whether a service takes people on, its places counted: as `Provision::standing`.
const STANDING: &str = "\
CASE WHEN s.status = 'open' AND s.places <= coalesce(s.taken, 0) THEN 'full' ELSE s.status END";

/// The statement behind the list. It is led by the order of entry; what is asked for is looked at
/// row by row, since a directory has hundreds of services and not millions.
pub static LIST: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {COLUMNS}
         FROM directory_service s JOIN organisation o ON o.id = s.organisation_id
         WHERE (s.listed_at, s.id) < ($1, $2)
           AND ($4::text IS NULL OR s.districts = '{{}}' OR $4 = ANY (s.districts))
           AND ($5::text IS NULL OR s.needs = '{{}}' OR $5 = ANY (s.needs))
           AND ($6::int2 IS NULL OR $6 BETWEEN coalesce(s.minimum_age, 0) AND coalesce(s.maximum_age, 200))
           AND ($7::int2 IS NULL OR s.levels = '{{}}' OR $7 = ANY (s.levels))
           AND ($8::text IS NULL OR s.kind = $8)
           AND ($9::text IS NULL OR {STANDING} = $9)
           AND ($10::uuid IS NULL OR s.organisation_id = $10)
           AND NOT EXISTS (SELECT 1 FROM unnest($11::text[]) AS w (word) WHERE position(w.word IN s.words || ' ' || lower(o.name)) = 0)
         ORDER BY s.listed_at DESC, s.id DESC LIMIT $3"
    )
});

/// A page of the directory, newest entry first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    filter: &Filter,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    Ok(diesel::sql_query(LIST.as_str())
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .bind::<Nullable<Text>, _>(filter.district.as_deref())
        .bind::<Nullable<Text>, _>(filter.need.as_deref())
        .bind::<Nullable<SmallInt>, _>(filter.age)
        .bind::<Nullable<SmallInt>, _>(filter.level)
        .bind::<Nullable<Text>, _>(filter.kind.as_deref())
        .bind::<Nullable<Text>, _>(filter.status.map(Opening::as_str))
        .bind::<Nullable<SqlUuid>, _>(filter.organisation)
        .bind::<Array<Text>, _>(&filter.words)
        .prepared()
        .load(connection)
        .await?)
}

/// Every service there is, up to `most`, to be ranked: in the order of their ids.
///
/// # Errors
/// As the database says.
pub async fn all(connection: &mut AsyncPgConnection, most: i64) -> Result<Vec<Row>, Problem> {
    let statement = format!(
        "SELECT {COLUMNS} FROM directory_service s JOIN organisation o ON o.id = s.organisation_id \
         ORDER BY s.id LIMIT $1"
    );
    Ok(diesel::sql_query(statement).bind::<BigInt, _>(most).prepared().load(connection).await?)
}

impl Row {
    /// Whom it is for and whether it has room.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn provision(&self) -> Result<Provision, Problem> {
        Ok(Provision {
            opening: self.status.parse().map_err(|()| Problem::internal(&"unknown status of a service"))?,
            districts: self.districts.clone(),
            needs: self.needs.clone(),
            levels: self.levels.clone(),
            minimum_age: self.minimum_age,
            maximum_age: self.maximum_age,
            places: self.places,
            taken: self.taken,
            waiting_days: self.waiting_days,
        })
    }

    /// As it is shown.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn line(self) -> Result<ServiceLine, Problem> {
        let provision = self.provision()?;
        Ok(ServiceLine {
            id: ServiceId(self.id),
            name: self.name,
            organisation: OrganisationLine { id: OrganisationId(self.organisation_id), name: self.organisation },
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
            waiting_days: self.waiting_days,
            changed_at: self.changed_at,
        })
    }
}
