//! Candidates, under row-level security. Each look is bounded and led by an index.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{Reading, births_alike, one_edit_away};

/// Someone who may be meant.
#[derive(Debug, Clone, QueryableByName)]
pub struct Candidate {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub given_name: String,
    #[diesel(sql_type = Text)]
    pub family_name: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub birth_date: Option<NaiveDate>,
}

/// How many people each way of looking gives.
const EACH: i64 = 30;
/// How many records of one person are shown.
const RECORDS_EACH: i64 = 5;
/// How many are looked at that a house, a reference or a worker leads to.
const LED: i64 = 100;

/// People by given and family name. `$1` to `$3` are names and how far the given name may go on: the name
/// itself, its beginning, and what is one edit away in either part. `$4` and `$5` how the given and the family
/// name sound, `$6` birth dates alike, `$7` the family name, `$8` the end of what begins with it, `$9` the
/// given name, `$10` the end of what begins with that, `$11` the birth date. Those of that day are found by one
/// part that sounds alike, and those with a double name by its last part.
///
/// Every look is by equality, so that it gives the first of a range and ends there; a common name has
/// thousands. Several values are several looks: `= ANY` would read them all and sort.
pub const BY_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM (
    SELECT p.* FROM unnest($1, $2, $3) AS q(family, given, until) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_key = q.family AND given_key >= q.given AND given_key <= q.until
        ORDER BY given_key DESC, birth_date DESC LIMIT $12) p
    UNION ALL
    SELECT p.* FROM unnest($5) AS f(sound), unnest($4) AS g(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound AND given_sound = g.sound ORDER BY birth_date DESC LIMIT $12) p
    UNION ALL
    SELECT p.* FROM unnest($5) AS f(sound), unnest($4) AS g(sound), unnest($6) AS b(day) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound AND given_sound = g.sound AND birth_date = b.day LIMIT $12) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_key > $7 AND family_key < $8 AND given_key = $9 ORDER BY family_key LIMIT $12)
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_last_key = $7 AND given_key >= $9 AND given_key < $10 ORDER BY given_key LIMIT $12)
    UNION ALL
    SELECT p.* FROM unnest($5) AS f(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE birth_date = $11 AND family_sound = f.sound ORDER BY given_sound LIMIT $12) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE birth_date = $11 AND given_sound = ANY ($4) ORDER BY family_sound LIMIT $12)) found";

/// People by family name alone: `$1` the names and `$2` how far each may go on: the name itself, its beginning,
/// and what is one edit away. `$3` how it sounds, `$4` the name, `$5` the birth date.
pub const BY_FAMILY_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM (
    SELECT p.* FROM unnest($1, $2) AS q(family, until) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_key >= q.family AND family_key <= q.until ORDER BY family_key, given_key LIMIT $6) p
    UNION ALL
    SELECT p.* FROM unnest($3) AS f(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound ORDER BY given_sound LIMIT $6) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_last_key = $4 ORDER BY given_key LIMIT $6)
    UNION ALL
    SELECT p.* FROM unnest($3) AS f(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE birth_date = $5 AND family_sound = f.sound ORDER BY given_sound LIMIT $6) p) found";

/// People born on a day, by how the given name sounds.
pub const BY_GIVEN_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM person
WHERE birth_date = $1 AND given_sound = ANY ($2) ORDER BY family_sound LIMIT $3";

