//! Links: made, ended, and what a secret opens. What opens a link is not stored, only its hash.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::onward::domain::OnwardId;
use crate::schema::onward_link;

/// Keeps a link: its id and the hash of what opens it.
///
/// # Errors
/// As the database says.
pub async fn keep_link(
    connection: &mut AsyncPgConnection,
    link: Uuid,
    id: OnwardId,
    secret: &str,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query(
        "INSERT INTO onward_link (id, onward_id, hash, made_at) VALUES ($1, $2, sha256(convert_to($3, 'UTF8')), $4)",
    )
    .bind::<SqlUuid, _>(link)
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(secret)
    .bind::<Timestamptz, _>(at)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the links of an onward referral.
///
/// # Errors
/// As the database says.
pub async fn end_links(connection: &mut AsyncPgConnection, id: OnwardId, at: DateTime<Utc>) -> Result<(), Problem> {
    use onward_link::dsl;
    let links: Vec<Uuid> = dsl::onward_link
        .filter(dsl::onward_id.eq(id).and(dsl::revoked_at.is_null()))
        .select(dsl::id)
        .load(connection)
        .await?;
    diesel::update(dsl::onward_link.filter(dsl::id.eq_any(&links)))
        .set(dsl::revoked_at.eq(at))
        .execute(connection)
        .await?;
    for link in links {
        access::revoke(connection, id.0, &format!("user:{link}")).await?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Link {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    opens: bool,
}

/// The link of an onward referral that still opens, and whether this secret is what opens it.
///
/// # Errors
/// As the database says.
pub async fn open_link(
    connection: &mut AsyncPgConnection,
    id: OnwardId,
    secret_of: impl Fn(Uuid) -> Result<String, Problem>,
) -> Result<Option<String>, Problem> {
    let last: Option<Uuid> = onward_link::table
        .filter(onward_link::onward_id.eq(id).and(onward_link::revoked_at.is_null()))
        .order(onward_link::made_at.desc())
        .select(onward_link::id)
        .first(connection)
        .await
        .optional()?;
    let Some(last) = last else { return Ok(None) };
    let secret = secret_of(last)?;
    let rows: Vec<Link> =
        diesel::sql_query("SELECT id, hash = sha256(convert_to($2, 'UTF8')) AS opens FROM onward_link WHERE id = $1")
            .bind::<SqlUuid, _>(last)
            .bind::<Text, _>(&secret)
            .prepared()
            .load(connection)
            .await?;
    // The process has another key than when the link was made: the link still opens, and only a new one can be told.
    Ok(rows.into_iter().any(|link| link.id == last && link.opens).then_some(secret))
}

/// What a secret opens.
#[derive(Debug, QueryableByName)]
pub struct Opened {
    /// The link: who acts by it.
    #[diesel(sql_type = SqlUuid)]
    pub link_id: Uuid,
    /// The onward referral.
    #[diesel(sql_type = SqlUuid)]
    pub onward_id: Uuid,
}

/// What a secret opens now, whoever asks; nothing, if it is not one of ours or has ended.
///
/// # Errors
/// As the database says.
pub async fn opened(
    connection: &mut AsyncPgConnection,
    secret: &str,
    at: DateTime<Utc>,
) -> Result<Option<Opened>, Problem> {
    let rows: Vec<Opened> = diesel::sql_query("SELECT link_id, onward_id FROM onward_opened($1, $2)")
        .bind::<Text, _>(secret)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().next())
}
