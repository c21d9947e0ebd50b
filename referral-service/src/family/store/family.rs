//! The family's own row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::{self, Problem};
use uuid::Uuid;

use crate::family::domain::FamilyId;
use crate::referral::domain::ReferralId;
use crate::referral::offer::AllocationId;
use crate::schema::{allocation, family, family_name, family_referral};

/// A family's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = family)]
pub struct Family {
    /// Its id.
    pub id: FamilyId,
    /// The reference people read out.
    pub reference: String,
    /// The district it lives in.
    pub locality: Option<String>,
    /// When it was formed.
    pub formed_at: DateTime<Utc>,
    /// Its version.
    pub version: i64,
}

/// The family, if the caller sees it in any view.
///
/// # Errors
/// 404 if not.
pub async fn seen(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Family, Problem> {
    family::table
        .find(id)
        .select(Family::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// The family, locked until the transaction ends. Lock order: referral, allocation, family, case.
///
/// # Errors
/// 404 if the caller doesn't see it, 403 if only that it is being helped.
pub async fn for_change(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Family, Problem> {
    let found = family::table.find(id).select(Family::as_select()).for_update().first(connection).await.optional()?;
    match found {
        Some(found) => Ok(found),
        // Row-level security locks only what the caller sees whole.
        None => seen(connection, id).await.and(Err(Problem::new(problem::NOT_ALLOWED))),
    }
}

impl Family {
    /// Gives it its next version, once something of it has changed.
    ///
    /// # Errors
    /// 404 if the caller can't change it.
    pub async fn bump(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(family::table.find(self.id))
            .set((family::version.eq(self.version), family::locality.eq(&self.locality)))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// Keeps a new family.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Family, name: &str) -> Result<(), Problem> {
    diesel::insert_into(family::table).values(row).execute(connection).await?;
    diesel::insert_into(family_name::table)
        .values((family_name::family_id.eq(row.id), family_name::name.eq(name)))
        .execute(connection)
        .await?;
    Ok(())
}

/// What the family is called; none for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn name(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Option<String>, Problem> {
    Ok(family_name::table.find(id).select(family_name::name).first(connection).await.optional()?)
}

/// Calls the family something else.
///
/// # Errors
/// As the database says.
pub async fn rename(connection: &mut AsyncPgConnection, id: FamilyId, name: &str) -> Result<(), Problem> {
    diesel::update(family_name::table.find(id)).set(family_name::name.eq(name)).execute(connection).await?;
    Ok(())
}

/// Says that a family was formed from a referral, or came back with one.
///
/// # Errors
/// As the database says.
pub async fn link(connection: &mut AsyncPgConnection, id: FamilyId, referral: ReferralId) -> Result<(), Problem> {
    diesel::insert_into(family_referral::table)
        .values((family_referral::family_id.eq(id), family_referral::referral_id.eq(referral)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Joined {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    family_id: Option<Uuid>,
}

/// The family that was formed from a referral, opened to the caller's team, if there is one.
///
/// # Errors
/// 500 if the team does not see the referral whole.
pub async fn join(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    scope: &str,
) -> Result<Option<FamilyId>, Problem> {
    let row: Joined = diesel::sql_query("SELECT family_join($1, $2) AS family_id")
        .bind::<SqlUuid, _>(referral)
        .bind::<Text, _>(scope)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.family_id.map(FamilyId))
}

/// An allocation, as far as casework asks of it.
#[derive(Clone, Debug, Queryable)]
pub struct Accepted {
    /// The referral it is of.
    pub referral_id: ReferralId,
    /// The service that was asked.
    pub service: String,
    /// Where it stands.
    pub status: String,
}

/// An allocation the caller sees.
///
/// # Errors
/// As the database says.
pub async fn allocation_seen(
    connection: &mut AsyncPgConnection,
    id: AllocationId,
) -> Result<Option<Accepted>, Problem> {
    Ok(allocation::table
        .find(id)
        .select((allocation::referral_id, allocation::service, allocation::status))
        .first(connection)
        .await
        .optional()?)
}

/// An allocation the caller sees, locked until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn allocation(connection: &mut AsyncPgConnection, id: AllocationId) -> Result<Option<Accepted>, Problem> {
    Ok(allocation::table
        .find(id)
        .select((allocation::referral_id, allocation::service, allocation::status))
        .for_update()
        .first(connection)
        .await
        .optional()?)
}
