//! The index's rows.

mod look;
mod restriction;

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::access::{self, Grant, View};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{Mention, Method, NamedPersonId, name_key};
use super::sound::{last_part, sound};
use crate::referral::domain::ReferralId;
use crate::schema::person;

pub use look::access_log;
pub use restriction::{lift, restrict};

/// A person's row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = person)]
pub struct Person {
    pub id: PersonId,
    pub given_name: String,
    pub family_name: String,
    pub birth_date: Option<NaiveDate>,
    pub given_key: String,
    pub family_key: String,
    pub version: i64,
    pub given_sound: Option<String>,
    pub family_sound: Option<String>,
    pub family_last_key: Option<String>,
}

impl Person {
    /// A new person in its first version.
    pub fn new(given_name: &str, family_name: &str, birth_date: Option<NaiveDate>) -> Self {
        Self {
            id: PersonId::new(),
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            birth_date,
            given_key: name_key(given_name),
            family_key: name_key(family_name),
            version: 1,
            given_sound: Some(sound(given_name).usual),
            family_sound: Some(sound(family_name).usual),
            family_last_key: last_part(family_name),
        }
    }
}

#[derive(QueryableByName)]
struct Match {
    #[diesel(sql_type = BigInt)]
    n: i64,
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
    #[diesel(sql_type = Text)]
    given_name: String,
    #[diesel(sql_type = Text)]
    family_name: String,
}

