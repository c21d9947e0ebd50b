//! People by name. Each look is bounded, led by an index and under row-level security.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::birth::Birth;
use super::domain::{Reading, one_edit_away};

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

/// How many people each way of looking gives: one more than is shown, which tells that there are more.
pub const EACH: i64 = 21;

/// People of a name, however it was heard, who were born on a day or one like it; and who has the name as it is
/// written and was born nobody knows when. `$1` and `$2` how the given and
/// the family name sound, `$3` the days, `$4` the day itself, `$5` the given name, `$6` the family name. Of those
/// born that day one part of the name is enough: a child whose mother has married is found. By the name itself as
/// well, since how it sounds is written a little later.
pub const BORN: &str = "\
SELECT id, given_name, family_name, birth_date FROM (
    SELECT p.* FROM unnest($2) AS f(sound), unnest($1) AS g(sound), unnest($3) AS b(day) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound AND given_sound = g.sound AND birth_date = b.day LIMIT $7) p
    UNION ALL
    SELECT p.* FROM unnest($2) AS f(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE birth_date = $4 AND family_sound = f.sound ORDER BY given_sound LIMIT $7) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE birth_date = $4 AND given_sound = ANY ($1) ORDER BY family_sound LIMIT $7)
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_key = $6 AND given_key = $5 AND birth_date = $4 LIMIT $7)
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_key = $6 AND given_key = $5 AND birth_date IS NULL LIMIT $7)) found";

/// People born on a day, `$1`, by how the family name sounds, `$2`.
pub const BORN_IN_FAMILY: &str = "\
SELECT p.* FROM unnest($2) AS f(sound) CROSS JOIN LATERAL (
    SELECT id, given_name, family_name, birth_date FROM person
    WHERE birth_date = $1 AND family_sound = f.sound ORDER BY given_sound LIMIT $3) p";

/// People born on a day, by how the given name sounds.
pub const BY_GIVEN_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM person
WHERE birth_date = $1 AND given_sound = ANY ($2) ORDER BY family_sound LIMIT $3";

/// The youngest of a name: given `$1`, family `$2`.
pub const NAMESAKES: &str = "\
SELECT id, given_name, family_name, birth_date FROM person
WHERE family_key = $2 AND given_key = $1 AND birth_date IS NOT NULL ORDER BY birth_date DESC LIMIT $3";

/// People by given and family name. `$1` to `$3` are names and how far the given name may go on: the name
/// itself, its beginning, and what is one edit away in either part. `$4` and `$5` how the given and the family
/// name sound, `$6` the family name, `$7` the end of what begins with it, `$8` the given name, `$9` the end of
/// what begins with that. Those with a double name are found by its last part.
///
/// Every look is by equality, so that it gives the first of a range and ends there; a common name has
/// thousands. Several values are several looks: `= ANY` would read them all and sort. Those whose birth date
/// nobody knows are looked for by themselves: they would come first, and leave no room for the children.
pub const BY_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM (
    SELECT p.* FROM unnest($1, $2, $3) AS q(family, given, until) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_key = q.family AND given_key >= q.given AND given_key <= q.until
        ORDER BY given_key DESC, birth_date DESC LIMIT $10) p
    UNION ALL
    SELECT p.* FROM unnest($5) AS f(sound), unnest($4) AS g(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound AND given_sound = g.sound AND birth_date IS NOT NULL
        ORDER BY birth_date DESC LIMIT $10) p
    UNION ALL
    SELECT p.* FROM unnest($5) AS f(sound), unnest($4) AS g(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound AND given_sound = g.sound AND birth_date IS NULL LIMIT $10) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_key > $6 AND family_key < $7 AND given_key = $8 ORDER BY family_key LIMIT $10)
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_last_key = $6 AND given_key >= $8 AND given_key < $9 ORDER BY given_key LIMIT $10)) found";

/// People by family name alone: `$1` the names and `$2` how far each may go on: the name itself, its beginning,
/// and what is one edit away. `$3` how it sounds, `$4` the name.
pub const BY_FAMILY_NAME: &str = "\
SELECT id, given_name, family_name, birth_date FROM (
    SELECT p.* FROM unnest($1, $2) AS q(family, until) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_key >= q.family AND family_key <= q.until ORDER BY family_key, given_key LIMIT $5) p
    UNION ALL
    SELECT p.* FROM unnest($3) AS f(sound) CROSS JOIN LATERAL (
        SELECT id, given_name, family_name, birth_date FROM person
        WHERE family_sound = f.sound ORDER BY given_sound LIMIT $5) p
    UNION ALL
    (SELECT id, given_name, family_name, birth_date FROM person
     WHERE family_last_key = $4 ORDER BY given_key LIMIT $5)) found";

/// Those who are meant, if a name, read in one way, was given as it is stored: with a birth date those born then
/// or on a day like it, else the youngest of the name. Some are given twice.
///
/// # Errors
/// As the database says.
pub async fn close(
    connection: &mut AsyncPgConnection,
    reading: &Reading,
    birth: Option<&Birth>,
) -> Result<Vec<Candidate>, Problem> {
    let candidates = match (&reading.given, &reading.family, birth) {
        (Some(given), Some(family), Some(birth)) => {
            diesel::sql_query(BORN)
                .bind::<Array<Text>, _>(given.sounds())
                .bind::<Array<Text>, _>(family.sounds())
                .bind::<Array<Date>, _>(birth.alike.iter().collect::<Vec<_>>())
                .bind::<Date, _>(birth.day)
                .bind::<Text, _>(&given.key)
                .bind::<Text, _>(&family.key)
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        (None, Some(family), Some(birth)) => {
            diesel::sql_query(BORN_IN_FAMILY)
                .bind::<Date, _>(birth.day)
                .bind::<Array<Text>, _>(family.sounds())
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        (Some(given), None, Some(birth)) => {
            diesel::sql_query(BY_GIVEN_NAME)
                .bind::<Date, _>(birth.day)
                .bind::<Array<Text>, _>(given.sounds())
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        (Some(given), Some(family), None) => {
            diesel::sql_query(NAMESAKES)
                .bind::<Text, _>(&given.key)
                .bind::<Text, _>(&family.key)
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        _ => Vec::new(),
    };
    Ok(candidates)
}

/// Those who may be meant by a name, read in one way, however it was heard, whenever they were born. Some are
/// given twice.
///
/// # Errors
/// As the database says.
pub async fn wide(connection: &mut AsyncPgConnection, reading: &Reading) -> Result<Vec<Candidate>, Problem> {
    let candidates = match (&reading.given, &reading.family) {
        (Some(given), Some(family)) => {
            let names = names(&given.key, &family.key);
            diesel::sql_query(BY_NAME)
                .bind::<Array<Text>, _>(names.iter().map(|name| name.family.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(names.iter().map(|name| name.given.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(names.iter().map(|name| name.until.as_str()).collect::<Vec<_>>())
                .bind::<Array<Text>, _>(given.sounds())
                .bind::<Array<Text>, _>(family.sounds())
                .bind::<Text, _>(&family.key)
                .bind::<Text, _>(end(&family.key))
                .bind::<Text, _>(&given.key)
                .bind::<Text, _>(end(&given.key))
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
                .bind::<BigInt, _>(EACH)
                .prepared()
                .load(connection)
                .await?
        }
        // A given name alone is everybody's.
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
