//! Who sits on a panel.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::schema::panel_member;

shared::typed_id!(
    /// A membership of a restricted panel.
    MembershipId
);

/// A membership's row.
#[derive(Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = panel_member)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Member {
    pub id: MembershipId,
    pub panel: String,
    pub user_id: Uuid,
    pub name: String,
    pub agency: String,
    pub from_at: DateTime<Utc>,
    pub added_by_name: String,
    pub until_at: Option<DateTime<Utc>>,
    pub ended_by_name: Option<String>,
    pub ended_because: Option<String>,
    pub version: i64,
}

/// Someone who is to sit on a panel.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    pub panel: &'a str,
    pub user: Uuid,
    pub name: &'a str,
    pub agency: &'a str,
}

/// Adds a member, who sees the panel's open cases. None if they sit on it already.
///
/// # Errors
/// As the database says.
pub async fn add(
    connection: &mut AsyncPgConnection,
    new: &NewMember<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Option<MembershipId>, Problem> {
    let id = MembershipId::new();
    let added = diesel::insert_into(panel_member::table)
        .values((
            panel_member::id.eq(id),
            panel_member::panel.eq(new.panel),
            panel_member::user_id.eq(new.user),
            panel_member::name.eq(new.name),
            panel_member::agency.eq(new.agency),
            panel_member::from_at.eq(now),
            panel_member::added_by_name.eq(&actor.name),
            panel_member::version.eq(1),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if added == 0 {
        return Ok(None);
    }
    diesel::sql_query("SELECT panel_join($1)").bind::<SqlUuid, _>(id).execute(connection).await?;
    Ok(Some(id))
}

/// A membership of the panel.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, panel: &str, id: MembershipId) -> Result<Member, Problem> {
    let found = panel_member::table.find(id).select(Member::as_select()).first(connection).await.optional()?;
    found.filter(|member: &Member| member.panel == panel).ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if there is none.
pub async fn for_change(connection: &mut AsyncPgConnection, panel: &str, id: MembershipId) -> Result<Member, Problem> {
    let found =
        panel_member::table.find(id).select(Member::as_select()).for_update().first(connection).await.optional()?;
    found.filter(|member: &Member| member.panel == panel).ok_or_else(Problem::not_found)
}

/// Ends a membership: from here on its member sees none of the panel's cases.
///
/// # Errors
/// As the database says.
pub async fn end(
    connection: &mut AsyncPgConnection,
    row: &Member,
    because: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::update(panel_member::table.find(row.id))
        .set((
            panel_member::until_at.eq(now),
            panel_member::ended_by_name.eq(&actor.name),
            panel_member::ended_because.eq(because),
            panel_member::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    diesel::sql_query("SELECT panel_leave($1)").bind::<SqlUuid, _>(row.id).execute(connection).await?;
    Ok(())
}

/// The statement behind the list of a panel's members.
pub const LIST: &str = "\
SELECT * FROM panel_member WHERE panel = $1 AND (from_at, id) < ($2, $3)
ORDER BY from_at DESC, id DESC LIMIT $4";

/// A page of a panel's members, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    panel: &str,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Member>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<Text, _>(panel)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
