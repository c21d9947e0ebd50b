//! The rows of a new referral.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;

use super::api::ReferralForm;
use crate::referral::Status;
use crate::referral::domain::ReferralId;
use crate::schema::{contact, referral};

/// Inserts the referral and what was said.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    reference: &str,
    actor: &Actor,
    form: &ReferralForm,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(referral::table)
        .values((
            referral::id.eq(id),
            referral::reference.eq(reference),
            referral::status.eq(Status::Received.as_str()),
            referral::received_at.eq(now),
            referral::agency.eq(actor.agency.as_str()),
            referral::locality.eq(form.locality.as_ref().map(|locality| locality.as_str())),
            referral::version.eq(1),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(contact::table)
        .values((
            contact::referral_id.eq(id),
            contact::made_at.eq(form.made_at.unwrap_or(now)),
            contact::recorded_by.eq(actor.user),
            contact::referrer_name.eq(&form.referrer.name),
            contact::referrer_role.eq(&form.referrer.role),
            contact::referrer_telephone.eq(&form.referrer.telephone),
            contact::referrer_email.eq(&form.referrer.email),
            contact::family_knows.eq(form.family_knows),
            contact::concerns.eq(form.concerns.iter().map(|concern| concern.as_str()).collect::<Vec<_>>()),
            contact::worries.eq(&form.worries),
            contact::working_well.eq(&form.working_well),
            contact::needs_to_happen.eq(&form.needs_to_happen),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