/// Whom each of `wanted` means: someone the index has, or the new person itself. People who are
/// new are inserted.
///
/// # Errors
/// As the database says.
pub async fn resolve(
    connection: &mut AsyncPgConnection,
    wanted: Vec<Person>,
) -> Result<Vec<(PersonId, Method)>, Problem> {
    let matches: Vec<Match> =
        diesel::sql_query("SELECT n, person_id, given_name, family_name FROM person_match($1, $2, $3)")
            .bind::<Array<Text>, _>(wanted.iter().map(|p| p.given_key.as_str()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(wanted.iter().map(|p| p.family_key.as_str()).collect::<Vec<_>>())
            .bind::<Array<Nullable<Date>>, _>(wanted.iter().map(|p| p.birth_date).collect::<Vec<_>>())
            .prepared()
            .load(connection)
            .await?;
    let known: HashMap<i64, Match> = matches.into_iter().map(|row| (row.n, row)).collect();
    let mut fresh: Vec<Person> = Vec::new();
    // The same person twice, on one form or on several that come together, is one person.
    let mut twins: HashMap<(String, String, NaiveDate), PersonId> = HashMap::new();
    let mut resolved = Vec::with_capacity(wanted.len());
    for (person, n) in wanted.into_iter().zip(1i64..) {
        let birth = person.birth_date;
        let key = birth.map(|birth| (person.family_key.clone(), person.given_key.clone(), birth));
        let twin = key.as_ref().and_then(|key| twins.get(key)).copied();
        resolved.push(match (known.get(&n), twin) {
            (Some(row), _) if row.given_name == person.given_name && row.family_name == person.family_name => {
                (PersonId(row.person_id), Method::Exact)
            }
            (Some(row), _) => (PersonId(row.person_id), Method::Normalised),
            (None, Some(twin)) => (twin, Method::Normalised),
            (None, None) => {
                let id = person.id;
                twins.extend(key.map(|key| (key, id)));
                fresh.push(person);
                (id, Method::New)
            }
        });
    }
    insert_all(connection, &fresh).await?;
    Ok(resolved)
}

async fn insert_all(connection: &mut AsyncPgConnection, fresh: &[Person]) -> Result<(), Problem> {
    if fresh.is_empty() {
        return Ok(());
    }
    let rows = fresh.iter().map(|person| {
        json!({ "id": person.id, "given_name": person.given_name, "family_name": person.family_name,
                "birth_date": person.birth_date, "given_key": person.given_key, "family_key": person.family_key,
                "given_sound": person.given_sound, "family_sound": person.family_sound, "family_last_key": person.family_last_key })
    });
    diesel::sql_query(
        "INSERT INTO person (id, given_name, family_name, birth_date, given_key, family_key, given_sound, family_sound,
             family_last_key, version)
         SELECT p.*, 1 FROM jsonb_to_recordset($1) AS p(id uuid, given_name text, family_name text, birth_date date,
             given_key text, family_key text, given_sound text, family_sound text, family_last_key text)",
    )
    .bind::<Jsonb, _>(Value::Array(rows.collect()))
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps the people whom referrers named, word for word, and links each to the index. The front door
/// and information governance see those who are new. The answer is for each referral whom it is about; the
/// caller says so with [`access::subjects`], once it has read all that it is going to answer with.
///
/// # Errors
/// As the database says.
pub async fn link_named(
    connection: &mut AsyncPgConnection,
    named: &[(ReferralId, Vec<Mention<'_>>)],
    now: DateTime<Utc>,
) -> Result<Vec<Vec<Uuid>>, Problem> {
    let all = || named.iter().flat_map(|(_, mentions)| mentions);
    let wanted = all().map(|told| Person::new(told.given_name, told.family_name, told.birth_date)).collect();
    let resolved = resolve(connection, wanted).await?;
    let mut rows = Vec::with_capacity(resolved.len());
    let mut about: Vec<Vec<Uuid>> = Vec::with_capacity(named.len());
    let mut whom = resolved.iter();
    for (referral, mentions) in named {
        let mut people: Vec<Uuid> = Vec::with_capacity(mentions.len());
        for ((told, (person, method)), place) in mentions.iter().zip(whom.by_ref()).zip(0i16..) {
            people.push(person.0);
            rows.push(json!({
                "id": NamedPersonId::new(), "referral_id": referral, "place": place, "relation": told.relation,
                "given_name": told.given_name, "family_name": told.family_name, "birth_date": told.birth_date,
                "expected_on": told.expected_on, "household": told.household, "address": told.address,
                "postcode": told.postcode, "school": told.school, "person_id": person, "method": method.as_str(),
            }));
        }
        people.sort_unstable();
        people.dedup();
        about.push(people);
    }
    diesel::sql_query(
        "WITH told AS MATERIALIZED (
             SELECT * FROM jsonb_to_recordset($1) AS t(id uuid, referral_id uuid, place smallint, relation text,
                 given_name text, family_name text, birth_date date, expected_on date, household smallint, address text,
                 postcode text, school text, person_id uuid, method text)
         ), named AS (
             INSERT INTO named_person (id, referral_id, place, relation, given_name, family_name, birth_date,
                 expected_on, household, address, postcode, school)
             SELECT id, referral_id, place, relation, given_name, family_name, birth_date, expected_on, household,
                 address, postcode, school FROM told
         )
         INSERT INTO person_link (named_person_id, referral_id, person_id, method, linked_at)
         SELECT id, referral_id, person_id, method, $2 FROM told",
    )
    .bind::<Jsonb, _>(Value::Array(rows))
    .bind::<Timestamptz, _>(now)
    .prepared()
    .execute(connection)
    .await?;
    let fresh: Vec<(Uuid, Uuid)> =
        resolved.iter().filter(|(_, method)| *method == Method::New).map(|(person, _)| (person.0, person.0)).collect();
    access::subjects(connection, &fresh).await?;
    // Only now: once others hold a new person, whoever referred no longer may add to it.
    let grants: Vec<Grant> = fresh.iter().flat_map(|(person, _)| first_scopes(*person, now)).collect();
    access::grant(connection, &grants).await?;
    Ok(about)
}

/// The front door sees every person; information governance sees that there is one.
pub fn first_scopes(person: Uuid, now: DateTime<Utc>) -> [Grant; 2] {
    let grant = |scope: &str, view| Grant {
        record: person,
        kind: "person",
        scope: scope.to_owned(),
        view,
        state: "known",
        sort_at: now,
    };
    [grant("front-door", View::Full), grant("governance", View::Involvement)]
}

/// The person the caller sees already under these names and birth date, or this one, new.
///
/// Someone hidden from the caller is not looked for: the two records are for those to join
/// who see both.
///
/// # Errors
/// As the database says.
pub async fn find_or_insert(
    connection: &mut AsyncPgConnection,
    wanted: Person,
    scopes: &[String],
    now: DateTime<Utc>,
) -> Result<Person, Problem> {
    if let Some(birth) = wanted.birth_date {
        let known: Option<Person> = person::table
            .select(Person::as_select())
            .filter(person::family_key.eq(&wanted.family_key))
            .filter(person::given_key.eq(&wanted.given_key))
            .filter(person::birth_date.eq(birth))
            .order(person::id)
            .first(connection)
            .await
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
    }
    diesel::insert_into(person::table).values(&wanted).execute(connection).await?;
    let mut grants = first_scopes(wanted.id.0, now).to_vec();
    let works_in = |scope: &&String| scope.starts_with("team:") || scope.starts_with("hub:");
    grants.extend(scopes.iter().filter(works_in).map(|scope| Grant {
        record: wanted.id.0,
        kind: "person",
        scope: scope.clone(),
        view: View::Full,
        state: "known",
        sort_at: now,
    }));
    access::grant(connection, &grants).await?;
    access::subjects(connection, &[(wanted.id.0, wanted.id.0)]).await?;
    Ok(wanted)
}

/// A person the caller sees whole.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, id: PersonId) -> Result<Person, Problem> {
    person::table
        .find(id)
        .select(Person::as_select())
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// People the caller sees whose names begin like this, by family then given name.
///
/// Row-level security hides the others before the limit is applied, so nothing tells of them.
///
/// # Errors
/// As the database says.
pub async fn search(
    connection: &mut AsyncPgConnection,
    family_key: &str,
    given_key: Option<&str>,
    birth_date: Option<NaiveDate>,
    limit: i64,
) -> Result<Vec<Person>, Problem> {
    // The end of a prefix's range: C collation orders by bytes, and no key holds U+10FFFF.
    let end = |prefix: &str| format!("{prefix}\u{10FFFF}");
    let mut query = person::table
        .select(Person::as_select())
        .filter(person::family_key.ge(family_key).and(person::family_key.lt(end(family_key))))
        .order((person::family_key, person::given_key, person::birth_date, person::id))
        .limit(limit)
        .into_boxed();
    if let Some(given) = given_key {
        query = query.filter(person::given_key.ge(given).and(person::given_key.lt(end(given))));
    }
    if let Some(birth) = birth_date {
        query = query.filter(person::birth_date.eq(birth));
    }
    Ok(query.load(connection).await?)
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    seen: bool,
}

/// Refuses a caller who does not see, in any view, that there is such a person.
///
/// # Errors
/// 404.
pub async fn require_seen(connection: &mut AsyncPgConnection, id: PersonId) -> Result<(), Problem> {
    let row: Seen = diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM record_scope WHERE record_id = $1 AND kind = 'person') AS seen",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .get_result(connection)
    .await?;
    if row.seen { Ok(()) } else { Err(Problem::not_found()) }
}
