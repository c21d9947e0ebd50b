//! The follow-ups of onward referrals.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use crate::onward::domain::OnwardId;
use crate::referral::follow_up::FollowUpAnswer;
use crate::schema::onward_follow_up;

/// A follow-up's row.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = onward_follow_up)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct FollowUpRow {
    pub id: Uuid,
    pub onward_id: OnwardId,
    pub months: i16,
    pub started_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    pub status: String,
    pub asked_on: Option<NaiveDate>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by_name: Option<String>,
    pub reached: Option<bool>,
    pub engaged: Option<bool>,
    pub sustained: Option<bool>,
    pub destination: Option<String>,
    pub words: Option<String>,
}

/// Enters a follow-up.
///
/// # Errors
/// As the database says.
pub async fn keep_follow_up(connection: &mut AsyncPgConnection, row: &FollowUpRow) -> Result<(), Problem> {
    diesel::insert_into(onward_follow_up::table).values(row).execute(connection).await?;
    Ok(())
}

/// The follow-ups of an onward referral, the earliest first.
///
/// # Errors
/// As the database says.
pub async fn follow_ups(connection: &mut AsyncPgConnection, id: OnwardId) -> Result<Vec<FollowUpRow>, Problem> {
    use onward_follow_up::dsl;
    Ok(dsl::onward_follow_up
        .filter(dsl::onward_id.eq(id))
        .order(dsl::months)
        .select(FollowUpRow::as_select())
        .load(connection)
        .await?)
}

/// Keeps what was heard.
///
/// # Errors
/// 404 if the caller may not change it.
pub async fn answer_follow_up(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    heard: &FollowUpAnswer,
    who: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use onward_follow_up::dsl;
    let changed = diesel::update(dsl::onward_follow_up.find(id))
        .set((
            dsl::status.eq("answered"),
            dsl::asked_on.eq(heard.asked_on),
            dsl::answered_at.eq(now),
            dsl::answered_by_name.eq(who),
            dsl::reached.eq(heard.reached),
            dsl::engaged.eq(heard.engaged),
            dsl::sustained.eq(heard.sustained),
            dsl::destination.eq(&heard.destination),
            dsl::words.eq(&heard.words),
        ))
        .execute(connection)
        .await?;
    if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
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
