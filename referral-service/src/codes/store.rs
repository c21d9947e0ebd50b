//! What each set of codes is of.

use std::collections::HashMap;

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;

#[derive(diesel::QueryableByName)]
struct Set {
    #[diesel(sql_type = Text)]
    set: String,
    #[diesel(sql_type = Text)]
    label: String,
}

/// What people call the sets, by their names.
///
/// # Errors
/// As the database says.
pub async fn labels(connection: &mut AsyncPgConnection) -> Result<HashMap<String, String>, Problem> {
    let rows: Vec<Set> = sql_query("SELECT set, label FROM code_set").load(connection).await?;
    Ok(rows.into_iter().map(|row| (row.set, row.label)).collect())
}
