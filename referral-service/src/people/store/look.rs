//! Who looked at a person's records.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

/// A look at a person's records.
#[derive(Debug, QueryableByName)]
pub struct Look {
    #[diesel(sql_type = SqlUuid)]
    pub entry_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub actor_name: String,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub on_behalf_of: Option<String>,
    #[diesel(sql_type = Text)]
    pub action: String,
    #[diesel(sql_type = Text)]
    pub outcome: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub record_id: Option<Uuid>,
}

/// Who looked at the person's records, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn access_log(
    connection: &mut AsyncPgConnection,
    id: PersonId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Look>, Problem> {
    let statement = "SELECT entry_id, at, actor_name, agency, on_behalf_of, action, outcome, record_id FROM access_log($1, $2, $3, $4)";
    Ok(diesel::sql_query(statement)
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<Integer, _>(i32::try_from(limit + 1).unwrap_or(i32::MAX))
        .prepared()
        .load(connection)
        .await?)
}
