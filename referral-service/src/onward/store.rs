//! The rows of an onward referral.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{OnwardId, OnwardStatus, Step, transition};
use crate::referral::domain::ReferralId;
use crate::schema::{onward_disclosure, onward_history, onward_link, onward_referral, onward_share};

/// An onward referral's row.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = onward_referral)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    pub id: OnwardId,
    pub referral_id: ReferralId,
    pub service_id: Uuid,
    pub service_name: String,
    pub organisation: String,
    pub status: String,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub viewed_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<String>,
    pub outcome: Option<String>,
    pub outcome_on: Option<NaiveDate>,
    pub version: i64,
}

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

impl Row {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn standing(&self) -> Result<OnwardStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of an onward referral"))
    }

    /// Takes a step.
    ///
    /// # Errors
    /// 409 if it can't be taken now.
    pub async fn step(
        &mut self,
        connection: &mut AsyncPgConnection,
        step: Step,
        by: &str,
        at: DateTime<Utc>,
    ) -> Result<OnwardStatus, Problem> {
        let to = transition(self.standing()?, step).map_err(|refused| Problem::conflict(refused.to_string()))?;
        self.status = to.as_str().to_owned();
        match step {
            Step::View => self.viewed_at = Some(at),
            Step::Accept | Step::Decline => {
                self.answered_at = Some(at);
                self.answered_by = Some(by.to_owned());
            }
            Step::SendAgain | Step::GiveUp | Step::Expire | Step::Withdraw => {}
        }
        self.save(connection).await?;
        access::move_to_state(connection, self.id.0, to.as_str()).await?;
        Ok(to)
    }

    /// Writes what has changed, in the next version.
    ///
    /// # Errors
    /// 404 if the caller may not change it.
    pub async fn save(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        use onward_referral::dsl;
        self.version += 1;
        let changed = diesel::update(dsl::onward_referral.find(self.id))
            .set((
                dsl::status.eq(&self.status),
                dsl::expires_at.eq(self.expires_at),
                dsl::viewed_at.eq(self.viewed_at),
                dsl::answered_at.eq(self.answered_at),
                dsl::answered_by.eq(&self.answered_by),
                dsl::outcome.eq(&self.outcome),
                dsl::outcome_on.eq(self.outcome_on),
                dsl::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        // A change that row-level security denies raises nothing; it only touches no row.
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// Enters an onward referral with its disclosure and what is shared.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    row: &Row,
    disclosure: &Disclosure,
    content: &serde_json::Value,
) -> Result<(), Problem> {
    diesel::insert_into(onward_referral::table).values(row).execute(connection).await?;
    diesel::insert_into(onward_disclosure::table).values(disclosure).execute(connection).await?;
    diesel::insert_into(onward_share::table)
        .values((onward_share::onward_id.eq(row.id), onward_share::content.eq(content)))
        .execute(connection)
        .await?;
    Ok(())
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

/// Puts it on the worklists of the caller, who sees its referral whole.
///
/// # Errors
/// As the database says.
pub async fn join(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<(), Problem> {
    diesel::sql_query("SELECT onward_join($1)").bind::<SqlUuid, _>(id).prepared().execute(connection).await?;
    Ok(())
}

/// One onward referral.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Row, Problem> {
    let row = onward_referral::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Row, Problem> {
    let found = onward_referral::table.find(id).select(Row::as_select()).for_update();
    found.first(connection).await.optional()?.ok_or_else(Problem::not_found)
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

/// A page of onward referrals in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<OnwardStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    // Two texts rather than `state = $2 OR $2 IS NULL`, which no index range serves.
    let state = if status.is_some() { "state = $2" } else { "$2::text IS NULL" };
    let statement = format!(
        "SELECT o.*
         FROM (SELECT DISTINCT p.sort_at, p.record_id
               FROM unnest($1) AS s(scope)
               CROSS JOIN LATERAL (
                   SELECT sort_at, record_id FROM record_scope
                   WHERE scope = s.scope AND kind = 'onward_referral' AND {state} AND (sort_at, record_id) < ($3, $4)
                   ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
               ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
         JOIN onward_referral o ON o.id = page.record_id
         ORDER BY page.sort_at DESC, page.record_id DESC"
    );
    Ok(diesel::sql_query(statement)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Nullable<Text>, _>(status.map(OnwardStatus::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// A page of the onward referrals of one referral, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn of_referral(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    status: Option<OnwardStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    let statement = "SELECT * FROM onward_referral WHERE referral_id = $1 AND ($2::text IS NULL OR status = $2) \
                     AND (sent_at, id) < ($3, $4) ORDER BY sent_at DESC, id DESC LIMIT $5";
    Ok(diesel::sql_query(statement)
        .bind::<SqlUuid, _>(referral)
        .bind::<Nullable<Text>, _>(status.map(OnwardStatus::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

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
    #[diesel(sql_type = diesel::sql_types::Bool)]
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
    Ok(rows.first().is_some_and(|link| link.id == last && link.opens).then_some(secret))
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

/// Who discloses: for a disclosure's row.
pub fn by(actor: &Actor) -> (Uuid, String, String) {
    (actor.user.0, actor.name.clone(), actor.agency.to_string())
}

/// Marks what has ended unanswered, as the worker role. The answer is what was marked.
///
/// # Errors
/// As the database says.
pub async fn expire(connection: &mut AsyncPgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Row>, Problem> {
    let rows: Vec<Row> = diesel::sql_query(
        "UPDATE onward_referral o SET status = 'expired', version = version + 1
         FROM (SELECT id FROM onward_referral WHERE status IN ('sent', 'viewed') AND expires_at <= $1
               ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED) ended
         WHERE o.id = ended.id RETURNING o.*",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await?;
    for row in &rows {
        access::move_to_state(connection, row.id.0, "expired").await?;
        note(connection, row.id, "threshold", "expired", None, now).await?;
    }
    Ok(rows)
}
