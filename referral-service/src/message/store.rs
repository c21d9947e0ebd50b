//! The messages' rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{MessageId, Side};
use crate::referral::domain::ReferralId;
use crate::schema::message;

/// What of a referral matters to its messages.
#[derive(Debug, QueryableByName)]
pub struct Talked {
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Bool)]
    full: bool,
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

impl Talked {
    /// The side of the caller.
    pub fn side(&self) -> Side {
        Side::of(self.full)
    }
}

/// The referral, as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn talked(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Talked, Problem> {
    let rows: Vec<Talked> = diesel::sql_query(
        "SELECT r.agency, r.locality, r.version,
                EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = r.id AND s.view = 'full') AS \"full\",
                ARRAY(SELECT b.person_id FROM record_subject b WHERE b.record_id = r.id) AS people
         FROM referral r WHERE r.id = $1",
    )
    .bind::<SqlUuid, _>(referral)
    .prepared()
    .load(connection)
    .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// A message's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = message)]
pub struct Row {
    pub id: MessageId,
    pub sent_at: DateTime<Utc>,
    pub side: String,
    pub author_name: String,
    pub author_agency: String,
    pub words: String,
    pub seen_at: Option<DateTime<Utc>>,
}

/// Keeps what somebody says.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    id: MessageId,
    referral: ReferralId,
    side: Side,
    who: &Actor,
    words: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use message::dsl;
    diesel::insert_into(dsl::message)
        .values((
            dsl::id.eq(id),
            dsl::referral_id.eq(referral),
            dsl::sent_at.eq(now),
            dsl::side.eq(side.as_str()),
            dsl::author.eq(who.user.0),
            dsl::author_name.eq(&who.name),
            dsl::author_agency.eq(who.agency.as_str()),
            dsl::words.eq(words),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// One message of a referral.
///
/// # Errors
/// 404 if there is none such, or the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, referral: ReferralId, id: MessageId) -> Result<Row, Problem> {
    let row = message::table
        .find(id)
        .filter(message::referral_id.eq(referral))
        .select(Row::as_select())
        .first(connection)
        .await
        .optional()?;
    row.ok_or_else(Problem::not_found)
}

/// A page of a referral's messages, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    use message::dsl;
    Ok(dsl::message
        .filter(dsl::referral_id.eq(referral))
        .filter(dsl::sent_at.lt(after.sort_at).or(dsl::sent_at.eq(after.sort_at).and(dsl::id.lt(after.id))))
        .order((dsl::sent_at.desc(), dsl::id.desc()))
        .limit(limit + 1)
        .select(Row::as_select())
        .load(connection)
        .await?)
}

/// How many messages of a side the other has not seen.
///
/// # Errors
/// As the database says.
pub async fn unseen(connection: &mut AsyncPgConnection, referral: ReferralId, side: Side) -> Result<i64, Problem> {
    use message::dsl;
    Ok(dsl::message
        .filter(dsl::referral_id.eq(referral))
        .filter(dsl::side.eq(side.as_str()))
        .filter(dsl::seen_at.is_null())
        .count()
        .get_result(connection)
        .await?)
}

/// Notes that the messages of a side were seen, up to one of them. The answer is how many were new.
///
/// # Errors
/// As the database says.
pub async fn see(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    side: Side,
    last: &Row,
    now: DateTime<Utc>,
) -> Result<usize, Problem> {
    use message::dsl;
    Ok(diesel::update(dsl::message)
        .filter(dsl::referral_id.eq(referral))
        .filter(dsl::side.eq(side.as_str()))
        .filter(dsl::seen_at.is_null())
        .filter(dsl::sent_at.lt(last.sent_at).or(dsl::sent_at.eq(last.sent_at).and(dsl::id.le(last.id))))
        .set(dsl::seen_at.eq(now))
        .execute(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Recipients {
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scopes: Option<Vec<String>>,
}

/// Who is to learn that a side wrote, as scopes.
///
/// # Errors
/// As the database says.
pub async fn recipients(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    talked: &Talked,
) -> Result<Vec<String>, Problem> {
    if talked.side() == Side::Worker {
        return Ok(vec![format!("agency:{}", talked.agency)]);
    }
    let row: Recipients = diesel::sql_query("SELECT message_recipients($1) AS scopes")
        .bind::<SqlUuid, _>(referral)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.scopes.unwrap_or_default())
}
