//! Relationships and addresses over time.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::FamilyId;
use crate::family::domain::household::Tie;
use crate::schema::{family_address, family_relationship};

/// A relationship's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = family_relationship)]
pub struct Relationship {
    pub id: Uuid,
    pub family_id: FamilyId,
    pub person_id: Uuid,
    pub kind: String,
    pub other_id: Uuid,
    pub from_date: Option<NaiveDate>,
    pub to_date: Option<NaiveDate>,
}

impl Relationship {
    /// As the rules see it.
    ///
    /// # Errors
    /// 500 if the table holds a kind this program does not know.
    pub fn tie(&self) -> Result<Tie, Problem> {
        Ok(Tie {
            person: self.person_id,
            kind: self.kind.parse().map_err(|()| Problem::internal(&"unknown relationship"))?,
            other: self.other_id,
            from: self.from_date,
            to: self.to_date,
        })
    }
}

/// The relationships of a family, ended ones too.
///
/// # Errors
/// As the database says.
pub async fn relationships(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Vec<Relationship>, Problem> {
    Ok(family_relationship::table
        .filter(family_relationship::family_id.eq(id))
        .order(family_relationship::id)
        .select(Relationship::as_select())
        .load(connection)
        .await?)
}

/// Keeps a relationship.
///
/// # Errors
/// As the database says.
pub async fn add_relationship(connection: &mut AsyncPgConnection, row: &Relationship) -> Result<(), Problem> {
    diesel::insert_into(family_relationship::table).values(row).execute(connection).await?;
    Ok(())
}

/// Ends a relationship.
///
/// # Errors
/// As the database says.
pub async fn end_relationship(connection: &mut AsyncPgConnection, id: Uuid, to: NaiveDate) -> Result<(), Problem> {
    diesel::update(family_relationship::table.find(id))
        .set(family_relationship::to_date.eq(to))
        .execute(connection)
        .await?;
    Ok(())
}

/// An address's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = family_address)]
pub struct Address {
    pub id: Uuid,
    pub family_id: FamilyId,
    pub main: bool,
    pub address: String,
    pub postcode: Option<String>,
    pub tenure: Option<String>,
    pub from_date: NaiveDate,
    pub to_date: Option<NaiveDate>,
}

/// The addresses of a family, former ones too, oldest first.
///
/// # Errors
/// As the database says.
pub async fn addresses(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Vec<Address>, Problem> {
    Ok(family_address::table
        .filter(family_address::family_id.eq(id))
        .order((family_address::from_date, family_address::id))
        .select(Address::as_select())
        .load(connection)
        .await?)
}

/// Keeps an address.
///
/// # Errors
/// As the database says.
pub async fn add_address(connection: &mut AsyncPgConnection, row: &Address) -> Result<(), Problem> {
    diesel::insert_into(family_address::table).values(row).execute(connection).await?;
    Ok(())
}

/// Keeps what a family begins with.
///
/// # Errors
/// As the database says.
pub async fn begin(
    connection: &mut AsyncPgConnection,
    addresses: &[Address],
    relationships: &[Relationship],
) -> Result<(), Problem> {
    if !addresses.is_empty() {
        diesel::insert_into(family_address::table).values(addresses).execute(connection).await?;
    }
    if !relationships.is_empty() {
        diesel::insert_into(family_relationship::table).values(relationships).execute(connection).await?;
    }
    Ok(())
}

/// Ends an address.
///
/// # Errors
/// As the database says.
pub async fn end_address(connection: &mut AsyncPgConnection, id: Uuid, to: NaiveDate) -> Result<(), Problem> {
    diesel::update(family_address::table.find(id)).set(family_address::to_date.eq(to)).execute(connection).await?;
    Ok(())
}
