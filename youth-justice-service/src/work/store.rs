//! What a work list says of this service's records.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use shared::work::{About, Row};
use uuid::Uuid;

use crate::schema::prevention_case::dsl;

/// References and districts of the cases on a page.
///
/// # Errors
/// As the database says.
pub async fn describe(connection: &mut AsyncPgConnection, rows: &[Row]) -> Result<HashMap<Uuid, About>, Problem> {
    let described: Vec<(Uuid, String, Option<String>)> = dsl::prevention_case
        .filter(dsl::id.eq_any(rows.iter().map(|row| row.record_id)))
        .select((dsl::id, dsl::reference, dsl::locality))
        .load(connection)
        .await?;
    let about = |(id, reference, locality)| (id, About { address: None, reference: Some(reference), locality });
    Ok(described.into_iter().map(about).collect())
}
