//! The alerts' rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::Actor;
use shared::events::Event;
use shared::page::Cursor;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::api::{AlertId, Urgency};
use crate::schema::alert;

/// An alert to be raised.
#[derive(Clone, Copy, Debug)]
pub struct Alert<'a> {
    /// What it is: `missing_child`; of a reminder the code of the clock that ran out.
    pub kind: &'a str,
    /// How soon it wants somebody.
    pub urgency: Urgency,
    /// What it is about: the first word of the record's address, `referrals`.
    pub about: &'a str,
    /// The record it is about.
    pub record: Uuid,
    /// Whom it is about; what restricts them restricts the alert.
    pub people: &'a [Uuid],
    /// Who is to learn of it: `front-door`, `hub:charnwood`, `team:youth-work`.
    pub scopes: &'a [String],
    /// The district, if one is known.
    pub locality: Option<&'a str>,
}

/// Raises an alert. The answer is what the other services are to be told, unless they must not learn of it.
///
/// # Errors
/// As the database says.
pub async fn raise(
    connection: &mut AsyncPgConnection,
    raised: &Alert<'_>,
    now: DateTime<Utc>,
) -> Result<Event, Problem> {
    let id = AlertId::new();
    diesel::insert_into(alert::table)
        .values((
            alert::id.eq(id),
            alert::kind.eq(raised.kind),
            alert::urgency.eq(raised.urgency.as_str()),
            alert::raised_at.eq(now),
            alert::about.eq(raised.about),
            alert::about_id.eq(raised.record),
            alert::locality.eq(raised.locality),
            alert::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let about: Vec<(Uuid, Uuid)> = raised.people.iter().map(|person| (id.0, *person)).collect();
    access::subjects(connection, &about).await?;
    // Only now: whoever raises it for others may not hold any of their scopes.
    let grants: Vec<Grant> = raised
        .scopes
        .iter()
        .map(|scope| Grant {
            record: id.0,
            kind: "alert",
            scope: scope.clone(),
            view: View::Full,
            state: raised.urgency.as_str(),
            sort_at: now,
        })
        .collect();
    access::grant(connection, &grants).await?;
    let facts = serde_json::json!({
        "alert_id": id, "kind": raised.kind, "urgency": raised.urgency, "about": raised.about,
        "record_id": raised.record, "locality": raised.locality, "raised_at": now,
    });
    Ok(Event::new("alert.raised.v1", raised.record, facts))
}

/// Raises an alert, and tells the other services of it.
///
/// # Errors
/// As the database says.
pub async fn tell<T>(tx: &mut Write<'_, T>, raised: &Alert<'_>) -> Result<(), Problem> {
    let now = tx.now();
    let told = raise(tx, raised, now).await?;
    tx.publish(told);
    Ok(())
}

/// An alert's row.
#[derive(Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = alert)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    pub id: AlertId,
    pub kind: String,
    pub urgency: String,
    pub raised_at: DateTime<Utc>,
    pub about: String,
    pub about_id: Uuid,
    pub locality: Option<String>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub acknowledged_by_name: Option<String>,
    pub note: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// The list behind `GET /v1/alerts`, newest first.
pub const LIST: Listing = Listing::new("alert", "a.*", "JOIN alert a ON a.id = page.record_id");

/// A page of the alerts in any of the scopes that stand in one of the states, newest first.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    states: &[&str],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    LIST.page(connection, &Asked { scopes, states: Some(states), filter: None, after, limit }).await
}

/// One alert, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, id: AlertId) -> Result<Row, Problem> {
    let row = alert::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: AlertId) -> Result<Row, Problem> {
    let row = alert::table.find(id).select(Row::as_select()).for_update().first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// Records who has seen to it.
///
/// # Errors
/// As the database says.
pub async fn acknowledge(
    connection: &mut AsyncPgConnection,
    row: &Row,
    who: &Actor,
    note: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::update(alert::table.find(row.id))
        .set((
            alert::acknowledged_at.eq(now),
            alert::acknowledged_by_name.eq(&who.name),
            alert::note.eq(note),
            alert::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    access::move_to_state(connection, row.id.0, "acknowledged").await
}

/// Ends the alerts of these kinds about a record that nobody has seen to: what they ask for is done. The reminders
/// of a clock end with the clock, by themselves.
///
/// # Errors
/// 500 if the caller does not see the record.
pub async fn end(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    kinds: &[&str],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT alerts_end($1, $2, $3)")
        .bind::<SqlUuid, _>(record)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Timestamptz, _>(now)
        .execute(connection)
        .await?;
    Ok(())
}

/// A clock that has run out and is to be chased.
#[derive(Debug, QueryableByName)]
pub struct Overdue {
    #[diesel(sql_type = SqlUuid)]
    pub record_id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub about: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
}

/// Claims clocks that are to be chased now, as the worker role, and counts each as chased.
///
/// # Errors
/// As the database says.
pub async fn claim_overdue(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Overdue>, diesel::result::Error> {
    diesel::sql_query(
        "WITH late AS (
             SELECT d.record_id, d.code, d.started_at, c.about, c.whom
             FROM chase c
             CROSS JOIN LATERAL (
                 SELECT d.record_id, d.code, d.started_at FROM deadline d
                 LEFT JOIN chased x ON x.record_id = d.record_id AND x.code = d.code
                 WHERE d.code = c.code AND d.met_at IS NULL AND d.due_at <= $1 - make_interval(hours => c.after_hours)
                   -- A clock that was started again is chased anew.
                   AND (x.record_id IS NULL OR x.last_at < d.started_at OR (x.times < c.times AND x.last_at <= $1 - make_interval(hours => c.again_hours)))
                 ORDER BY d.due_at LIMIT $2 FOR UPDATE OF d SKIP LOCKED) d
         ), counted AS (
             INSERT INTO chased AS x (record_id, code, times, last_at) SELECT record_id, code, 1, $1 FROM late
             ON CONFLICT (record_id, code) DO UPDATE SET last_at = excluded.last_at, times = CASE
                 WHEN x.last_at < (SELECT l.started_at FROM late l WHERE l.record_id = x.record_id AND l.code = x.code)
                 THEN 1 ELSE x.times + 1 END
         )
         SELECT l.record_id, l.code, l.about,
                ARRAY(SELECT s.scope FROM record_scope s
                      WHERE s.record_id = l.record_id AND split_part(s.scope, ':', 1) = ANY (l.whom)) AS scopes,
                ARRAY(SELECT b.person_id FROM record_subject b WHERE b.record_id = l.record_id) AS people,
                (SELECT substr(s.scope, 5) FROM record_scope s
                 WHERE s.record_id = l.record_id AND s.scope ^@ 'hub:' LIMIT 1) AS locality
         FROM late l",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await
}
