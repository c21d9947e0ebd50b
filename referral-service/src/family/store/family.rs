//! The family's own row.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::{self, Problem};

use crate::family::domain::FamilyId;
use crate::schema::family;

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
