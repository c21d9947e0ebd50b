//! What there is about people, under row-level security. Each look is bounded and led by an index.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

/// How many records of one person are shown.
const RECORDS_EACH: i64 = 5;
/// How many are looked at that a worker leads to.
const LED: i64 = 100;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// A record, as far as a list of many kinds shows it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Record {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    /// Someone it is about, where it was reached by them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<Uuid>,
}

/// The records about people, the newest of each person first. A record is given once for each of them.
pub const ABOUT: &str = "\
SELECT r.id, r.kind, r.state, r.since, l.reference, l.locality, p.person_id
FROM unnest($1) AS p(person_id)
CROSS JOIN LATERAL (
    SELECT about.record_id AS id, s.kind, s.state, s.sort_at AS since
    FROM record_subject about
    CROSS JOIN LATERAL (
        SELECT kind, state, sort_at FROM record_scope WHERE record_id = about.record_id AND view = 'full' LIMIT 1) s
    WHERE about.person_id = p.person_id AND s.kind NOT IN ('person', 'alert')
    ORDER BY s.sort_at DESC, about.record_id DESC LIMIT $2) r
LEFT JOIN LATERAL (SELECT reference, locality FROM record_label WHERE id = r.id LIMIT 1) l ON true
ORDER BY r.since DESC, r.id DESC";

/// The records about people.
///
/// # Errors
/// As the database says.
pub async fn about(connection: &mut AsyncPgConnection, people: &[Uuid]) -> Result<Vec<Record>, Problem> {
    Ok(diesel::sql_query(ABOUT)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<BigInt, _>(RECORDS_EACH)
        .prepared()
        .load(connection)
        .await?)
}

/// Records by their ids, with one row for each person they are about, for whoever has them whole.
const WITH_PEOPLE: &str = "\
SELECT r.id, s.kind, s.state, s.sort_at AS since, l.reference, l.locality, about.person_id
FROM unnest($1) AS r(id)
CROSS JOIN LATERAL (
    SELECT kind, state, sort_at, view FROM record_scope WHERE record_id = r.id ORDER BY view = 'full' DESC LIMIT 1) s
LEFT JOIN LATERAL (SELECT reference, locality FROM record_label WHERE id = r.id LIMIT 1) l ON true
LEFT JOIN record_subject about ON about.record_id = r.id AND s.view = 'full'
ORDER BY s.sort_at DESC, r.id DESC";

async fn with_people(connection: &mut AsyncPgConnection, found: Vec<Id>) -> Result<Vec<Record>, Problem> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = found.into_iter().map(|row| row.id).collect();
    Ok(diesel::sql_query(WITH_PEOPLE).bind::<Array<SqlUuid>, _>(ids).prepared().load(connection).await?)
}

/// The records with a reference: whatever of this service has one, since nobody who reads one out knows what it is of.
///
/// # Errors
/// As the database says.
pub async fn by_reference(connection: &mut AsyncPgConnection, reference: &str) -> Result<Vec<Record>, Problem> {
    let found = diesel::sql_query(
        "SELECT id FROM referral WHERE reference = $1
         UNION ALL SELECT id FROM family WHERE reference = $1
         UNION ALL SELECT id FROM missing_episode WHERE reference = $1
         UNION ALL SELECT id FROM exploitation_concern WHERE reference = $1
         UNION ALL SELECT id FROM support_group WHERE reference = $1
         UNION ALL SELECT id FROM brief_intervention WHERE reference = $1
         UNION ALL SELECT id FROM short_break WHERE reference = $1",
    )
    .bind::<Text, _>(reference)
    .prepared()
    .load(connection)
    .await?;
    with_people(connection, found).await
}

/// The records somebody works on now, by the name they sign in with.
///
/// # Errors
/// As the database says.
pub async fn by_worker(connection: &mut AsyncPgConnection, worker: &str) -> Result<Vec<Record>, Problem> {
    let found = diesel::sql_query(
        "SELECT case_id AS id FROM case_worker WHERE name = $1 AND to_at IS NULL ORDER BY from_at DESC LIMIT $2",
    )
    .bind::<Text, _>(worker)
    .bind::<BigInt, _>(LED)
    .prepared()
    .load(connection)
    .await?;
    with_people(connection, found).await
}
