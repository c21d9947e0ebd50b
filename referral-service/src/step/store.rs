//! The rows of steps, and what they end.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::Step;
use crate::referral::domain::ReferralId;
use crate::referral::{Referral, Status};
use crate::schema::{allocation, referral_step};

/// A step's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = referral_step)]
pub struct Row {
    pub direction: String,
    pub at: DateTime<Utc>,
    pub from_status: String,
    pub to_status: String,
    pub level_of_need: Option<i16>,
    pub reason: String,
    pub locality: Option<String>,
    pub social_care_did: Option<String>,
    pub social_care_reference: Option<String>,
    pub by_name: String,
    pub by_scope: String,
}

/// A step that a referral has taken.
#[derive(Debug)]
pub struct Taken<'a> {
    /// What was said of it.
    pub step: &'a Step,
    /// Where the referral stood before.
    pub from: Status,
    /// Level of need from then on.
    pub level_of_need: Option<i16>,
    /// The scope in which it was taken.
    pub scope: &'a str,
}

/// Keeps a step.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    taken: &Taken<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let step = taken.step;
    use referral_step::dsl;
    diesel::insert_into(dsl::referral_step)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::referral_id.eq(referral.id),
            dsl::direction.eq(step.direction.as_str()),
            dsl::at.eq(now),
            dsl::from_status.eq(taken.from.as_str()),
            dsl::to_status.eq(referral.status()?.as_str()),
            dsl::level_of_need.eq(taken.level_of_need),
            dsl::reason.eq(&step.reason),
            dsl::locality.eq(&referral.locality),
            dsl::social_care_did.eq(&step.social_care_did),
            dsl::social_care_reference.eq(&step.social_care_reference),
            dsl::by_user.eq(who.user.0),
            dsl::by_name.eq(&who.name),
            dsl::by_scope.eq(taken.scope),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Every step of a referral, oldest first. There are a few.
///
/// # Errors
/// As the database says.
pub async fn steps(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Row>, Problem> {
    use referral_step::dsl;
    Ok(dsl::referral_step
        .filter(dsl::referral_id.eq(referral))
        .order((dsl::at, dsl::id))
        .select(Row::as_select())
        .load(connection)
        .await?)
}

/// The scopes of the teams that were asked to help and have not said no, or help, as far as the caller
/// sees them.
///
/// # Errors
/// As the database says.
pub async fn at_work(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<String>, Problem> {
    let services: Vec<String> = allocation::table
        .filter(allocation::referral_id.eq(referral))
        .filter(allocation::status.eq_any(["offered", "waiting", "accepted"]))
        .select(allocation::service)
        .load(connection)
        .await?;
    Ok(services.into_iter().map(|service| format!("team:{service}")).collect())
}

/// An allocation that a step up ended.
#[derive(Debug, QueryableByName)]
pub struct Ended {
    #[diesel(sql_type = SqlUuid)]
    pub allocation_id: Uuid,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Text)]
    was: String,
}

impl Ended {
    /// Whether the service had been asked and not answered.
    pub fn was_only_offered(&self) -> bool {
        self.was == "offered"
    }
}

/// Ends what services were asked to do and do.
///
/// # Errors
/// As the database says.
pub async fn end_allocations(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    because: &str,
    at: DateTime<Utc>,
) -> Result<Vec<Ended>, Problem> {
    Ok(diesel::sql_query("SELECT allocation_id, service, was FROM allocations_stepped_up($1, $2, $3)")
        .bind::<SqlUuid, _>(referral)
        .bind::<Timestamptz, _>(at)
        .bind::<Text, _>(because)
        .prepared()
        .load(connection)
        .await?)
}
