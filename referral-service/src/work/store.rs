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

/// The records with a reference or a district of their own, or those of the referral or family they
/// belong to. Each is found by its key and shown as far as the reader sees it.
const DESCRIBE: &str = "\
SELECT r.id, r.reference, r.locality FROM referral r WHERE r.id = ANY ($1)
UNION ALL
SELECT a.id, r.reference, r.locality FROM allocation a LEFT JOIN referral r ON r.id = a.referral_id WHERE a.id = ANY ($1)
UNION ALL
SELECT f.id, f.reference, f.locality FROM family f WHERE f.id = ANY ($1)
UNION ALL
SELECT c.id, f.reference, f.locality FROM family_case c LEFT JOIN family f ON f.id = c.family_id WHERE c.id = ANY ($1)
UNION ALL
SELECT u.id, f.reference, f.locality FROM follow_up u LEFT JOIN family f ON f.id = u.family_id WHERE u.id = ANY ($1)
UNION ALL
SELECT m.id, m.reference, m.locality FROM missing_episode m WHERE m.id = ANY ($1)
UNION ALL
SELECT p.id, p.family_reference, f.locality FROM plan_action p
    LEFT JOIN family_case c ON c.id = p.case_id LEFT JOIN family f ON f.id = c.family_id WHERE p.id = ANY ($1)";

/// References and districts of the records on a page.
///
/// # Errors
/// As the database says.
pub async fn describe(connection: &mut AsyncPgConnection, rows: &[Row]) -> Result<HashMap<Uuid, About>, Problem> {
    let records: Vec<Uuid> = rows.iter().map(|row| row.record_id).collect();
    let described: Vec<Described> =
        diesel::sql_query(DESCRIBE).bind::<Array<SqlUuid>, _>(records).prepared().load(connection).await?;
    let about = |row: Described| (row.id, About { address: None, reference: row.reference, locality: row.locality });
    Ok(described.into_iter().map(about).collect())
}
