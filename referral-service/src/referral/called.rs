//! Referrals by what the agency that sent them calls them.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;

use super::domain::Status;
use super::store::{COLUMNS, JOINS, Listed};

/// The statement behind a list by what the caller's own agency calls it: an index of agency and number leads it, so
/// that it is as long as what was sent under that number.
pub fn called_statement() -> String {
    format!(
        "\
SELECT {COLUMNS}
FROM (SELECT c.id AS record_id, c.received_at AS sort_at FROM referral c
      WHERE c.agency = app_agency() AND c.their_reference = $1 AND (c.received_at, c.id) < ($2, $3)
        AND ($4::text[] IS NULL OR c.status = ANY ($4)) AND (c.urgent OR NOT $5)
      ORDER BY c.received_at DESC, c.id DESC LIMIT $6) page
{JOINS}
ORDER BY page.sort_at DESC, page.record_id DESC"
    )
}

/// A page of the referrals that the caller's own agency calls so, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn called(
    connection: &mut AsyncPgConnection,
    theirs: &str,
    statuses: Option<&[Status]>,
    urgent: bool,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    let statuses: Option<Vec<&str>> = statuses.map(|some| some.iter().map(|status| status.as_str()).collect());
    Ok(diesel::sql_query(called_statement())
        .bind::<Text, _>(theirs)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Nullable<Array<Text>>, _>(statuses)
        .bind::<Bool, _>(urgent)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
