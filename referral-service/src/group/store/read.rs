//! How groups are read.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{Asked, Listing};
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::group::domain::{GroupId, GroupStatus};

/// A group as it is shown: `run` only to who has it whole.
#[derive(Debug, QueryableByName)]
pub struct GroupShown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub programme: String,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Integer)]
    pub capacity: i32,
    #[diesel(sql_type = Integer)]
    pub taken: i32,
    #[diesel(sql_type = Integer)]
    pub waiting: i32,
    #[diesel(sql_type = Date)]
    pub first_day: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub last_day: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub planned_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Date>)]
    pub ended_on: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub sessions: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub completion_rule: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub run: Option<serde_json::Value>,
}

const SHOW: &str = "\
SELECT g.*,
       (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.held_on, s.id) FROM group_session s WHERE s.group_id = g.id) AS sessions,
       (SELECT to_jsonb(c) FROM group_completion_rule c
        WHERE c.programme IN (g.programme, '*') AND c.valid_from <= coalesce(g.ended_on, g.last_day, g.first_day)
          AND (c.valid_to IS NULL OR c.valid_to > coalesce(g.ended_on, g.last_day, g.first_day))
        ORDER BY c.programme = '*', c.valid_from DESC LIMIT 1) AS completion_rule,
       (SELECT to_jsonb(r) || jsonb_build_object(
            'facilitators', (SELECT jsonb_agg(jsonb_build_object('user_id', f.user_id, 'name', f.name) ORDER BY f.name, f.user_id)
                             FROM group_facilitator f WHERE f.group_id = g.id),
            'enrolments', (SELECT coalesce(jsonb_object_agg(t.status, t.n), '{}') FROM (
                               SELECT e.status, count(*) AS n FROM group_enrolment e WHERE e.group_id = g.id GROUP BY e.status) t),
            'attendance', (SELECT jsonb_build_object(
                               'attended', count(*) FILTER (WHERE a.attendance IN ('attended', 'late')),
                               'expected', count(*) FILTER (WHERE a.attendance <> 'excluded'))
                           FROM group_session s JOIN group_attendance a ON a.session_id = s.id AND a.replaced_at IS NULL
                           WHERE s.group_id = g.id AND s.status = 'held'))
        FROM group_run r WHERE r.group_id = g.id) AS run
FROM support_group g
WHERE g.id = $1";

/// One group as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: GroupId) -> Result<GroupShown, Problem> {
    let rows: Vec<GroupShown> = diesel::sql_query(SHOW).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// A group on a list.
#[derive(Debug, QueryableByName)]
pub struct GroupListed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub programme: String,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Integer)]
    pub capacity: i32,
    #[diesel(sql_type = Integer)]
    pub taken: i32,
    #[diesel(sql_type = Integer)]
    pub waiting: i32,
    #[diesel(sql_type = Date)]
    pub first_day: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    pub last_day: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
}

/// The list of groups, which can be narrowed to a programme.
pub const LIST: Listing = Listing::new(
    "group",
    "g.id, g.reference, g.title, g.programme, g.service, g.locality, g.capacity, g.taken, g.waiting, g.first_day,
     g.last_day, g.status, page.sort_at",
    "JOIN support_group g ON g.id = page.record_id",
)
.filtered_by("$6 = (SELECT m.programme FROM support_group m WHERE m.id = r.record_id)");

/// A page of the groups in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    (status, programme): (Option<GroupStatus>, Option<&str>),
    after: Cursor,
    limit: i64,
) -> Result<Vec<GroupListed>, Problem> {
    let status = status.map(GroupStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: programme, after, limit }).await
}
