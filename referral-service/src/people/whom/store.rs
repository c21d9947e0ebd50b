//! Who a record is about, and who else works with them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

use super::Whom;
use crate::people::domain::Method;
use crate::people::store::{self, Person, first_scopes};

/// Someone the index has, with the names and birth date as they were told.
#[derive(Clone, Debug)]
pub struct Known {
    /// Whom the index takes it to be.
    pub id: PersonId,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    pub birth_date: Option<NaiveDate>,
}

/// Whom a form, already checked, means. Someone the index did not have is added to it, seen by the
/// front door and by information governance. Like a referral's mentions, names may meet somebody the
/// caller does not see; the caller learns nothing of them by it.
///
/// # Errors
/// 422 at `at` if the caller sees nobody by the id given.
pub async fn identify(
    connection: &mut AsyncPgConnection,
    whom: &Whom,
    at: &str,
    now: DateTime<Utc>,
) -> Result<Known, Problem> {
    if let Some(id) = whom.person_id {
        let unknown = || {
            let error = FieldError::at(format!("{at}/person_id"), "unknown", "is nobody you see in the index");
            Problem::invalid(vec![error])
        };
        let person = store::find(connection, id).await.map_err(|problem| match problem.status() {
            404 => unknown(),
            _ => problem,
        })?;
        return Ok(Known {
            id,
            given_name: person.given_name,
            family_name: person.family_name,
            birth_date: person.birth_date,
        });
    }
    let (given, family) =
        (whom.given_name.as_deref().unwrap_or_default(), whom.family_name.as_deref().unwrap_or_default());
    let wanted = Person::new(given, family, whom.birth_date);
    let resolved = store::resolve(connection, vec![wanted]).await?;
    let (id, method) = resolved.into_iter().next().ok_or_else(|| Problem::internal(&"nobody was resolved"))?;
    if method == Method::New {
        access::subjects(connection, &[(id.0, id.0)]).await?;
        access::grant(connection, &first_scopes(id.0, now)).await?;
    }
    Ok(Known { id, given_name: given.to_owned(), family_name: family.to_owned(), birth_date: whom.birth_date })
}

/// Lets whoever sees a record whole see the people it is about. Called last, after
/// [`access::subjects`]: what restricts the people holds from there on.
///
/// # Errors
/// 500 if the caller does not see the record.
pub async fn show_to_holders(connection: &mut AsyncPgConnection, record: Uuid) -> Result<(), Problem> {
    sql_query("SELECT subject_show($1)").bind::<SqlUuid, _>(record).prepared().execute(connection).await?;
    Ok(())
}

/// A record about someone that is still open, and one scope that holds it whole.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct OpenRecord {
    /// The record.
    #[diesel(sql_type = SqlUuid)]
    pub record_id: Uuid,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Who holds it.
    #[diesel(sql_type = Text)]
    pub scope: String,
}

/// The open records of a kind about someone, whoever asks: for alerts, which reach people the asker
/// knows nothing of.
///
/// # Errors
/// As the database says.
pub async fn open_records_about(
    connection: &mut AsyncPgConnection,
    person: PersonId,
    kind: &str,
) -> Result<Vec<OpenRecord>, Problem> {
    Ok(sql_query(
        "SELECT record_id, kind, scope FROM person_open_records($1) WHERE kind = $2 ORDER BY record_id, scope",
    )
    .bind::<SqlUuid, _>(person)
    .bind::<Text, _>(kind)
    .prepared()
    .load(connection)
    .await?)
}

/// A record about someone that the caller sees.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct SeenRecord {
    /// The record.
    #[diesel(sql_type = SqlUuid)]
    pub record_id: Uuid,
    /// What it is.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Where it stands.
    #[diesel(sql_type = Text)]
    pub state: String,
}

/// The open records of these kinds about any of these people that the caller sees.
///
/// # Errors
/// As the database says.
pub async fn open_records_seen(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
    kinds: &[&str],
) -> Result<Vec<SeenRecord>, Problem> {
    Ok(sql_query(
        "SELECT DISTINCT s.record_id, s.kind, s.state \
         FROM record_subject about JOIN record_scope s ON s.record_id = about.record_id \
         WHERE about.person_id = ANY ($1) AND s.kind = ANY ($2) AND s.view = 'full' AND NOT record_is_over(s.state) \
         ORDER BY s.kind DESC, s.record_id",
    )
    .bind::<Array<SqlUuid>, _>(people)
    .bind::<Array<Text>, _>(kinds)
    .prepared()
    .load(connection)
    .await?)
}

#[derive(diesel::QueryableByName)]
struct Scopes {
    #[diesel(sql_type = Array<Text>)]
    scopes: Vec<String>,
}

#[derive(QueryableByName)]
struct Subject {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
}

/// Whom a record of one person is about.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn subject_of(connection: &mut AsyncPgConnection, record: Uuid) -> Result<PersonId, Problem> {
    let rows: Vec<Subject> = sql_query("SELECT person_id FROM record_subject WHERE record_id = $1")
        .bind::<SqlUuid, _>(record)
        .prepared()
        .load(connection)
        .await?;
    rows.into_iter().next().map(|row| PersonId(row.person_id)).ok_or_else(Problem::not_found)
}

/// The scopes of the teams that work with someone now, whoever asks.
///
/// # Errors
/// As the database says.
pub async fn teams_at_work_with(connection: &mut AsyncPgConnection, person: PersonId) -> Result<Vec<String>, Problem> {
    let row: Scopes = sql_query("SELECT person_teams($1) AS scopes")
        .bind::<SqlUuid, _>(person)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.scopes)
}
