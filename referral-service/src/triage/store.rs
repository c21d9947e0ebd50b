//! The rows of proposed decisions, and the queue.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{FrontDoorOutcome, Made, Rest};
use crate::referral::domain::ReferralId;
use crate::schema::proposed_decision;

/// A proposed decision's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = proposed_decision)]
pub struct Proposal {
    pub id: Uuid,
    outcome: String,
    pub level_of_need: i16,
    pub reason: String,
    pub locality: Option<String>,
    pub feedback: Option<String>,
    pub proposed_at: DateTime<Utc>,
    pub proposed_by: Uuid,
    pub proposed_by_name: String,
    pub due_at: DateTime<Utc>,
    pub settled_at: Option<DateTime<Utc>>,
    pub agreed: Option<bool>,
    pub settled_by_name: Option<String>,
    pub settled_because: Option<String>,
}

impl Proposal {
    /// What it proposes.
    ///
    /// # Errors
    /// 500 if the table holds an outcome this program does not know.
    pub fn outcome(&self) -> Result<FrontDoorOutcome, Problem> {
        self.outcome.parse().map_err(|()| Problem::internal(&"unknown outcome of a proposed decision"))
    }

    /// The decision it proposes.
    ///
    /// # Errors
    /// 500 if the table holds an outcome this program does not know.
    pub fn made(&self) -> Result<Made<'_>, Problem> {
        Ok(Made {
            outcome: self.outcome()?,
            level_of_need: self.level_of_need,
            reason: &self.reason,
            locality: self.locality.as_deref(),
            feedback: self.feedback.as_deref(),
        })
    }
}

/// Keeps a decision that waits for a manager.
///
/// # Errors
/// As the database says.
pub async fn propose(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    who: &Actor,
    made: &Made<'_>,
    now: DateTime<Utc>,
    due: DateTime<Utc>,
) -> Result<(), Problem> {
    use proposed_decision::dsl;
    diesel::insert_into(dsl::proposed_decision)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::referral_id.eq(referral),
            dsl::outcome.eq(made.outcome.as_str()),
            dsl::level_of_need.eq(made.level_of_need),
            dsl::reason.eq(made.reason),
            dsl::locality.eq(made.locality),
            dsl::feedback.eq(made.feedback),
            dsl::proposed_at.eq(now),
            dsl::proposed_by.eq(who.user.0),
            dsl::proposed_by_name.eq(&who.name),
            dsl::due_at.eq(due),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// The decision that waits for a manager, if one does.
///
/// # Errors
/// As the database says.
pub async fn waiting(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Option<Proposal>, Problem> {
    use proposed_decision::dsl;
    Ok(dsl::proposed_decision
        .filter(dsl::referral_id.eq(referral))
        .filter(dsl::settled_at.is_null())
        .select(Proposal::as_select())
        .first(connection)
        .await
        .optional()?)
}

/// Every decision that was proposed of the referral, oldest first. There are a few.
///
/// # Errors
/// As the database says.
pub async fn proposals(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Proposal>, Problem> {
    use proposed_decision::dsl;
    Ok(dsl::proposed_decision
        .filter(dsl::referral_id.eq(referral))
        .order((dsl::proposed_at, dsl::id))
        .select(Proposal::as_select())
        .load(connection)
        .await?)
}

/// Records what a manager answered.
///
/// # Errors
/// As the database says.
pub async fn settle(
    connection: &mut AsyncPgConnection,
    proposal: Uuid,
    who: &Actor,
    agreed: bool,
    because: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use proposed_decision::dsl;
    diesel::update(dsl::proposed_decision.find(proposal))
        .set((
            dsl::settled_at.eq(now),
            dsl::agreed.eq(agreed),
            dsl::settled_by_name.eq(&who.name),
            dsl::settled_because.eq(because),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// A referral in the queue.
#[derive(Debug, QueryableByName)]
pub struct Queued {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Bool)]
    pub urgent: bool,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub sign_off_due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub children: Option<serde_json::Value>,
}

/// The statement behind the queue. The urgent ones and the others are each read from the end of their index
/// where the last page ended, status by status, and merged: urgent first, then as they came, which is as they
/// are due.
pub const QUEUE: &str = "\
SELECT r.id, r.reference, r.status, page.urgent, r.received_at, r.agency, r.locality, page.sort_at, d.started_at, d.due_at,
       (SELECT o.due_at FROM deadline o WHERE o.record_id = r.id AND o.code = 'sign_off' AND o.met_at IS NULL) AS sign_off_due_at,
       (SELECT jsonb_agg(jsonb_build_object('given_name', n.given_name, 'family_name', n.family_name,
               'birth_date', n.birth_date) ORDER BY n.place)
        FROM named_person n WHERE n.referral_id = r.id AND n.relation = 'child') AS children
FROM (SELECT * FROM (
          (SELECT true AS urgent, u.sort_at, u.record_id
           FROM unnest(ARRAY['received', 'screening', 'awaiting_sign_off']) AS t(state)
           CROSS JOIN LATERAL (
               SELECT sort_at, record_id FROM record_scope
               WHERE scope = 'front-door' AND kind = 'referral' AND state = t.state AND urgent AND (sort_at, record_id) > ($1, $2)
               ORDER BY sort_at, record_id LIMIT $5) u)
          UNION ALL
          (SELECT false AS urgent, o.sort_at, o.record_id
           FROM unnest(ARRAY['received', 'screening', 'awaiting_sign_off']) AS t(state)
           CROSS JOIN LATERAL (
               SELECT sort_at, record_id FROM record_scope
               WHERE scope = 'front-door' AND kind = 'referral' AND state = t.state AND NOT urgent AND (sort_at, record_id) > ($3, $4)
               ORDER BY sort_at, record_id LIMIT $5) o)) waiting
      ORDER BY urgent DESC, sort_at, record_id LIMIT $5) page
JOIN referral r ON r.id = page.record_id
JOIN deadline d ON d.record_id = r.id AND d.code = 'front_door_decision'
ORDER BY page.urgent DESC, page.sort_at, page.record_id";

/// The next lines of the queue, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn queue(connection: &mut AsyncPgConnection, rest: Rest, limit: i64) -> Result<Vec<Queued>, Problem> {
    // Nothing is received after the end of time.
    let urgent = rest.urgent.unwrap_or((shared::page::Cursor::start().sort_at, Uuid::max()));
    Ok(diesel::sql_query(QUEUE)
        .bind::<Timestamptz, _>(urgent.0)
        .bind::<SqlUuid, _>(urgent.1)
        .bind::<Timestamptz, _>(rest.other.0)
        .bind::<SqlUuid, _>(rest.other.1)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
