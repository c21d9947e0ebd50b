//! The clocks that run on a record.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::db::KeepPrepared;
use crate::problem::Problem;

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Running, and not late yet.
    Due,
    /// Running, and late.
    Overdue,
    /// Stopped in time.
    Met,
    /// Stopped late.
    MetLate,
}

/// Where a clock stands at an instant.
pub fn standing(due_at: DateTime<Utc>, met_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Standing {
    match met_at {
        Some(met) if met <= due_at => Standing::Met,
        Some(_) => Standing::MetLate,
        None if now <= due_at => Standing::Due,
        None => Standing::Overdue,
    }
}

crate::words! {
    /// Where a clock that runs stands, for whoever has to meet it.
    #[schema(as = WorkStanding)]
    Running {
        /// Not late, and not in the last quarter of its time.
        Due = "due",
        /// In the last quarter of its time.
        AtRisk = "at_risk",
        /// Late.
        Overdue = "overdue",
    }
}

/// When the last quarter of a clock's time begins. A clock that was late as it was started has none:
/// it begins when it is due.
pub fn at_risk_from(started_at: DateTime<Utc>, due_at: DateTime<Utc>) -> DateTime<Utc> {
    due_at - (due_at - started_at).max(TimeDelta::zero()) / 4
}

/// Where a running clock stands at an instant. Like [`standing`], it is not late on the instant
/// on which it is due.
pub fn running(started_at: DateTime<Utc>, due_at: DateTime<Utc>, now: DateTime<Utc>) -> Running {
    if now > due_at {
        Running::Overdue
    } else if now >= at_risk_from(started_at, due_at) {
        Running::AtRisk
    } else {
        Running::Due
    }
}

/// Starts a clock.
///
/// # Errors
/// As the database says.
pub async fn start(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    code: &str,
    started_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<(), Problem> {
    sql_query("INSERT INTO deadline (record_id, code, started_at, due_at) VALUES ($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(code)
        .bind::<Timestamptz, _>(started_at)
        .bind::<Timestamptz, _>(due_at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Starts the same clock of several records.
///
/// # Errors
/// As the database says.
pub async fn start_all(
    connection: &mut AsyncPgConnection,
    records: &[Uuid],
    code: &str,
    started_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<(), Problem> {
    sql_query("INSERT INTO deadline (record_id, code, started_at, due_at) SELECT r, $2, $3, $4 FROM unnest($1) AS r")
        .bind::<Array<SqlUuid>, _>(records)
        .bind::<Text, _>(code)
        .bind::<Timestamptz, _>(started_at)
        .bind::<Timestamptz, _>(due_at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Due {
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
}

/// When a clock of the record is due.
///
/// # Errors
/// 500 if the record has no such clock.
pub async fn due(connection: &mut AsyncPgConnection, record: Uuid, code: &str) -> Result<DateTime<Utc>, Problem> {
    let row: Due = sql_query("SELECT due_at FROM deadline WHERE record_id = $1 AND code = $2")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(code)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.due_at)
}

/// Stops a clock, if it runs.
///
/// # Errors
/// As the database says.
pub async fn meet(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    code: &str,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    sql_query("UPDATE deadline SET met_at = $3 WHERE record_id = $1 AND code = $2 AND met_at IS NULL")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(code)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// A clock of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, diesel::QueryableByName)]
pub struct Clock {
    /// Since when it has run.
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    /// When it is due.
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    /// When it was stopped.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub met_at: Option<DateTime<Utc>>,
}

/// A clock of the record, if it has such a one.
///
/// # Errors
/// As the database says.
pub async fn clock(connection: &mut AsyncPgConnection, record: Uuid, code: &str) -> Result<Option<Clock>, Problem> {
    let rows: Vec<Clock> =
        sql_query("SELECT started_at, due_at, met_at FROM deadline WHERE record_id = $1 AND code = $2")
            .bind::<SqlUuid, _>(record)
            .bind::<Text, _>(code)
            .prepared()
            .load(connection)
            .await?;
    Ok(rows.into_iter().next())
}

/// Starts a clock, or starts it anew if it ran before: what it times happens again.
///
/// # Errors
/// As the database says.
pub async fn restart(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    code: &str,
    started_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
) -> Result<(), Problem> {
    sql_query(
        "INSERT INTO deadline (record_id, code, started_at, due_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (record_id, code) DO UPDATE \
             SET started_at = excluded.started_at, due_at = excluded.due_at, met_at = NULL",
    )
    .bind::<SqlUuid, _>(record)
    .bind::<Text, _>(code)
    .bind::<Timestamptz, _>(started_at)
    .bind::<Timestamptz, _>(due_at)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Says who answers for a clock, or that nobody in particular does any more. Does nothing if the
/// record has no such clock.
///
/// # Errors
/// As the database says.
pub async fn assign(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    code: &str,
    owner: Option<Uuid>,
) -> Result<(), Problem> {
    sql_query("UPDATE deadline SET owner = $3 WHERE record_id = $1 AND code = $2")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(code)
        .bind::<Nullable<SqlUuid>, _>(owner)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Stops every clock of the record that still runs.
///
/// # Errors
/// As the database says.
pub async fn meet_all(connection: &mut AsyncPgConnection, record: Uuid, at: DateTime<Utc>) -> Result<(), Problem> {
    sql_query("UPDATE deadline SET met_at = $2 WHERE record_id = $1 AND met_at IS NULL")
        .bind::<SqlUuid, _>(record)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_quarter_of_its_time_puts_a_clock_at_risk() {
        let started = DateTime::<Utc>::UNIX_EPOCH;
        let due = started + TimeDelta::hours(8);
        let at = |minutes: i64| running(started, due, started + TimeDelta::minutes(minutes));
        assert_eq!(at(0), Running::Due);
        assert_eq!(at(6 * 60 - 1), Running::Due);
        assert_eq!(at(6 * 60), Running::AtRisk);
        assert_eq!(at(8 * 60), Running::AtRisk);
        assert_eq!(at(8 * 60 + 1), Running::Overdue);
        // Late from its start: nothing is a quarter of no time.
        assert_eq!(running(due, started, due), Running::Overdue);
        assert_eq!(running(due, started, started), Running::AtRisk);
    }

    #[test]
    fn a_clock_stopped_on_the_instant_is_in_time() {
        let due = DateTime::<Utc>::UNIX_EPOCH;
        let later = due + chrono::TimeDelta::seconds(1);
        assert_eq!(standing(due, Some(due), later), Standing::Met);
        assert_eq!(standing(due, Some(later), later), Standing::MetLate);
        assert_eq!(standing(due, None, due), Standing::Due);
        assert_eq!(standing(due, None, later), Standing::Overdue);
    }
}
