//! Who lives or lived at an address. Each look is bounded, led by an index and under row-level security.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

/// How many are looked at that a house leads to.
const LED: i64 = 100;

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Who lives or lived at an address, by what was told on referrals and what casework keeps: `$1` address, `$2`
/// postcode or null. A street without a number is all of the street.
pub const AT_ADDRESS: &str = "\
WITH asked AS MATERIALIZED (
    SELECT k, k || CASE WHEN right(k, 1) = '|' THEN chr(1114111) ELSE '' END AS until, postcode_key($2) AS postcode
    FROM (SELECT address_key($1) AS k) t)
SELECT DISTINCT found.person_id AS id FROM asked CROSS JOIN LATERAL (
    (SELECT l.person_id FROM named_person n JOIN person_link l ON l.named_person_id = n.id
     WHERE n.address_key >= asked.k AND n.address_key <= asked.until
       AND (asked.postcode IS NULL OR n.postcode_key = asked.postcode)
     ORDER BY n.address_key, n.id DESC LIMIT $3)
    UNION ALL
    (SELECT l.person_id FROM named_household h
     JOIN named_person n ON n.referral_id = h.referral_id AND n.household = h.place
     JOIN person_link l ON l.named_person_id = n.id
     WHERE h.address_key >= asked.k AND h.address_key <= asked.until
       AND (asked.postcode IS NULL OR h.postcode_key = asked.postcode)
     ORDER BY h.address_key LIMIT $3)
    UNION ALL
    (SELECT m.person_id FROM family_address a JOIN family_member m ON m.family_id = a.family_id
     WHERE a.address_key >= asked.k AND a.address_key <= asked.until
       AND (asked.postcode IS NULL OR a.postcode_key = asked.postcode)
     ORDER BY a.address_key LIMIT $3)) found";

/// The same by postcode alone, `$1`.
pub const AT_POSTCODE: &str = "\
SELECT DISTINCT person_id AS id FROM (
    (SELECT l.person_id FROM named_person n JOIN person_link l ON l.named_person_id = n.id
     WHERE n.postcode_key = postcode_key($1) ORDER BY n.id DESC LIMIT $2)
    UNION ALL
    (SELECT l.person_id FROM named_household h
     JOIN named_person n ON n.referral_id = h.referral_id AND n.household = h.place
     JOIN person_link l ON l.named_person_id = n.id
     WHERE h.postcode_key = postcode_key($1) ORDER BY h.referral_id DESC LIMIT $2)
    UNION ALL
    (SELECT m.person_id FROM family_address a JOIN family_member m ON m.family_id = a.family_id
     WHERE a.postcode_key = postcode_key($1) ORDER BY a.id DESC LIMIT $2)) found";

/// Who lives or lived at an address, or in a postcode.
///
/// # Errors
/// As the database says.
pub async fn at(
    connection: &mut AsyncPgConnection,
    address: Option<&str>,
    postcode: Option<&str>,
) -> Result<Vec<Uuid>, Problem> {
    let found: Vec<Id> = match address {
        Some(address) => {
            diesel::sql_query(AT_ADDRESS)
                .bind::<Text, _>(address)
                .bind::<Nullable<Text>, _>(postcode)
                .bind::<BigInt, _>(LED)
                .prepared()
                .load(connection)
                .await?
        }
        None => {
            diesel::sql_query(AT_POSTCODE)
                .bind::<Nullable<Text>, _>(postcode)
                .bind::<BigInt, _>(LED)
                .prepared()
                .load(connection)
                .await?
        }
    };
    Ok(found.into_iter().map(|row| row.id).collect())
}
