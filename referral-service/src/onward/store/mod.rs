//! The rows of an onward referral.

mod account;
mod follow_up;
mod link;
mod list;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

pub use account::{Disclosure, by, content, disclosures, history, lines_by_link, note};
pub use follow_up::{FollowUpRow, NewFollowUp, cancel_follow_ups, follow_ups, keep_follow_up};
pub use link::{end_links, keep_link, open_link, opened};
pub use list::{LIST, OF_REFERRAL, list, of_referral};

use super::domain::{OnwardId, OnwardStatus, Step, transition};
use crate::referral::domain::ReferralId;
use crate::schema::{onward_disclosure, onward_referral, onward_share};

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
    pub locality: Option<String>,
    pub sent_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub viewed_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<String>,
    pub outcome: Option<String>,
    pub outcome_on: Option<NaiveDate>,
    pub version: i64,
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
