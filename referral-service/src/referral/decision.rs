//! A decision about a referral: its outcome is for whoever follows the referral, its reason
//! and level of need for the working team.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::ReferralId;
use crate::schema::{decision, decision_reason};

/// A decision to be kept.
#[derive(Debug)]
pub struct Decision<'a> {
    /// `front_door` or `hub`.
    pub stage: &'static str,
    /// What was decided.
    pub outcome: &'static str,
    /// Level of need, 1 universal to 4 acute, where it was judged.
    pub level_of_need: Option<i16>,
    /// Why.
    pub reason: &'a str,
}

/// Somebody who decided, or signed a decision off.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// Who.
    pub user: Uuid,
    /// Their name, as the history has it.
    pub name: &'a str,
}

impl<'a> Decider<'a> {
    /// Whoever is asking.
    pub fn of(actor: &'a Actor) -> Self {
        Self { user: actor.user.0, name: &actor.name }
    }
}

/// Keeps a decision that needs nobody's sign-off. The answer is its id.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    who: &Actor,
    at: DateTime<Utc>,
    made: &Decision<'_>,
) -> Result<Uuid, Problem> {
    keep_signed(connection, referral, Decider::of(who), None, at, made).await
}

/// Keeps a decision, with the manager who signed it off if it needed that.
///
/// # Errors
/// As the database says.
pub async fn keep_signed(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    who: Decider<'_>,
    signed_off_by: Option<Decider<'_>>,
    at: DateTime<Utc>,
    made: &Decision<'_>,
) -> Result<Uuid, Problem> {
    let id = Uuid::now_v7();
    diesel::insert_into(decision::table)
        .values((
            decision::id.eq(id),
            decision::referral_id.eq(referral),
            decision::stage.eq(made.stage),
            decision::outcome.eq(made.outcome),
            decision::decided_at.eq(at),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(decision_reason::table)
        .values((
            decision_reason::decision_id.eq(id),
            decision_reason::referral_id.eq(referral),
            decision_reason::level_of_need.eq(made.level_of_need),
            decision_reason::reason.eq(made.reason),
            decision_reason::decided_by.eq(who.user),
            decision_reason::decided_by_name.eq(who.name),
            decision_reason::signed_off_by.eq(signed_off_by.map(|manager| manager.user)),
            decision_reason::signed_off_by_name.eq(signed_off_by.map(|manager| manager.name)),
        ))
        .execute(connection)
        .await?;
    Ok(id)
}
