//! The rows of the pathway.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::PathwayLeaving;
use crate::development::domain::PathwayMembershipId;
use crate::schema::pathway_membership;

/// On its worklists, while the child is on the pathway.
pub const ON: &str = "joined";
/// On its worklists, once it has left.
const OFF: &str = "left";

/// A child's time on the pathway.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = pathway_membership)]
pub struct Membership {
    pub id: PathwayMembershipId,
    pub person_id: PersonId,
    pub family_id: Option<Uuid>,
    pub service: String,
    pub centre: Option<String>,
    pub locality: Option<String>,
    pub joined_on: NaiveDate,
    pub told_by_name: String,
    pub told_by_is: String,
    pub joined_recorded_at: DateTime<Utc>,
    pub joined_recorded_by: Uuid,
    pub joined_recorded_by_name: String,
    pub left_on: Option<NaiveDate>,
    pub left_because: Option<String>,
    pub left_words: Option<String>,
    pub left_recorded_at: Option<DateTime<Utc>>,
    pub left_recorded_by: Option<Uuid>,
    pub left_recorded_by_name: Option<String>,
    pub version: i64,
}

/// How the child's last time on the pathway stands, whoever recorded it.
#[derive(Debug, QueryableByName)]
pub struct Last {
    #[diesel(sql_type = Nullable<Date>)]
    pub left_on: Option<NaiveDate>,
}

/// The same; none, if it was never on it. Holds a second join of the child back until this transaction ends.
///
/// # Errors
/// 500 if the caller does not see the child whole.
pub async fn last(connection: &mut AsyncPgConnection, child: PersonId) -> Result<Option<Last>, Problem> {
    let rows: Vec<Last> = diesel::sql_query("SELECT left_on FROM pathway_last($1)")
        .bind::<SqlUuid, _>(child)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().next())
}

/// Keeps a new one.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, membership: &Membership) -> Result<(), Problem> {
    diesel::insert_into(pathway_membership::table).values(membership).execute(connection).await?;
    Ok(())
}

/// A child's times on the pathway that the caller sees, the latest first.
///
/// # Errors
/// As the database says.
pub async fn of_child(connection: &mut AsyncPgConnection, child: PersonId) -> Result<Vec<Membership>, Problem> {
    Ok(pathway_membership::table
        .filter(pathway_membership::person_id.eq(child))
        .order((pathway_membership::joined_on.desc(), pathway_membership::id.desc()))
        .select(Membership::as_select())
        .load(connection)
        .await?)
}

/// One of them.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(
    connection: &mut AsyncPgConnection,
    child: PersonId,
    id: PathwayMembershipId,
) -> Result<Membership, Problem> {
    let found = pathway_membership::table
        .find(id)
        .filter(pathway_membership::person_id.eq(child))
        .select(Membership::as_select())
        .first(connection)
        .await;
    found.optional()?.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(
    connection: &mut AsyncPgConnection,
    child: PersonId,
    id: PathwayMembershipId,
) -> Result<Membership, Problem> {
    let found = pathway_membership::table
        .find(id)
        .filter(pathway_membership::person_id.eq(child))
        .select(Membership::as_select())
        .for_update()
        .first(connection)
        .await;
    found.optional()?.ok_or_else(Problem::not_found)
}

impl Membership {
    /// Ends it, as its next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn leave(
        &mut self,
        connection: &mut AsyncPgConnection,
        leaving: &PathwayLeaving,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        self.left_on = Some(leaving.left_on);
        self.left_because = Some(leaving.because.to_string());
        self.left_words.clone_from(&leaving.words);
        self.left_recorded_at = Some(now);
        self.left_recorded_by = Some(actor.user.0);
        self.left_recorded_by_name = Some(actor.name.clone());
        self.version += 1;
        let changed = diesel::update(pathway_membership::table.find(self.id))
            .set((
                pathway_membership::left_on.eq(self.left_on),
                pathway_membership::left_because.eq(&self.left_because),
                pathway_membership::left_words.eq(&self.left_words),
                pathway_membership::left_recorded_at.eq(self.left_recorded_at),
                pathway_membership::left_recorded_by.eq(self.left_recorded_by),
                pathway_membership::left_recorded_by_name.eq(&self.left_recorded_by_name),
                pathway_membership::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, OFF).await
    }
}
