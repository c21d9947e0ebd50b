//! Lists of onward referrals.

use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;

use super::Row;
use crate::onward::domain::OnwardStatus;
use crate::referral::domain::ReferralId;

/// The list behind `GET /v1/onward-referrals`, newest first.
pub const LIST: Listing = Listing::new("onward_referral", "o.*", "JOIN onward_referral o ON o.id = page.record_id");

/// Those of one referral, newest first.
pub const OF_REFERRAL: &str = "\
SELECT * FROM onward_referral
WHERE referral_id = $1 AND ($2::text IS NULL OR status = $2) AND (sent_at, id) < ($3, $4)
ORDER BY sent_at DESC, id DESC LIMIT $5";

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
    let status = status.map(OnwardStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
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
    Ok(diesel::sql_query(OF_REFERRAL)
        .bind::<SqlUuid, _>(referral)
        .bind::<Nullable<Text>, _>(status.map(OnwardStatus::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
