//! How requests are shown, listed, and told to the people they are about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::super::domain::RequestId;
use crate::referral::domain::ReferralId;
use crate::schema::disclosure;

/// A request as whoever sees it may see it.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub referral_id: Uuid,
    /// Whether the caller sees the referral whole.
    #[diesel(sql_type = Bool)]
    pub team: bool,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = SmallInt)]
    pub years_back: i16,
    #[diesel(sql_type = Nullable<Text>)]
    pub justification: Option<String>,
    #[diesel(sql_type = Text)]
    pub purpose: String,
    #[diesel(sql_type = Text)]
    pub lawful_basis: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub question: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub asked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub asked_by_name: String,
    #[diesel(sql_type = Text)]
    pub asked_by_agency: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancelled_because: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Jsonb)]
    pub people: serde_json::Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub answer: Option<serde_json::Value>,
}

const SHOWN: &str = "\
SELECT q.id, q.referral_id, q.agency, q.status, q.scopes, q.years_back, q.justification, q.purpose, q.lawful_basis,
       q.question, q.asked_at, q.due_at, q.asked_by_name, q.asked_by_agency, q.settled_at, q.cancelled_because, q.version,
       EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = q.referral_id AND s.view = 'full') AS team,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('number', p.number, 'person_id', p.person_id, 'given_name', p.given_name,
               'family_name', p.family_name, 'birth_date', p.birth_date, 'address', p.address, 'postcode', p.postcode)
               ORDER BY p.number), '[]'::jsonb)
        FROM information_request_person p WHERE p.request_id = q.id) AS people,
       (SELECT jsonb_build_object('found', a.found, 'reason', a.reason, 'answered_at', a.answered_at,
               'answered_by', a.answered_by_name,
               'items', coalesce((SELECT jsonb_agg(jsonb_build_object('scope', i.scope, 'about', i.about, 'from', i.from_date,
                       'to', i.to_date, 'words', i.words, 'dash_grade', i.dash_grade) ORDER BY i.place)
                       FROM information_item i WHERE i.request_id = q.id), '[]'::jsonb))
        FROM information_answer a WHERE a.request_id = q.id) AS answer
FROM information_request q";

/// One request as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: RequestId) -> Result<Shown, Problem> {
    let rows: Vec<Shown> = diesel::sql_query(format!("{SHOWN} WHERE q.id = $1"))
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// All requests about a referral, oldest first. There are a few.
///
/// # Errors
/// As the database says.
pub async fn of_referral(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Shown>, Problem> {
    Ok(diesel::sql_query(format!("{SHOWN} WHERE q.referral_id = $1 ORDER BY q.asked_at, q.id"))
        .bind::<SqlUuid, _>(referral)
        .prepared()
        .load(connection)
        .await?)
}

/// A request on a list: whom it is about is for those who read it.
#[derive(Debug, QueryableByName)]
pub struct Line {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub asked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub asked_by_agency: String,
}

/// The list behind `GET /v1/information-requests`, newest first.
pub const LIST: Listing = Listing::new(
    "information_request",
    "q.id, q.agency, q.status, q.scopes, q.asked_at, q.due_at, q.settled_at, q.asked_by_agency",
    "JOIN information_request q ON q.id = page.record_id",
);

/// A page of the requests in any of the scopes that stand in one of the states, newest first, one row more
/// than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    states: &[&str],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    LIST.page(connection, &Asked { scopes, states: Some(states), filter: None, after, limit }).await
}

/// That something about a person was told.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = disclosure)]
pub struct Told {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub from_agency: String,
    pub to_agency: String,
    pub fields: Vec<String>,
    pub purpose: String,
    pub lawful_basis: String,
    pub about: String,
    pub about_id: Uuid,
    pub by_name: String,
}

/// A page of what was told about a person, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn disclosures(
    connection: &mut AsyncPgConnection,
    person: Uuid,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Told>, Problem> {
    use disclosure::dsl;
    Ok(dsl::disclosure
        .filter(dsl::person_id.eq(person))
        .filter(dsl::at.lt(after.sort_at).or(dsl::at.eq(after.sort_at).and(dsl::id.lt(after.id))))
        .order((dsl::at.desc(), dsl::id.desc()))
        .limit(limit + 1)
        .select(Told::as_select())
        .load(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Bool)]
    seen: bool,
}

/// Whether the caller sees that there is such a person, in any view.
///
/// # Errors
/// As the database says.
pub async fn person_is_seen(connection: &mut AsyncPgConnection, person: Uuid) -> Result<bool, Problem> {
    let row: Seen = diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM record_scope WHERE record_id = $1 AND kind = 'person') AS seen",
    )
    .bind::<SqlUuid, _>(person)
    .prepared()
    .get_result(connection)
    .await?;
    Ok(row.seen)
}
