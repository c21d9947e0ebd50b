//! The rows of proposed decisions.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{FrontDoorOutcome, Made};
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
