//! Who sees a family, its members and its cases.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Grant, View};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::case::{Case, cases_of};
use super::family::Family;
use super::member::members_ever;
use crate::family::domain::{CaseId, FamilyId};

#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = Text)]
    scope: String,
    #[diesel(sql_type = Text)]
    view: String,
}

/// Who sees a family, or a case, whole. Only for one who does.
///
/// # Errors
/// 500 if the caller doesn't.
pub async fn holders(connection: &mut AsyncPgConnection, id: impl Into<Uuid>) -> Result<Vec<String>, Problem> {
    let holders: Vec<Holder> = diesel::sql_query("SELECT scope, view FROM family_scopes($1)")
        .bind::<SqlUuid, _>(id.into())
        .prepared()
        .load(connection)
        .await?;
    Ok(holders.into_iter().filter(|holder| holder.view == View::Full.as_str()).map(|holder| holder.scope).collect())
}

/// What lets a scope see a family and the people of it whole.
pub fn grants_for_team(family: &Family, scope: &str, state: &'static str, people: &[Uuid]) -> Vec<Grant> {
    let grant = |record, kind, state| Grant {
        record,
        kind,
        scope: scope.to_owned(),
        view: View::Full,
        state,
        sort_at: family.formed_at,
    };
    let people = people.iter().map(|person| grant(*person, "person", "known"));
    std::iter::once(grant(family.id.0, "family", state)).chain(people).collect()
}

/// Opens a case to a scope, a supporting team or a named worker: the case and the family whole, the
/// family's other cases as far as who is helping.
///
/// # Errors
/// As the database says.
pub async fn open_to(
    connection: &mut AsyncPgConnection,
    family: &Family,
    case: &Case,
    scope: &str,
) -> Result<(), Problem> {
    let mut people: Vec<Uuid> =
        members_ever(connection, family.id).await?.into_iter().map(|member| member.person_id).collect();
    people.sort_unstable();
    people.dedup();
    let mut grants = grants_for_team(family, scope, "open", &people);
    for other in cases_of(connection, family.id).await? {
        let view = if other.id == case.id { View::Full } else { View::Involvement };
        grants.push(case_grant(&other, scope, view)?);
    }
    access::grant(connection, &grants).await?;
    diesel::sql_query("SELECT case_follow($1, $2)")
        .bind::<SqlUuid, _>(case.id)
        .bind::<Text, _>(scope)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes what belongs to a case from a scope that has no part in it any more.
///
/// # Errors
/// 500 if the caller does not see the case whole.
pub async fn unfollow(connection: &mut AsyncPgConnection, id: CaseId, scope: &str) -> Result<(), Problem> {
    diesel::sql_query("SELECT case_unfollow($1, $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(scope)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// What lets a scope see a case.
///
/// # Errors
/// 500 if the case stands where this program does not know.
pub fn case_grant(case: &Case, scope: &str, view: View) -> Result<Grant, Problem> {
    Ok(Grant {
        record: case.id.0,
        kind: "case",
        scope: scope.to_owned(),
        view,
        state: case.status()?.as_str(),
        sort_at: case.opened_at,
    })
}

/// Shows people who join a family to everyone who sees the family whole.
///
/// # Errors
/// As the database says.
pub async fn show_people(
    connection: &mut AsyncPgConnection,
    family: &Family,
    people: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let holders = holders(connection, family.id).await?;
    let grant = |person: Uuid, scope: &String| Grant {
        record: person,
        kind: "person",
        scope: scope.clone(),
        view: View::Full,
        state: "known",
        sort_at: now,
    };
    let grants: Vec<Grant> =
        people.iter().flat_map(|person| holders.iter().map(|scope| grant(*person, scope))).collect();
    access::grant(connection, &grants).await
}

/// Says that the family and its cases are about these people. What restricts them then restricts
/// the family too, perhaps for the caller: so it is the last that is done.
///
/// # Errors
/// As the database says.
pub async fn subjects(connection: &mut AsyncPgConnection, id: FamilyId, people: &[Uuid]) -> Result<(), Problem> {
    let cases = cases_of(connection, id).await?;
    let records = std::iter::once(id.0).chain(cases.iter().map(|case| case.id.0));
    let pairs: Vec<(Uuid, Uuid)> =
        records.flat_map(|record| people.iter().map(move |person| (record, *person))).collect();
    access::subjects(connection, &pairs).await?;
    Ok(())
}
