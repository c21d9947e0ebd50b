//! What a referral tells of its people, for the family that is formed of them. Whoever does not see the referral whole
//! finds nothing.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::MemberRole;
use crate::family::domain::household::Tie;
use crate::family::domain::told::{Named, Place};
use crate::referral::domain::ReferralId;
use crate::schema::{named_person, person_link};

type NamedRow = (Uuid, String, String, Option<NaiveDate>, i16, Option<String>, Option<String>);

/// Whom a referral names, in the order of the form.
///
/// # Errors
/// As the database says.
pub async fn named(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Named>, Problem> {
    let rows: Vec<NamedRow> = named_person::table
        .inner_join(person_link::table.on(person_link::named_person_id.eq(named_person::id)))
        .filter(named_person::referral_id.eq(referral))
        .order(named_person::place)
        .select((
            person_link::person_id,
            named_person::relation,
            named_person::family_name,
            named_person::birth_date,
            named_person::household,
            named_person::address,
            named_person::postcode,
        ))
        .load(connection)
        .await?;
    let named = |(person, relation, family_name, birth_date, household, address, postcode): NamedRow| Named {
        person,
        role: relation.parse().unwrap_or(MemberRole::OtherAdult),
        family_name,
        birth_date,
        household,
        own: Place::told(address, postcode),
    };
    Ok(rows.into_iter().map(named).collect())
}

#[derive(QueryableByName)]
struct House {
    #[diesel(sql_type = SmallInt)]
    place: i16,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    postcode: Option<String>,
}

/// The households a referral tells of whose address it tells too, by their places.
///
/// # Errors
/// As the database says.
pub async fn households(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
) -> Result<Vec<(i16, Place)>, Problem> {
    let rows: Vec<House> =
        diesel::sql_query("SELECT place, address, postcode FROM named_household WHERE referral_id = $1 ORDER BY place")
            .bind::<SqlUuid, _>(referral)
            .prepared()
            .load(connection)
            .await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.place, Place::told(row.address, row.postcode)?))).collect())
}

#[derive(QueryableByName)]
struct Kin {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = Text)]
    kinship: String,
    #[diesel(sql_type = SqlUuid)]
    other_id: Uuid,
}

/// What a referral says its people are to one another, in the order of the form.
///
/// # Errors
/// 500 if the table holds a word this program does not know.
pub async fn relationships(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Tie>, Problem> {
    let rows: Vec<Kin> = diesel::sql_query(
        "SELECT one.person_id, k.kinship, other.person_id AS other_id
         FROM named_relationship k
         JOIN named_person p ON p.referral_id = k.referral_id AND p.place = k.person
         JOIN person_link one ON one.named_person_id = p.id
         JOIN named_person o ON o.referral_id = k.referral_id AND o.place = k.of
         JOIN person_link other ON other.named_person_id = o.id
         WHERE k.referral_id = $1 AND one.person_id <> other.person_id
         ORDER BY k.person, k.of",
    )
    .bind::<SqlUuid, _>(referral)
    .prepared()
    .load(connection)
    .await?;
    let tie = |row: Kin| {
        let kind = row.kinship.parse().map_err(|()| Problem::internal(&"unknown kinship"))?;
        Ok(Tie { person: row.person_id, kind, other: row.other_id, from: None, to: None })
    };
    rows.into_iter().map(tie).collect()
}
