//! What is read of allocations and caseloads.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{Ceiling, Load};
use crate::referral::allocation::AllocationStatus;
use crate::referral::offer::AllocationId;
use crate::schema::{allocation, caseload_ceiling};

/// An allocation with what its team needs to know of the referral.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub referral_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Text)]
    pub part: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub case_type: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub complexity: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub asked_for: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub regardless_reason: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub offered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub waiting_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    pub expected_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub waiting_reason: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub transferred_to: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub children: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub workers: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub clocks: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub queue: Option<serde_json::Value>,
}

const COLUMNS: &str = "\
a.id, a.referral_id, r.reference, a.service, a.part, a.status, r.locality, a.case_type, a.complexity, a.asked_for,
a.regardless_reason, a.offered_at, a.waiting_since, a.expected_from, a.waiting_reason, a.answered_at, a.closed_at,
a.outcome, a.note, a.transferred_to, a.version,
(SELECT jsonb_agg(jsonb_build_object('given_name', n.given_name, 'family_name', n.family_name,
        'birth_date', n.birth_date) ORDER BY n.place)
 FROM named_person n WHERE n.referral_id = a.referral_id AND n.relation = 'child') AS children,
(SELECT jsonb_agg(jsonb_build_object('id', w.id, 'user_id', w.user_id, 'name', w.name, 'part', w.part,
        'from', w.from_at) ORDER BY w.part, w.from_at, w.id)
 FROM allocation_worker w WHERE w.allocation_id = a.id AND w.until_at IS NULL) AS workers,
(SELECT jsonb_object_agg(d.code, jsonb_build_object('due_at', d.due_at, 'met_at', d.met_at))
 FROM deadline d WHERE d.record_id = a.id) AS clocks,
CASE WHEN a.status = 'waiting' THEN
    (SELECT jsonb_build_object('ahead', q.ahead, 'waiting', q.waiting) FROM allocation_queue(a.id) q) END AS queue";

/// One allocation as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: AllocationId) -> Result<Shown, Problem> {
    let statement =
        format!("SELECT {COLUMNS} FROM allocation a LEFT JOIN referral r ON r.id = a.referral_id WHERE a.id = $1");
    let rows: Vec<Shown> = diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// The list behind `GET /v1/allocations`, newest first.
pub const LIST: Listing = Listing::new(
    "allocation",
    COLUMNS,
    "JOIN allocation a ON a.id = page.record_id LEFT JOIN referral r ON r.id = a.referral_id",
);

/// A page of the allocations in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<AllocationStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Shown>, Problem> {
    let status = status.map(AllocationStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
}

/// Says by which allocation another service took this one over.
///
/// # Errors
/// As the database says.
pub async fn passed_to(
    connection: &mut AsyncPgConnection,
    id: AllocationId,
    next: AllocationId,
) -> Result<(), Problem> {
    diesel::update(allocation::table.find(id)).set(allocation::transferred_to.eq(next.0)).execute(connection).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Usual {
    #[diesel(sql_type = Text)]
    case_type: String,
}

/// Which kind of work a service's usually is, if anyone said.
///
/// # Errors
/// As the database says.
pub async fn usual_case_type(connection: &mut AsyncPgConnection, service: &str) -> Result<Option<String>, Problem> {
    let found: Vec<Usual> = diesel::sql_query("SELECT case_type FROM usual_case_type WHERE service = $1")
        .bind::<Text, _>(service)
        .prepared()
        .load(connection)
        .await?;
    Ok(found.into_iter().next().map(|usual| usual.case_type))
}

#[derive(QueryableByName)]
struct LoadRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    leads: i64,
    #[diesel(sql_type = BigInt)]
    supports: i64,
    #[diesel(sql_type = BigInt)]
    points: i64,
}

/// What each worker of a team has in hand, the fullest first; of a team one works in.
///
/// # Errors
/// As the database says.
pub async fn loads(connection: &mut AsyncPgConnection, team: &str, today: NaiveDate) -> Result<Vec<Load>, Problem> {
    let rows: Vec<LoadRow> = diesel::sql_query("SELECT * FROM caseload($1, $2)")
        .bind::<Text, _>(team)
        .bind::<Date, _>(today)
        .prepared()
        .load(connection)
        .await?;
    let load = |row: LoadRow| Load {
        user: row.user_id,
        name: row.name,
        leads: row.leads,
        supports: row.supports,
        points: row.points,
    };
    Ok(rows.into_iter().map(load).collect())
}

/// What a team has before it.
#[derive(Debug, Default, QueryableByName)]
pub struct Standing {
    #[diesel(sql_type = BigInt)]
    pub offered: i64,
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    #[diesel(sql_type = BigInt)]
    pub in_work: i64,
    #[diesel(sql_type = BigInt)]
    pub without_lead_worker: i64,
}

/// What a team has before it; of a team one works in.
///
/// # Errors
/// As the database says.
pub async fn standing(connection: &mut AsyncPgConnection, team: &str) -> Result<Standing, Problem> {
    let rows: Vec<Standing> =
        diesel::sql_query("SELECT * FROM team_standing($1)").bind::<Text, _>(team).prepared().load(connection).await?;
    Ok(rows.into_iter().next().unwrap_or_default())
}

/// The ceilings of a team, newest first.
///
/// # Errors
/// As the database says.
pub async fn ceilings(connection: &mut AsyncPgConnection, team: &str) -> Result<Vec<Ceiling>, Problem> {
    let rows: Vec<(Option<Uuid>, i16)> = caseload_ceiling::table
        .filter(caseload_ceiling::team.eq(team))
        .order((caseload_ceiling::set_at.desc(), caseload_ceiling::id.desc()))
        .select((caseload_ceiling::user_id, caseload_ceiling::points))
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|(user, points)| Ceiling { user, points }).collect())
}

/// A ceiling as it is set.
#[derive(Clone, Copy, Debug)]
pub struct NewCeiling<'a> {
    pub id: Uuid,
    pub team: &'a str,
    pub user: Option<Uuid>,
    pub points: i16,
    pub reason: &'a str,
}

/// Sets a ceiling; the ones before stay to be read.
///
/// # Errors
/// As the database says.
pub async fn set_ceiling(
    connection: &mut AsyncPgConnection,
    new: &NewCeiling<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(caseload_ceiling::table)
        .values((
            caseload_ceiling::id.eq(new.id),
            caseload_ceiling::team.eq(new.team),
            caseload_ceiling::user_id.eq(new.user),
            caseload_ceiling::points.eq(new.points),
            caseload_ceiling::reason.eq(new.reason),
            caseload_ceiling::set_at.eq(now),
            caseload_ceiling::set_by_name.eq(&actor.name),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
