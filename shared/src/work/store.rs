//! The rows of a work list.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::item::{Counts, MOST_COUNTED};
use super::question::Position;
use crate::db::KeepPrepared;
use crate::deadline::Running;
use crate::problem::Problem;

/// A clock on the list.
#[derive(Debug, Clone, QueryableByName)]
pub struct Row {
    /// The record.
    #[diesel(sql_type = SqlUuid)]
    pub record_id: Uuid,
    /// The clock.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// What the record is.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// When the clock started.
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// When it is due.
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    /// Who answers for it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub owner: Option<Uuid>,
}

/// The statement behind the list: led by the scopes in `$1`, each read from its own place in the
/// index, then merged. What is due from `$6` on and before `$7`, and at risk after `$8` and until
/// `$9`: any standing is such a range.
pub const LIST: &str = "\
SELECT page.record_id, page.code, page.kind, page.started_at, page.due_at, page.owner
FROM (SELECT DISTINCT p.due_at, p.record_id, p.code, p.kind, p.started_at, p.owner
      FROM unnest($1) AS s(scope)
      CROSS JOIN LATERAL (
          SELECT due_at, record_id, code, kind, started_at, owner FROM work_item
          WHERE scope = s.scope AND (due_at, record_id, code) > ($2, $3, $4)
            AND due_at >= $6 AND due_at < $7 AND at_risk_at > $8 AND at_risk_at <= $9
          ORDER BY due_at, record_id, code LIMIT $5) p) page
ORDER BY page.due_at, page.record_id, page.code LIMIT $5";

/// The same ranges for each standing, counted as far as `$2`.
const COUNT: &str = "\
SELECT (SELECT count(*) FROM (
            SELECT DISTINCT p.record_id, p.code
            FROM unnest($1) AS s(scope)
            CROSS JOIN LATERAL (
                SELECT record_id, code FROM work_item
                WHERE scope = s.scope AND due_at >= r.due_from AND due_at < r.due_until
                  AND at_risk_at > r.risk_after AND at_risk_at <= r.risk_until
                ORDER BY due_at LIMIT $2) p
            LIMIT $2) counted) AS count
FROM unnest($3, $4, $5, $6) WITH ORDINALITY AS r(due_from, due_until, risk_after, risk_until, n)
ORDER BY r.n";

/// Instants between which a standing lies: due from and before, at risk after and until.
fn ranges(standing: Option<Running>, now: DateTime<Utc>) -> [DateTime<Utc>; 4] {
    let never = Position::start().due_at;
    let always = DateTime::<Utc>::from_timestamp(253_402_300_799, 0).unwrap_or_default();
    // Overdue is after the instant on which it is due; the database counts in microseconds.
    match standing {
        None => [never, always, never, always],
        Some(Running::Overdue) => [never, now, never, always],
        Some(Running::AtRisk) => [now, always, never, now],
        Some(Running::Due) => [now, always, now, always],
    }
}

/// A page of what is due in any of the scopes, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    standing: Option<Running>,
    after: &Position,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Row>, Problem> {
    let [due_from, due_until, risk_after, risk_until] = ranges(standing, now);
    Ok(sql_query(LIST)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Timestamptz, _>(after.due_at)
        .bind::<SqlUuid, _>(after.record)
        .bind::<Text, _>(&after.code)
        .bind::<BigInt, _>(limit + 1)
        .bind::<Timestamptz, _>(due_from)
        .bind::<Timestamptz, _>(due_until)
        .bind::<Timestamptz, _>(risk_after)
        .bind::<Timestamptz, _>(risk_until)
        .prepared()
        .load(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How much there is of each standing, counted as far as [`MOST_COUNTED`].
///
/// # Errors
/// As the database says.
pub async fn count(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    now: DateTime<Utc>,
) -> Result<Counts, Problem> {
    let each = [Running::Overdue, Running::AtRisk, Running::Due].map(|standing| ranges(Some(standing), now));
    let column = |at: usize| each.iter().filter_map(|range| range.get(at).copied()).collect::<Vec<_>>();
    let rows: Vec<Count> = sql_query(COUNT)
        .bind::<Array<Text>, _>(scopes)
        .bind::<BigInt, _>(MOST_COUNTED)
        .bind::<Array<Timestamptz>, _>(column(0))
        .bind::<Array<Timestamptz>, _>(column(1))
        .bind::<Array<Timestamptz>, _>(column(2))
        .bind::<Array<Timestamptz>, _>(column(3))
        .prepared()
        .load(connection)
        .await?;
    let mut counted = rows.into_iter().map(|row| row.count);
    let mut next = || counted.next().unwrap_or_default();
    Ok(Counts { overdue: next(), at_risk: next(), due: next() })
}
