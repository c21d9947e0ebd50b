//! Beginning anew: the facts and the consumer's place are emptied together, and the consumer reads
//! the whole log again.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::measure::store::CONSUMER;

/// Every table of facts.
const FACTS: &[&str] = &[
    "agency_action_fact",
    "allocation_fact",
    "audit_grade_fact",
    "referral_fact",
    "missing_fact",
    "exploitation_fact",
    "onward_fact",
    "information_request_fact",
    "case_fact",
    "measurement_fact",
    "score_fact",
    "issue_fact",
    "follow_up_fact",
    "group_attendance_fact",
    "group_completion_fact",
    "brief_fact",
    "feedback_fact",
    "development_fact",
    "pathway_fact",
    "partner_family_fact",
];

/// Empties the projection, as the worker role. It may be run while the service serves: the running
/// consumer is interrupted, finds its place gone, and reads the log from its beginning. Until it
/// has, figures say that the log has not been read.
///
/// # Errors
/// The database's own words.
pub async fn rebuild(worker_url: &str) -> Result<(), String> {
    let mut connection = AsyncPgConnection::establish(worker_url).await.map_err(|error| error.to_string())?;
    loop {
        // A consumer remembers its place as long as it holds its lock, so it must let go of it first.
        interrupt(&mut connection).await.map_err(|error| error.to_string())?;
        if lock(&mut connection).await.map_err(|error| error.to_string())? {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    connection
        .transaction(async |connection| {
            for table in FACTS {
                sql_query(format!("DELETE FROM {table}")).execute(connection).await?;
            }
            for table in ["consumed_event", "dead_letter", "consumer_position"] {
                sql_query(format!("DELETE FROM {table} WHERE consumer = $1"))
                    .bind::<Text, _>(CONSUMER)
                    .execute(connection)
                    .await?;
            }
            Ok::<(), diesel::result::Error>(())
        })
        .await
        .map_err(|error| error.to_string())
}

#[derive(diesel::QueryableByName)]
struct Yes {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    yes: bool,
}

/// The lock that `shared::events` lets one consumer hold; it goes with this connection.
async fn lock(connection: &mut AsyncPgConnection) -> Result<bool, diesel::result::Error> {
    let lock: Yes = sql_query("SELECT pg_try_advisory_lock(hashtextextended($1, 7461283)) AS yes")
        .bind::<Text, _>(CONSUMER)
        .get_result(connection)
        .await?;
    Ok(lock.yes)
}

/// Ends the connection of whichever consumer holds the lock; it connects again by itself.
async fn interrupt(connection: &mut AsyncPgConnection) -> Result<usize, diesel::result::Error> {
    sql_query(
        "SELECT pg_terminate_backend(l.pid) FROM pg_locks l, hashtextextended($1, 7461283) AS k(key) \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid <> pg_backend_pid() \
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
           AND ((l.classid::bigint << 32) | l.objid::bigint) = k.key",
    )
    .bind::<Text, _>(CONSUMER)
    .execute(connection)
    .await
}
