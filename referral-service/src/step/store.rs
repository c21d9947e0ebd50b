//! The rows of steps, and what they end.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;

use crate::referral::domain::ReferralId;
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
