//! The families of a list, their rows and their offers.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use shared::access;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::partner_list::domain::{PartnerFamilyId, PartnerListId, PartnerOffer, PartnerStanding};
use crate::schema::{partner_family, partner_offer_step, partner_row};

/// A family's row.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = partner_family)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Family {
    pub id: PartnerFamilyId,
    pub list_id: PartnerListId,
    pub agency: String,
    pub family_key: Option<String>,
    pub reasons: Vec<String>,
    pub standing: String,
    pub offer: String,
    pub found_at: DateTime<Utc>,
    pub offered_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub referral_id: Option<Uuid>,
    pub version: i64,
}

/// A person's row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = partner_row)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct PersonRow {
    pub id: Uuid,
    pub number: i32,
    pub relation: String,
    pub given_name: String,
    pub family_name: String,
    pub birth_date: Option<NaiveDate>,
    pub address: Option<String>,
    pub postcode: Option<String>,
    pub school: Option<String>,
    pub reason: String,
    pub reason_on: NaiveDate,
    pub standing: String,
    pub person_id: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by_name: Option<String>,
}

/// Something that was done about an offer.
#[derive(Clone, Debug, Queryable)]
pub struct OfferStep {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub note: Option<String>,
}

impl Family {
    /// How it stands.
    ///
    /// # Errors
    /// 500 if the table holds what this program does not know.
    pub fn standing(&self) -> Result<PartnerStanding, Problem> {
        self.standing.parse().map_err(|()| Problem::internal(&"unknown standing of a family"))
    }

    /// How far its offer is.
    ///
    /// # Errors
    /// 500 if the table holds what this program does not know.
    pub fn offer(&self) -> Result<PartnerOffer, Problem> {
        self.offer.parse().map_err(|()| Problem::internal(&"unknown offer to a family"))
    }

    /// Writes what has changed, in the next version.
    ///
    /// # Errors
    /// 404 if the caller may not change it.
    pub async fn save(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        use partner_family::dsl;
        self.version += 1;
        let changed = diesel::update(dsl::partner_family.find(self.id))
            .set((
                dsl::standing.eq(&self.standing),
                dsl::offer.eq(&self.offer),
                dsl::offered_at.eq(self.offered_at),
                dsl::answered_at.eq(self.answered_at),
                dsl::referral_id.eq(self.referral_id),
                dsl::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, &self.offer).await
    }
}

/// Enters families with their rows and candidates: three arrays of objects with the columns' names.
///
/// # Errors
/// As the database says.
pub async fn insert_all(
    connection: &mut AsyncPgConnection,
    families: Vec<Value>,
    rows: Vec<Value>,
    matches: Vec<Value>,
) -> Result<(), Problem> {
    for (statement, values) in [
        (
            "INSERT INTO partner_family (id, list_id, agency, family_key, reasons, standing, offer, found_at, version)
             SELECT f.*, 1 FROM jsonb_to_recordset($1) AS f(id uuid, list_id uuid, agency text, family_key text,
                 reasons text[], standing text, offer text, found_at timestamptz)",
            families,
        ),
        (
            "INSERT INTO partner_row (id, family_id, number, relation, given_name, family_name, birth_date, address,
                 postcode, school, reason, reason_on, standing, person_id)
             SELECT * FROM jsonb_to_recordset($1) AS r(id uuid, family_id uuid, number integer, relation text,
                 given_name text, family_name text, birth_date date, address text, postcode text, school text,
                 reason text, reason_on date, standing text, person_id uuid)",
            rows,
        ),
        (
            "INSERT INTO partner_match (row_id, person_id, exact, why, open)
             SELECT * FROM jsonb_to_recordset($1) AS m(row_id uuid, person_id uuid, exact boolean, why text[],
                 open text[])",
            matches,
        ),
    ] {
        diesel::sql_query(statement).bind::<Jsonb, _>(Value::Array(values)).prepared().execute(connection).await?;
    }
    Ok(())
}

