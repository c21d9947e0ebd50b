//! The allocation's rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{AllocationStatus, Answer, transition};
use crate::referral::domain::ReferralId;
use crate::referral::offer::AllocationId;
use crate::schema::{allocation, decision};

/// An allocation's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = allocation)]
pub struct Allocation {
    pub id: AllocationId,
    pub service: String,
    pub status: String,
    pub version: i64,
}

/// Which referral an allocation is of, if the caller sees it: asked before anything is locked,
/// because the referral is always locked first.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn referral_of(connection: &mut AsyncPgConnection, id: AllocationId) -> Result<ReferralId, Problem> {
    let found = allocation::table.find(id).select(allocation::referral_id).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The allocation, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: AllocationId) -> Result<Allocation, Problem> {
    allocation::table
        .find(id)
        .select(Allocation::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

impl Allocation {
    /// Where it stands, in words.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn standing(&self) -> Result<&'static str, Problem> {
        let status: AllocationStatus =
            self.status.parse().map_err(|()| Problem::internal(&"unknown allocation status"))?;
        Ok(status.in_words())
    }

    /// Takes the service's answer.
    ///
    /// # Errors
    /// 409 if it can't be answered so now.
    pub async fn answer(
        &mut self,
        connection: &mut AsyncPgConnection,
        answer: Answer,
        at: DateTime<Utc>,
        outcome: Option<&str>,
        note: Option<&str>,
    ) -> Result<(), Problem> {
        let from: AllocationStatus =
            self.status.parse().map_err(|()| Problem::internal(&"unknown allocation status"))?;
        let to = transition(from, answer).map_err(|refused| Problem::conflict(refused.to_string()))?;
        self.version += 1;
        self.status = to.as_str().to_owned();
        let row = diesel::update(allocation::table.find(self.id));
        let common =
            (allocation::status.eq(to.as_str()), allocation::version.eq(self.version), allocation::note.eq(note));
        let changed = if answer == Answer::Close {
            row.set((common, allocation::closed_at.eq(at), allocation::outcome.eq(outcome))).execute(connection).await?
        } else {
            row.set((common, allocation::answered_at.eq(at))).execute(connection).await?
        };
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }
}

/// Whether the hub asked the service, rather than the front door.
///
/// # Errors
/// As the database says.
pub async fn was_asked_by_hub(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<bool, Problem> {
    let stage: Option<String> = decision::table
        .filter(decision::referral_id.eq(referral))
        .order(decision::decided_at.desc())
        .select(decision::stage)
        .first(connection)
        .await
        .optional()?;
    Ok(stage.as_deref() == Some("hub"))
}

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
    pub status: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub offered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub answered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub outcome: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub children: Option<serde_json::Value>,
}

const COLUMNS: &str = "\
a.id, a.referral_id, r.reference, a.service, a.status, r.locality, a.offered_at, a.answered_at, a.closed_at,
a.outcome, a.note, a.version,
(SELECT jsonb_agg(jsonb_build_object('given_name', n.given_name, 'family_name', n.family_name,
        'birth_date', n.birth_date) ORDER BY n.place)
 FROM named_person n WHERE n.referral_id = a.referral_id AND n.relation = 'child') AS children";

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
    // Two texts rather than `state = $2 OR $2 IS NULL`, which no index range serves.
    let state = if status.is_some() { "state = $2" } else { "$2::text IS NULL" };
    let statement = format!(
        "SELECT {COLUMNS}
         FROM (SELECT DISTINCT p.sort_at, p.record_id
               FROM unnest($1) AS s(scope)
               CROSS JOIN LATERAL (
                   SELECT sort_at, record_id FROM record_scope
                   WHERE scope = s.scope AND kind = 'allocation' AND {state} AND (sort_at, record_id) < ($3, $4)
                   ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
               ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
         JOIN allocation a ON a.id = page.record_id
         LEFT JOIN referral r ON r.id = a.referral_id
         ORDER BY page.sort_at DESC, page.record_id DESC"
    );
    Ok(diesel::sql_query(statement)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Nullable<Text>, _>(status.map(AllocationStatus::as_str))
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