/// People who may be meant by a name, read in one way. Some are given twice.
///
/// # Errors
/// As the database says.
pub async fn by_name(
    connection: &mut AsyncPgConnection,
    reading: &Reading,
    birth: Option<NaiveDate>,
) -> Result<Vec<Candidate>, Problem> {
    let candidates = match (&reading.given, &reading.family) {
        (Some(given), Some(family)) => {
            let alike: Vec<NaiveDate> = birth.iter().copied().chain(birth.into_iter().flat_map(births_alike)).collect();
            let names = names(&given.key, &family.key);
            diesel::sql_query(BY_NAME)
                .bind::<Array<Text>, _>(names.iter().map(|name| name.family.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(names.iter().map(|name| name.given.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(names.iter().map(|name| name.until.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(given.sounds())
                .bind::<Array<Text>, _>(family.sounds())
                .bind::<Array<Date>, _>(alike)
                .bind::<Text, _>(&family.key)
                .bind::<Text, _>(end(&family.key))
                .bind::<Text, _>(&given.key)
                .bind::<Text, _>(end(&given.key))
                .bind::<Nullable<Date>, _>(birth)
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        (None, Some(family)) => {
            let mut names = one_edit_away(&family.key);
            let mut until = names.clone();
            names.push(family.key.clone());
            until.push(end(&family.key));
            diesel::sql_query(BY_FAMILY_NAME)
                .bind::<Array<Text>, _>(names)
                .bind::<Array<Text>, _>(until)
                .bind::<Array<Text>, _>(family.sounds())
                .bind::<Text, _>(&family.key)
                .bind::<Nullable<Date>, _>(birth)
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        (Some(given), None) if birth.is_some() => {
            diesel::sql_query(BY_GIVEN_NAME)
                .bind::<Nullable<Date>, _>(birth)
                .bind::<Array<Text>, _>(given.sounds())
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        _ => Vec::new(),
    };
    Ok(candidates)
}

/// The end of what begins with a key: C collation orders by bytes, and no key holds U+10FFFF.
fn end(key: &str) -> String {
    format!("{key}\u{10FFFF}")
}

/// A family name with a given name, from this one until that.
struct Name {
    family: String,
    given: String,
    until: String,
}

/// The name itself and what begins with its given name, and all that is one edit away from it.
fn names(given: &str, family: &str) -> Vec<Name> {
    let name = |family: &str, given: &str, until: &str| Name {
        family: family.to_owned(),
        given: given.to_owned(),
        until: until.to_owned(),
    };
    let itself = [name(family, given, given), name(family, given, &end(given))];
    let givens = one_edit_away(given).into_iter().map(|edit| name(family, &edit, &edit));
    let families = one_edit_away(family).into_iter().map(|edit| name(&edit, given, given));
    itself.into_iter().chain(givens).chain(families).collect()
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

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

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

/// People the caller sees, of these.
///
/// # Errors
/// As the database says.
pub async fn people(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> Result<Vec<Candidate>, Problem> {
    Ok(diesel::sql_query("SELECT id, given_name, family_name, birth_date FROM person WHERE id = ANY ($1)")
        .bind::<Array<SqlUuid>, _>(ids)
        .prepared()
        .load(connection)
        .await?)
}

/// A record, as far as a list of many kinds shows it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Record {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Timestamptz)]
    pub since: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    /// Someone it is about, where it was reached by them.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<Uuid>,
}

/// The records about people, the newest of each person first. A record is given once for each of them.
pub const ABOUT: &str = "\
SELECT r.id, r.kind, r.state, r.since, l.reference, l.locality, p.person_id
FROM unnest($1) AS p(person_id)
CROSS JOIN LATERAL (
    SELECT about.record_id AS id, s.kind, s.state, s.sort_at AS since
    FROM record_subject about
    CROSS JOIN LATERAL (
        SELECT kind, state, sort_at FROM record_scope WHERE record_id = about.record_id AND view = 'full' LIMIT 1) s
    WHERE about.person_id = p.person_id AND s.kind NOT IN ('person', 'alert')
    ORDER BY s.sort_at DESC, about.record_id DESC LIMIT $2) r
LEFT JOIN LATERAL (SELECT reference, locality FROM record_label WHERE id = r.id LIMIT 1) l ON true
ORDER BY r.since DESC, r.id DESC";

/// The records about people.
///
/// # Errors
/// As the database says.
pub async fn about(connection: &mut AsyncPgConnection, people: &[Uuid]) -> Result<Vec<Record>, Problem> {
    Ok(diesel::sql_query(ABOUT)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<BigInt, _>(RECORDS_EACH)
        .prepared()
        .load(connection)
        .await?)
}

/// Records by their ids, with one row for each person they are about, for whoever has them whole.
const WITH_PEOPLE: &str = "\
SELECT r.id, s.kind, s.state, s.sort_at AS since, l.reference, l.locality, about.person_id
FROM unnest($1) AS r(id)
CROSS JOIN LATERAL (
    SELECT kind, state, sort_at, view FROM record_scope WHERE record_id = r.id ORDER BY view = 'full' DESC LIMIT 1) s
LEFT JOIN LATERAL (SELECT reference, locality FROM record_label WHERE id = r.id LIMIT 1) l ON true
LEFT JOIN record_subject about ON about.record_id = r.id AND s.view = 'full'
ORDER BY s.sort_at DESC, r.id DESC";

async fn with_people(connection: &mut AsyncPgConnection, found: Vec<Id>) -> Result<Vec<Record>, Problem> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = found.into_iter().map(|row| row.id).collect();
    Ok(diesel::sql_query(WITH_PEOPLE).bind::<Array<SqlUuid>, _>(ids).prepared().load(connection).await?)
}

/// The records with a reference. A family's cases have its reference too.
///
/// # Errors
/// As the database says.
pub async fn by_reference(connection: &mut AsyncPgConnection, reference: &str) -> Result<Vec<Record>, Problem> {
    let found = diesel::sql_query(
        "SELECT id FROM referral WHERE reference = $1
         UNION ALL SELECT id FROM family WHERE reference = $1
         UNION ALL SELECT id FROM missing_episode WHERE reference = $1",
    )
    .bind::<Text, _>(reference)
    .prepared()
    .load(connection)
    .await?;
    with_people(connection, found).await
}

/// The records somebody works on now, by the name they sign in with.
///
/// # Errors
/// As the database says.
pub async fn by_worker(connection: &mut AsyncPgConnection, worker: &str) -> Result<Vec<Record>, Problem> {
    let found = diesel::sql_query(
        "SELECT case_id AS id FROM case_worker WHERE name = $1 AND to_at IS NULL ORDER BY from_at DESC LIMIT $2",
    )
    .bind::<Text, _>(worker)
    .bind::<BigInt, _>(LED)
    .prepared()
    .load(connection)
    .await?;
    with_people(connection, found).await
}