/// One family.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: PartnerFamilyId) -> Result<Family, Problem> {
    let row = partner_family::table.find(id).select(Family::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: PartnerFamilyId) -> Result<Family, Problem> {
    let found = partner_family::table.find(id).select(Family::as_select()).for_update();
    found.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// The people of a family, in the order of the list.
///
/// # Errors
/// As the database says.
pub async fn people(connection: &mut AsyncPgConnection, id: PartnerFamilyId) -> Result<Vec<PersonRow>, Problem> {
    use partner_row::dsl;
    Ok(dsl::partner_row
        .filter(dsl::family_id.eq(id))
        .order(dsl::number)
        .select(PersonRow::as_select())
        .load(connection)
        .await?)
}

/// Keeps what an officer decided of a row.
///
/// # Errors
/// 404 if the caller may not change it.
pub async fn decide(
    connection: &mut AsyncPgConnection,
    row: Uuid,
    standing: PartnerStanding,
    person: Option<Uuid>,
    who: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use partner_row::dsl;
    let changed = diesel::update(dsl::partner_row.find(row))
        .set((
            dsl::standing.eq(standing.as_str()),
            dsl::person_id.eq(person),
            dsl::decided_at.eq(now),
            dsl::decided_by_name.eq(who),
        ))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
}

/// Writes down what was done.
///
/// # Errors
/// As the database says.
pub async fn note(
    connection: &mut AsyncPgConnection,
    id: PartnerFamilyId,
    who: &str,
    what: &str,
    note: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    use partner_offer_step::dsl;
    diesel::insert_into(dsl::partner_offer_step)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::family_id.eq(id),
            dsl::at.eq(at),
            dsl::who.eq(who),
            dsl::what.eq(what),
            dsl::note.eq(note),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What was done, oldest first.
///
/// # Errors
/// As the database says.
pub async fn steps(connection: &mut AsyncPgConnection, id: PartnerFamilyId) -> Result<Vec<OfferStep>, Problem> {
    use partner_offer_step::dsl;
    Ok(dsl::partner_offer_step
        .filter(dsl::family_id.eq(id))
        .order((dsl::at, dsl::id))
        .select((dsl::at, dsl::who, dsl::what, dsl::note))
        .load(connection)
        .await?)
}

/// How many families of a list stand how.
#[derive(Clone, Debug, QueryableByName)]
pub struct Count {
    #[diesel(sql_type = Text)]
    pub standing: String,
    #[diesel(sql_type = Text)]
    pub offer: String,
    #[diesel(sql_type = BigInt)]
    pub families: i64,
}

/// How many families of a list the caller sees stand how.
///
/// # Errors
/// As the database says.
pub async fn counts(connection: &mut AsyncPgConnection, id: PartnerListId) -> Result<Vec<Count>, Problem> {
    Ok(diesel::sql_query(
        "SELECT standing, offer, count(*) AS families FROM partner_family WHERE list_id = $1 GROUP BY 1, 2 ORDER BY 1, 2",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .load(connection)
    .await?)
}

/// The statement behind `GET /v1/partner-families`: those whose offer stands so, newest first; by standing, if one is given.
pub const LIST: &str = "\
SELECT f.*
FROM (SELECT p.sort_at, p.record_id
      FROM record_scope p JOIN partner_family f ON f.id = p.record_id
      WHERE p.scope = 'front-door' AND p.kind = 'partner_family' AND p.state = $1
        AND ($2::text IS NULL OR f.standing = $2) AND (p.sort_at, p.record_id) < ($3, $4)
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN partner_family f ON f.id = page.record_id
ORDER BY page.sort_at DESC, page.record_id DESC";

/// The families of one list, newest first.
pub const OF_LIST: &str = "\
SELECT * FROM partner_family
WHERE list_id = $1 AND ($2::text IS NULL OR standing = $2) AND (found_at, id) < ($3, $4)
ORDER BY found_at DESC, id DESC LIMIT $5";

/// A page of families whose offer stands so, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    offer: PartnerOffer,
    standing: Option<PartnerStanding>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Family>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<Text, _>(offer.as_str())
        .bind::<Nullable<Text>, _>(standing.map(PartnerStanding::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// A page of the families of a list, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn of_list(
    connection: &mut AsyncPgConnection,
    id: PartnerListId,
    standing: Option<PartnerStanding>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Family>, Problem> {
    Ok(diesel::sql_query(OF_LIST)
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Text>, _>(standing.map(PartnerStanding::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// The names the index has of these people, as far as the caller sees them.
///
/// # Errors
/// As the database says.
pub async fn indexed(connection: &mut AsyncPgConnection, people: &[Uuid]) -> Result<Vec<Indexed>, Problem> {
    Ok(diesel::sql_query("SELECT id, given_name, family_name, birth_date FROM person WHERE id = ANY ($1)")
        .bind::<Array<SqlUuid>, _>(people)
        .prepared()
        .load(connection)
        .await?)
}

/// Somebody as the index has them.
#[derive(Clone, Debug, QueryableByName)]
pub struct Indexed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub given_name: String,
    #[diesel(sql_type = Text)]
    pub family_name: String,
    #[diesel(sql_type = Nullable<diesel::sql_types::Date>)]
    pub birth_date: Option<NaiveDate>,
}
