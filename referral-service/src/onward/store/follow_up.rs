//! The follow-ups of onward referrals.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use crate::onward::domain::OnwardId;
use crate::referral::follow_up::Heard;
use crate::schema::onward_follow_up;

/// A follow-up to come.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = onward_follow_up)]
pub struct NewFollowUp {
    pub id: Uuid,
    pub onward_id: OnwardId,
    pub months: i16,
    pub started_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub status: &'static str,
}

/// A follow-up's row.
#[derive(Clone, Debug, Queryable)]
pub struct FollowUpRow {
    pub id: Uuid,
    pub months: i16,
    pub started_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub status: String,
    pub answered_at: Option<DateTime<Utc>>,
    pub heard: Heard,
}

/// Enters a follow-up.
///
/// # Errors
/// As the database says.
pub async fn keep_follow_up(connection: &mut AsyncPgConnection, new: &NewFollowUp) -> Result<(), Problem> {
    diesel::insert_into(onward_follow_up::table).values(new).execute(connection).await?;
    Ok(())
}

/// The follow-ups of an onward referral, the earliest first.
///
/// # Errors
/// As the database says.
pub async fn follow_ups(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Vec<FollowUpRow>, Problem> {
    use onward_follow_up::dsl;
    let heard = (
        dsl::asked_on,
        dsl::answered_by_name,
        dsl::reached,
        dsl::engaged,
        dsl::sustained,
        dsl::destination,
        dsl::words,
    );
    Ok(dsl::onward_follow_up
        .filter(dsl::onward_id.eq(id))
        .order(dsl::months)
        .select((dsl::id, dsl::months, dsl::started_on, dsl::due_at, dsl::status, dsl::answered_at, heard))
        .load(connection)
        .await?)
}

/// Cancels those that are still to come. The answer is which.
///
/// # Errors
/// As the database says.
pub async fn cancel_follow_ups(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Vec<Uuid>, Problem> {
    use onward_follow_up::dsl;
    let open: Vec<Uuid> = dsl::onward_follow_up
        .filter(dsl::onward_id.eq(id).and(dsl::status.eq("due")))
        .select(dsl::id)
        .load(connection)
        .await?;
    diesel::update(dsl::onward_follow_up.filter(dsl::id.eq_any(&open)))
        .set(dsl::status.eq("cancelled"))
        .execute(connection)
        .await?;
    Ok(open)
}
