//! What someone does and where: roles, districts and teams, and who may give them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Role, Word};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::db::Tx;
use shared::problem::{FieldError, Problem};
use uuid::Uuid;

use crate::schema::{agency, team};

/// What is to be given.
#[derive(Clone, Debug)]
pub struct Assignment<'a> {
    /// The code of the agency.
    pub agency: &'a str,
    /// What they do.
    pub roles: &'a [Role],
    /// The districts whose hub they sit on.
    pub localities: &'a [Word],
    /// The teams they work in.
    pub teams: &'a [Word],
}

/// What there is to give.
struct Known {
    agency: bool,
    /// Team codes, each with its agency's.
    teams: BTreeMap<String, String>,
}

/// Looks up what an assignment names.
async fn known(connection: &mut AsyncPgConnection, assignment: &Assignment<'_>) -> Result<Known, Problem> {
    let agencies: i64 = agency::table.filter(agency::code.eq(assignment.agency)).count().get_result(connection).await?;
    let codes: Vec<&str> = assignment.teams.iter().map(Word::as_str).collect();
    let teams: Vec<(String, String)> =
        team::table.filter(team::code.eq_any(codes)).select((team::code, team::agency)).load(connection).await?;
    Ok(Known { agency: agencies > 0, teams: teams.into_iter().collect() })
}

/// Roles that reach no further than the agency that an agency's administrator answers for.
const WITHIN_AN_AGENCY: &[Role] =
    &[Role::Referrer, Role::ServiceWorker, Role::ServiceManager, Role::YouthJusticeWorker, Role::AgencyAdministrator];

/// Whether the giver keeps the whole partnership, and not one agency only.
fn keeps_all(giver: &Actor) -> bool {
    giver.holds_any(&[Role::PartnershipAdministrator])
}

/// What is wrong with an assignment, field by field. `held` is what the person has already: an
/// agency's administrator may leave that, but give nothing that reaches beyond the agency.
fn judge(
    wanted: &Assignment<'_>,
    held: Option<&Assignment<'_>>,
    known: &Known,
    rules: &Rules,
    today: NaiveDate,
    giver: &Actor,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !known.agency {
        errors.push(FieldError::at("/agency", "unknown", "there is no agency with this code"));
    } else if !keeps_all(giver) && wanted.agency != giver.agency.as_str() {
        errors.push(FieldError::at("/agency", "not_yours", "you keep the users of your own agency only"));
    }
    for (index, role) in wanted.roles.iter().enumerate() {
        let at = format!("/roles/{index}");
        if wanted.roles.iter().take(index).any(|other| other == role) {
            errors.push(FieldError::at(at, "repeated", "stands there twice"));
        } else if !keeps_all(giver)
            && !WITHIN_AN_AGENCY.contains(role)
            && !held.is_some_and(|held| held.roles.contains(role))
        {
            errors.push(FieldError::at(at, "not_yours", "only a partnership administrator gives this role"));
        }
    }
    for (index, locality) in wanted.localities.iter().enumerate() {
        let at = format!("/localities/{index}");
        if !rules.has_code("locality", locality.as_str(), today) {
            errors.push(FieldError::at(at, "unknown", "there is no such locality"));
        } else if !keeps_all(giver) && !held.is_some_and(|held| held.localities.contains(locality)) {
            errors.push(FieldError::at(at, "not_yours", "only a partnership administrator gives a seat on a hub"));
        }
    }
    for (index, team) in wanted.teams.iter().enumerate() {
        let at = format!("/teams/{index}");
        match known.teams.get(team.as_str()) {
            None => errors.push(FieldError::at(at, "unknown", "there is no team with this code")),
            Some(agency)
                if !keeps_all(giver)
                    && agency != giver.agency.as_str()
                    && !held.is_some_and(|held| held.teams.contains(team)) =>
            {
                errors.push(FieldError::at(at, "not_yours", "this team belongs to another agency"));
            }
            Some(_) => {}
        }
    }
    if wanted.roles.contains(&Role::HubMember) && wanted.localities.is_empty() {
        errors.push(FieldError::at("/localities", "required", "a hub member sits on the hub of at least one locality"));
    }
    let works = wanted
        .roles
        .iter()
        .any(|role| matches!(role, Role::ServiceWorker | Role::ServiceManager | Role::YouthJusticeWorker));
    if works && wanted.teams.is_empty() {
        errors.push(FieldError::at("/teams", "required", "a worker works in at least one team"));
    }
    errors
}

/// Refuses what is wrong with an assignment, together with what else is wrong of the body.
///
/// # Errors
/// 422 naming every field.
pub async fn check(
    tx: &mut Tx,
    wanted: &Assignment<'_>,
    held: Option<&Assignment<'_>>,
    rules: &Rules,
    giver: &Actor,
    also: impl IntoIterator<Item = FieldError>,
) -> Result<(), Problem> {
    let known = known(tx, wanted).await?;
    let mut errors = judge(wanted, held, &known, rules, tx.now().local_day(), giver);
    errors.extend(also);
    Problem::refuse_any(errors)
}

/// Who sees the record of a user or client, and so may be asked to change it.
///
/// # Errors
/// As the database says.
pub async fn grant(
    connection: &mut AsyncPgConnection,
    record: Uuid,
    kind: &'static str,
    agency: &str,
    sort_at: chrono::DateTime<chrono::Utc>,
) -> Result<(), Problem> {
    let scopes = ["administration".to_owned(), format!("agency-administration:{agency}"), "governance".to_owned()];
    let grants = scopes.map(|scope| Grant { record, kind, scope, view: View::Full, state: "active", sort_at });
    access::grant(connection, &grants).await
}

/// The codes of roles as the tables keep them.
pub fn role_codes(roles: &[Role]) -> Vec<String> {
    roles.iter().map(ToString::to_string).collect()
}

/// The codes of words as the tables keep them.
pub fn codes(words: &[Word]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

/// The roles of a row; one that this program does not know gives nothing.
pub fn roles(codes: &[String]) -> Vec<Role> {
    codes.iter().filter_map(|code| code.parse().ok()).collect()
}

/// The words of a row.
pub fn words(codes: &[String]) -> Vec<Word> {
    codes.iter().filter_map(|code| code.parse().ok()).collect()
}
