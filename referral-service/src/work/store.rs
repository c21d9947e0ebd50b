//! What a work list says of this service's records.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use shared::work::{About, Row};
use uuid::Uuid;

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    locality: Option<String>,
}

/// References and districts of the records on a page.
///
/// # Errors
/// As the database says.
pub async fn describe(connection: &mut AsyncPgConnection, rows: &[Row]) -> Result<HashMap<Uuid, About>, Problem> {
    let records: Vec<Uuid> = rows.iter().map(|row| row.record_id).collect();
    let described: Vec<Described> =
        diesel::sql_query("SELECT id, reference, locality FROM record_label WHERE id = ANY ($1)")
            .bind::<Array<SqlUuid>, _>(records)
            .prepared()
            .load(connection)
            .await?;
    let about = |row: Described| (row.id, About { address: None, reference: row.reference, locality: row.locality });
    Ok(described.into_iter().map(about).collect())
}
