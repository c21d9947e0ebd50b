//! What is kept of a decision beside its outcome and reasons.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::hub::api::form::DissentForm;
use crate::referral::domain::ReferralId;
use crate::schema::{decision_dissent, hub_decision, hub_deferral};

/// How a decision came about.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The meeting, if it was made in one.
    pub meeting: Option<Uuid>,
    /// `meeting`, `desk` or `urgent`.
    pub way: &'a str,
    /// Why it could not wait for a meeting.
    pub urgent_because: Option<&'a str>,
}

/// Keeps how a decision came about, and who saw it otherwise.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    decision: Uuid,
    referral: ReferralId,
    circumstances: &Circumstances<'_>,
    dissent: &[DissentForm],
) -> Result<(), Problem> {
    diesel::insert_into(hub_decision::table)
        .values((
            hub_decision::decision_id.eq(decision),
            hub_decision::referral_id.eq(referral),
            hub_decision::meeting_id.eq(circumstances.meeting),
            hub_decision::way.eq(circumstances.way),
            hub_decision::urgent_because.eq(circumstances.urgent_because),
        ))
        .execute(connection)
        .await?;
    if dissent.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = dissent
        .iter()
        .zip(1i16..)
        .map(|(one, place)| {
            (
                decision_dissent::decision_id.eq(decision),
                decision_dissent::place.eq(place),
                decision_dissent::referral_id.eq(referral),
                decision_dissent::who.eq(&one.who),
                decision_dissent::agency.eq(one.agency.as_str()),
                decision_dissent::words.eq(&one.words),
            )
        })
        .collect();
    diesel::insert_into(decision_dissent::table).values(&rows).execute(connection).await?;
    Ok(())
}

/// What is put off.
#[derive(Clone, Copy, Debug)]
pub struct Deferral<'a> {
    /// The line of an agenda, if it was on one.
    pub item: Option<Uuid>,
    /// What is missing.
    pub missing: &'a str,
    /// When it is due back.
    pub until: NaiveDate,
    /// Why.
    pub reason: &'a str,
}

/// Keeps that a referral was put off.
///
/// # Errors
/// As the database says.
pub async fn defer(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    put_off: &Deferral<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(hub_deferral::table)
        .values((
            hub_deferral::id.eq(Uuid::now_v7()),
            hub_deferral::referral_id.eq(referral),
            hub_deferral::item_id.eq(put_off.item),
            hub_deferral::deferred_at.eq(now),
            hub_deferral::deferred_by_name.eq(&actor.name),
            hub_deferral::missing.eq(put_off.missing),
            hub_deferral::until_day.eq(put_off.until),
            hub_deferral::reason.eq(put_off.reason),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
