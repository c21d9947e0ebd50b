//! How episodes are shown and listed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::super::domain::{EpisodeId, MissingStatus};

/// One episode as anyone who sees it may see it, with the working team's part where the caller has
/// it: row-level security leaves the rest null.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub missing_since: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub reported_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub their_reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub returned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub interview_offered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub interview_answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub interview_in_time: Option<bool>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub same_absence_as: Option<Uuid>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub account: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub updates: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub back: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub interviews: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub cancellation: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub others: Option<serde_json::Value>,
}

// What the child's other records say, whether a concern about exploitation is open and how often the child went
// missing, is for the front door and for those who see another record of the child: whoever names a child they
// do not know reads what they told.
const SHOW: &str = "\
SELECT e.*, d.due_at, (SELECT m.same_as FROM missing_same_absence m JOIN missing_episode s ON s.id = m.same_as
        WHERE m.episode_id = e.id AND s.status <> 'cancelled' AND (s.returned_at IS NULL OR e.missing_since <= s.returned_at)) AS same_absence_as,
       CASE WHEN a.episode_id IS NOT NULL THEN to_jsonb(a) || CASE WHEN missing_known(e.id, a.person_id)
            THEN '{}'::jsonb ELSE jsonb_build_object('exploitation', NULL, 'repeat_number', NULL) END END AS account,
       (SELECT jsonb_agg(to_jsonb(u) || jsonb_build_object('recorded_by', u.recorded_by_name) ORDER BY u.recorded_at, u.id)
        FROM missing_update u WHERE u.episode_id = e.id) AS updates,
       (SELECT to_jsonb(r) || jsonb_build_object('recorded_by', r.recorded_by_name)
        FROM missing_return r WHERE r.episode_id = e.id) AS back,
       (SELECT jsonb_agg(to_jsonb(i) || jsonb_build_object('by', i.by_name) ORDER BY i.recorded_at, i.id)
        FROM missing_interview i WHERE i.episode_id = e.id) AS interviews,
       (SELECT to_jsonb(c) || jsonb_build_object('recorded_by', c.recorded_by_name)
        FROM missing_cancellation c WHERE c.episode_id = e.id) AS cancellation,
       (SELECT jsonb_agg(to_jsonb(o)) FROM (
            SELECT oe.id, oe.status, oe.missing_since, oe.returned_at,
                   (SELECT m.same_as FROM missing_same_absence m JOIN missing_episode s ON s.id = m.same_as
                    WHERE m.episode_id = oe.id AND s.status <> 'cancelled'
                      AND (s.returned_at IS NULL OR oe.missing_since <= s.returned_at)) AS same_absence_as
            FROM missing_account oa JOIN missing_episode oe ON oe.id = oa.episode_id
            WHERE oa.person_id = a.person_id AND oa.episode_id <> e.id
            ORDER BY oa.missing_since DESC LIMIT 10) o) AS others
FROM missing_episode e
LEFT JOIN missing_account a ON a.episode_id = e.id
LEFT JOIN deadline d ON d.record_id = e.id AND d.code = 'return_interview'
WHERE e.id = $1";

/// One episode as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: EpisodeId) -> Result<Shown, Problem> {
    let rows: Vec<Shown> = diesel::sql_query(SHOW).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// An episode on a list.
#[derive(Debug, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub missing_since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub returned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub their_reference: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub interview_answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub child: Option<serde_json::Value>,
}

/// The list of episodes, which can be narrowed to a district.
pub const LIST: Listing = Listing::new(
    "missing_episode",
    "e.id, e.reference, e.status, e.missing_since, e.returned_at, e.agency, e.locality, e.interview_answered_at,
     CASE WHEN a.episode_id IS NOT NULL OR e.agency = app_agency() THEN e.their_reference END AS their_reference,
     page.sort_at, d.due_at, CASE WHEN a.episode_id IS NOT NULL THEN jsonb_build_object(
         'person_id', a.person_id, 'given_name', a.given_name, 'family_name', a.family_name, 'birth_date', a.birth_date,
         'risk_level', coalesce((SELECT u.risk_level FROM missing_update u
             WHERE u.episode_id = e.id AND u.risk_level IS NOT NULL ORDER BY u.recorded_at DESC, u.id DESC LIMIT 1),
             a.risk_level)) || CASE WHEN missing_known(e.id, a.person_id)
         THEN jsonb_build_object('repeat_number', a.repeat_number, 'exploitation', a.exploitation)
         ELSE '{}'::jsonb END END AS child",
    "JOIN missing_episode e ON e.id = page.record_id
     LEFT JOIN missing_account a ON a.episode_id = e.id
     LEFT JOIN deadline d ON d.record_id = e.id AND d.code = 'return_interview'",
)
.filtered_by("$6 = (SELECT m.locality FROM missing_episode m WHERE m.id = r.record_id)");

/// A page of the episodes in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    (status, locality): (Option<MissingStatus>, Option<&str>),
    after: Cursor,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    let status = status.map(MissingStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: locality, after, limit }).await
}
