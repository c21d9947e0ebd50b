//! What was disclosed, what the service reads, and what happened.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::onward::domain::OnwardId;
use crate::referral::domain::ReferralId;
use crate::schema::{onward_disclosure, onward_history, onward_share};

/// A disclosure's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = onward_disclosure)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Disclosure {
    pub id: Uuid,
    pub onward_id: OnwardId,
    pub referral_id: ReferralId,
    pub at: DateTime<Utc>,
    pub by_user: Uuid,
    pub by_name: String,
    pub agency: String,
    pub to_whom: String,
    pub fields: Vec<String>,
    pub people: Vec<Uuid>,
    pub purpose: String,
    pub basis: String,
    pub basis_note: Option<String>,
    pub consent_given_by: Option<String>,
    pub consent_on: Option<NaiveDate>,
    pub warnings: Vec<String>,
    pub reply_to: String,
}

/// Something that happened.
#[derive(Debug, Queryable)]
pub struct HistoryLine {
    pub at: DateTime<Utc>,
    pub who: String,
    pub what: String,
    pub note: Option<String>,
}

/// Writes down what happened.
///
/// # Errors
/// As the database says.
pub async fn note(
    connection: &mut AsyncPgConnection,
    id: OnwardId,
    who: &str,
    what: &str,
    note: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    use onward_history::dsl;
    diesel::insert_into(dsl::onward_history)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::onward_id.eq(id),
            dsl::at.eq(at),
            dsl::who.eq(who),
            dsl::what.eq(what),
            dsl::note.eq(note),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Lines {
    #[diesel(sql_type = BigInt)]
    lines: i64,
}

/// How many lines of the history the service wrote by its link, which sees none of them.
///
/// # Errors
/// As the database says.
pub async fn lines_by_link(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<i64, Problem> {
    let counted: Lines = diesel::sql_query("SELECT onward_lines_by_link($1) AS lines")
        .bind::<SqlUuid, _>(id)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(counted.lines)
}

/// The disclosures of an onward referral, oldest first.
///
/// # Errors
/// As the database says.
pub async fn disclosures(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Vec<Disclosure>, Problem> {
    use onward_disclosure::dsl;
    Ok(dsl::onward_disclosure
        .filter(dsl::onward_id.eq(id))
        .order((dsl::at, dsl::id))
        .select(Disclosure::as_select())
        .load(connection)
        .await?)
}

/// What happened to an onward referral, oldest first.
///
/// # Errors
/// As the database says.
pub async fn history(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Vec<HistoryLine>, Problem> {
    use onward_history::dsl;
    Ok(dsl::onward_history
        .filter(dsl::onward_id.eq(id))
        .order((dsl::at, dsl::id))
        .select((dsl::at, dsl::who, dsl::what, dsl::note))
        .load(connection)
        .await?)
}

/// What the service reads.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn content(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<serde_json::Value, Problem> {
    let found = onward_share::table.find(id).select(onward_share::content).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// Who discloses: for a disclosure's row.
pub fn by(actor: &Actor) -> (Uuid, String, String) {
    (actor.user.0, actor.name.clone(), actor.agency.to_string())
}
