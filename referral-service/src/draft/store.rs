//! The drafts' rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::schema::referral_draft;

shared::typed_id!(
    /// A draft of a referral.
    DraftId
);

/// A draft's row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = referral_draft)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Draft {
    pub id: DraftId,
    pub title: Option<String>,
    pub form: Value,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub version: i64,
}

/// Keeps a new draft, for its author alone.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, draft: &Draft, author: &Actor) -> Result<(), Problem> {
    diesel::insert_into(referral_draft::table).values(draft).execute(connection).await?;
    let own = Grant {
        record: draft.id.0,
        kind: "draft",
        scope: format!("user:{}", author.user),
        view: View::Full,
        state: "draft",
        sort_at: draft.created_at,
    };
    access::grant(connection, &[own]).await
}

/// One's own draft, if its time is not over.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, id: DraftId, now: DateTime<Utc>) -> Result<Draft, Problem> {
    let row = referral_draft::table.find(id).filter(referral_draft::expires_at.gt(now));
    row.select(Draft::as_select()).first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends; none, if there is none.
///
/// # Errors
/// As the database says.
pub async fn for_change(
    connection: &mut AsyncPgConnection,
    id: DraftId,
    now: DateTime<Utc>,
) -> Result<Option<Draft>, Problem> {
    let row = referral_draft::table.find(id).filter(referral_draft::expires_at.gt(now));
    Ok(row.select(Draft::as_select()).for_update().first(connection).await.optional()?)
}

/// Keeps what a draft says now.
///
/// # Errors
/// As the database says.
pub async fn update(connection: &mut AsyncPgConnection, draft: &Draft) -> Result<(), Problem> {
    use referral_draft::dsl;
    diesel::update(dsl::referral_draft.find(draft.id))
        .set((
            dsl::title.eq(&draft.title),
            dsl::form.eq(&draft.form),
            dsl::changed_at.eq(draft.changed_at),
            dsl::expires_at.eq(draft.expires_at),
            dsl::version.eq(draft.version),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The statement behind the list: one's own, newest first.
pub const LIST: &str = "\
SELECT d.* FROM record_scope s JOIN referral_draft d ON d.id = s.record_id
WHERE s.scope = $1 AND s.kind = 'draft' AND (s.sort_at, s.record_id) < ($2, $3) AND d.expires_at > $4
ORDER BY s.sort_at DESC, s.record_id DESC LIMIT $5";

/// A page of somebody's own drafts, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    author: &Actor,
    after: Cursor,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Draft>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<Text, _>(format!("user:{}", author.user))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Removed {
    #[diesel(sql_type = BigInt)]
    removed: i64,
}

/// Removes drafts. The answer is how many there were.
///
/// # Errors
/// As the database says.
pub async fn remove(connection: &mut AsyncPgConnection, drafts: &[Uuid]) -> Result<i64, Problem> {
    let row: Removed = diesel::sql_query("SELECT draft_remove($1) AS removed")
        .bind::<Array<SqlUuid>, _>(drafts)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.removed)
}

/// Drafts past their time, as the worker role.
///
/// # Errors
/// As the database says.
pub async fn expired(connection: &mut AsyncPgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>, Problem> {
    use referral_draft::dsl;
    let past = dsl::referral_draft.filter(dsl::expires_at.le(now)).order(dsl::expires_at).limit(limit);
    let ids: Vec<DraftId> = past.select(dsl::id).load(connection).await?;
    Ok(ids.into_iter().map(Uuid::from).collect())
}
