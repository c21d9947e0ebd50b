//! Lists of onward referrals. Statements that stand as constants, so that their plans can be looked at.

use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;

use super::Row;
use crate::onward::domain::OnwardStatus;
use crate::referral::domain::ReferralId;

/// The statement behind `GET /v1/onward-referrals`: those in any of the scopes, newest first.
pub const LIST: &str = "\
SELECT o.*
FROM (SELECT DISTINCT p.sort_at, p.record_id
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id FROM record_scope
          WHERE scope = s.scope AND kind = 'onward_referral' AND $2::text IS NULL AND (sort_at, record_id) < ($3, $4)
          ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN onward_referral o ON o.id = page.record_id
ORDER BY page.sort_at DESC, page.record_id DESC";

/// The same of one status. Two texts rather than `state = $2 OR $2 IS NULL`, which no index range serves.
pub const LIST_OF_STATUS: &str = "\
SELECT o.*
FROM (SELECT DISTINCT p.sort_at, p.record_id
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id FROM record_scope
          WHERE scope = s.scope AND kind = 'onward_referral' AND state = $2 AND (sort_at, record_id) < ($3, $4)
          ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN onward_referral o ON o.id = page.record_id
ORDER BY page.sort_at DESC, page.record_id DESC";

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
    let statement = if status.is_some() { LIST_OF_STATUS } else { LIST };
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
