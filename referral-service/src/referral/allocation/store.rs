//! The allocation's row.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::access;
use shared::db::KeepPrepared;
use shared::events::joined;
use shared::problem::Problem;

use super::domain::{AllocationStatus, Answer, Surroundings, transition};
use crate::referral::domain::ReferralId;
use crate::referral::offer::{AllocationId, Part};
use crate::referral::store::Referral;
use crate::schema::{allocation, decision};

/// An allocation's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = allocation)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// The referral it is of.
    pub referral_id: ReferralId,
    /// The service.
    pub service: String,
    part: String,
    status: String,
    /// When it was asked.
    pub offered_at: DateTime<Utc>,
    /// A code of the set `case_type`, once settled.
    pub case_type: Option<String>,
    /// A code of the set `complexity`, once settled.
    pub complexity: Option<String>,
    /// Its version.
    pub version: i64,
}

/// What a service says.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// It takes the family on.
    Accept,
    /// It says no, and why.
    Decline(&'a str),
    /// It will when it has room.
    Wait {
        /// From which day it expects to.
        expected_from: NaiveDate,
        /// Why not now.
        reason: &'a str,
    },
    /// It has ended its work.
    Close {
        /// What came of it, a code.
        outcome: &'a str,
        /// The same in words.
        summary: &'a str,
    },
}

impl Given<'_> {
    /// Which answer that is.
    pub const fn answer(&self) -> Answer {
        match self {
            Given::Accept => Answer::Accept,
            Given::Decline(_) => Answer::Decline,
            Given::Wait { .. } => Answer::Wait,
            Given::Close { .. } => Answer::Close,
        }
    }
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
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<AllocationStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown allocation status"))
    }

    /// What the service was asked to do among those that help.
    ///
    /// # Errors
    /// 500 if the table holds a part this program does not know.
    pub fn part(&self) -> Result<Part, Problem> {
        self.part.parse().map_err(|()| Problem::internal(&"unknown part"))
    }

    /// What every event about it says.
    pub fn facts(&self, referral: &Referral, more: Value) -> Value {
        let facts = json!({
            "allocation_id": self.id, "referral_id": self.referral_id, "service": self.service, "part": self.part,
            "case_type": self.case_type, "complexity": self.complexity, "locality": referral.locality,
        });
        joined(facts, more)
    }

    /// What surrounds it, for [`super::domain::consequence`].
    ///
    /// # Errors
    /// As the database says.
    pub async fn surroundings(
        &self,
        connection: &mut AsyncPgConnection,
        referral: &Referral,
    ) -> Result<Surroundings, Problem> {
        let others = helpers(connection, self.referral_id).await?.iter().any(|helper| helper.allocation_id != self.id);
        let asked_by_hub = was_asked_by_hub(connection, self.referral_id).await?;
        Ok(Surroundings { referral: referral.status()?, part: self.part()?, others, asked_by_hub })
    }

    /// Takes what the service says.
    ///
    /// # Errors
    /// 409 if it can't say so now.
    pub async fn take(
        &mut self,
        connection: &mut AsyncPgConnection,
        given: &Given<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let from = self.status()?;
        let to = transition(from, given.answer()).map_err(|refused| Problem::conflict(refused.to_string()))?;
        self.version += 1;
        self.status = to.as_str().to_owned();
        let row = diesel::update(allocation::table.find(self.id));
        let common = (allocation::status.eq(to.as_str()), allocation::version.eq(self.version));
        let changed = match *given {
            Given::Accept => {
                let kind = (allocation::case_type.eq(&self.case_type), allocation::complexity.eq(&self.complexity));
                row.set((common, allocation::answered_at.eq(at), kind)).execute(connection).await?
            }
            Given::Decline(reason) => {
                let said = (allocation::answered_at.eq(at), allocation::note.eq(reason));
                row.set((common, said)).execute(connection).await?
            }
            Given::Wait { expected_from, reason } => {
                let until = (allocation::expected_from.eq(expected_from), allocation::waiting_reason.eq(reason));
                if from == AllocationStatus::Waiting {
                    row.set((common, until)).execute(connection).await?
                } else {
                    row.set((common, until, allocation::waiting_since.eq(at))).execute(connection).await?
                }
            }
            Given::Close { outcome, summary } => {
                let said =
                    (allocation::closed_at.eq(at), allocation::outcome.eq(outcome), allocation::note.eq(summary));
                row.set((common, said)).execute(connection).await?
            }
        };
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }

    /// Gives it its next version, with its kind of work, once something of it has changed.
    ///
    /// # Errors
    /// 404 if the caller can't change it.
    pub async fn bump(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(allocation::table.find(self.id))
            .set((
                allocation::version.eq(self.version),
                allocation::part.eq(&self.part),
                allocation::case_type.eq(&self.case_type),
                allocation::complexity.eq(&self.complexity),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Lets a supporting service lead from now on.
    ///
    /// # Errors
    /// As the database says.
    pub async fn lead(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.part = Part::Lead.as_str().to_owned();
        self.bump(connection).await
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

/// A service that is asked or at work on a referral.
#[derive(Clone, Debug, QueryableByName)]
pub struct Helper {
    /// Its allocation.
    #[diesel(sql_type = SqlUuid)]
    pub allocation_id: AllocationId,
    /// The service.
    #[diesel(sql_type = Text)]
    pub service: String,
    /// `lead` or `supporting`.
    #[diesel(sql_type = Text)]
    pub part: String,
    /// Where its allocation stands.
    #[diesel(sql_type = Text)]
    pub status: String,
}

/// Every service that is asked or at work on a referral the caller sees, whoever else sees its allocation.
///
/// # Errors
/// 500 if the caller doesn't see the referral.
pub async fn helpers(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Helper>, Problem> {
    Ok(diesel::sql_query("SELECT * FROM referral_helpers($1)")
        .bind::<SqlUuid, _>(referral)
        .prepared()
        .load(connection)
        .await?)
}
