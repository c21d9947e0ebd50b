//! That something about a person was told to another agency: to whom, which fields, for which purpose, on
//! which basis. Whoever lets personal data out of the working team records it here, in the same transaction.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::ReferralId;
use crate::schema::disclosure;

/// Something that was told about one person.
#[derive(Clone, Debug)]
pub struct Disclosure<'a> {
    /// Whom it is about.
    pub person: Uuid,
    /// The referral on which it was told.
    pub referral: ReferralId,
    /// Who told it.
    pub from_agency: &'a str,
    /// To whom.
    pub to_agency: &'a str,
    /// Which fields, as the record told of calls them.
    pub fields: Vec<&'a str>,
    /// Why, as a code.
    pub purpose: &'a str,
    /// On which basis, a code of the set `lawful-basis`.
    pub lawful_basis: &'a str,
    /// The record in which it was told: the first word of its address, and its id.
    pub about: (&'a str, Uuid),
}

/// Records what was told.
///
/// # Errors
/// As the database says.
pub async fn disclosed(
    connection: &mut AsyncPgConnection,
    told: &[Disclosure<'_>],
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use disclosure::dsl;
    let rows: Vec<_> = told
        .iter()
        .map(|one| {
            (
                dsl::id.eq(Uuid::now_v7()),
                dsl::person_id.eq(one.person),
                dsl::referral_id.eq(one.referral),
                dsl::at.eq(now),
                dsl::from_agency.eq(one.from_agency),
                dsl::to_agency.eq(one.to_agency),
                dsl::fields.eq(&one.fields),
                dsl::purpose.eq(one.purpose),
                dsl::lawful_basis.eq(one.lawful_basis),
                dsl::about.eq(one.about.0),
                dsl::about_id.eq(one.about.1),
                dsl::by_user.eq(who.user.0),
                dsl::by_name.eq(&who.name),
            )
        })
        .collect();
    diesel::insert_into(dsl::disclosure).values(rows).execute(connection).await?;
    Ok(())
}
