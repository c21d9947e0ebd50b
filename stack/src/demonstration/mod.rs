//! The demonstration county: its agencies, teams, people and client systems
//! ([`load`]), and what they have been doing ([`load_records`]).
//!
//! It is data (`stack/demonstration/*.json`, `performance/*.json`) and comes in
//! through the doors that everybody uses: the gateway's `admin` command for the
//! first administrator, the API for the rest. Loading it again changes nothing.

mod api;
mod audit;
mod county;
mod directory;
mod records;
mod safeguarding;
mod sharing;
mod support;

use serde_json::{Value, json};

use crate::error::{Attempt, Error, Result};
use crate::identity;
use crate::keys::Key;
use crate::system::{Process, System};
use api::Api;
pub use records::load_records;

/// The administrator who makes everything else.
pub const ADMINISTRATOR: &str = "admin";
/// Everybody's password. For demonstration only: it is in the open.
pub const PASSWORD: &str = "threshold-demo";

const AGENCIES: &str = include_str!("../../demonstration/agencies.json");
const TEAMS: &str = include_str!("../../demonstration/teams.json");
const USERS: &str = include_str!("../../demonstration/users.json");
const CLIENTS: &str = include_str!("../../demonstration/clients.json");

/// Somebody, or some system, that can be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The username or client id.
    pub name: String,
    /// The roles it has.
    pub roles: String,
    /// Where it belongs: agency, and localities or teams if it has any.
    pub place: String,
}

/// Loads whatever of the county's agencies, people and client systems is not
/// there yet.
///
/// # Errors
/// When the gateway refuses a part of it; what was loaded before stays.
pub async fn load(system: &System) -> Result<()> {
    let agencies = parts(AGENCIES)?;
    let first = agencies.first().ok_or_else(|| Error::new("the demonstration has no agency"))?;
    let made = create_administrator(system, first).await;
    let token = identity::sign_in(system.issuer(), ADMINISTRATOR, PASSWORD).await;
    // An administrator there already is no failure, and nor is what creating
    // one again answers; not being able to sign in is.
    let token = match (token, made) {
        (Ok(token), _) => token,
        (Err(error), Ok(())) | (Err(_), Err(error)) => return Err(error),
    };
    let api = Api::new(system.issuer(), token)?;
    for agency in &agencies {
        api.create("/v1/agencies", agency).await?;
        let source = json!({ "agency": text(agency, "code"), "kind": text(agency, "kind") });
        api.create("/v1/information-sources", &source).await?;
    }
    for team in parts(TEAMS)? {
        api.create("/v1/teams", &team).await?;
    }
    for user in parts(USERS)? {
        api.create("/v1/users", &with(user, "password", json!(PASSWORD))).await?;
    }
    for client in parts(CLIENTS)? {
        let id = text(&client, "client_id");
        let key = Key::in_file(&system.keys().of_client(&id))?;
        let set = json!({ "keys": [key.public_jwk(&id)] });
        api.create("/v1/clients", &with(client, "jwks", set)).await?;
    }
    Ok(())
}

/// The people, the administrator first.
///
/// # Errors
/// When the data cannot be read.
pub fn people() -> Result<Vec<SignIn>> {
    let mut people = vec![SignIn {
        name: ADMINISTRATOR.to_owned(),
        roles: "partnership_administrator".to_owned(),
        place: parts(AGENCIES)?.first().map(|agency| text(agency, "code")).unwrap_or_default(),
    }];
    people.extend(parts(USERS)?.iter().map(|user| sign_in(user, "username")));
    Ok(people)
}

/// The client systems.
///
/// # Errors
/// When the data cannot be read.
pub fn clients() -> Result<Vec<SignIn>> {
    Ok(parts(CLIENTS)?.iter().map(|client| sign_in(client, "client_id")).collect())
}

async fn create_administrator(system: &System, agency: &Value) -> Result<()> {
    let (code, name) = (text(agency, "code"), text(agency, "name"));
    let arguments =
        ["admin", "create-administrator", "--agency-code", &code, "--agency-name", &name, "--username", ADMINISTRATOR];
    system.run(Process::Gateway, &arguments, PASSWORD).await.map(drop)
}

fn sign_in(record: &Value, name: &str) -> SignIn {
    let mut place = vec![text(record, "agency")];
    place.extend(list(record, "localities"));
    place.extend(list(record, "teams"));
    SignIn { name: text(record, name), roles: list(record, "roles").join(", "), place: place.join(", ") }
}

fn parts(json: &str) -> Result<Vec<Value>> {
    serde_json::from_str(json).attempt(|| "read the demonstration's data".to_owned())
}

fn with(mut record: Value, name: &str, value: Value) -> Value {
    if let Some(fields) = record.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    record
}

fn text(record: &Value, name: &str) -> String {
    record.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn list(record: &Value, name: &str) -> Vec<String> {
    let values = record.get(name).and_then(Value::as_array);
    values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn everything_belongs_to_an_agency_and_team_that_is_there() {
        let codes = |json| -> Vec<String> { parts(json).unwrap().iter().map(|part| text(part, "code")).collect() };
        let (agencies, teams) = (codes(AGENCIES), codes(TEAMS));
        for json in [TEAMS, USERS, CLIENTS] {
            for record in parts(json).unwrap() {
                assert!(agencies.contains(&text(&record, "agency")), "{record}");
                assert!(list(&record, "teams").iter().all(|team| teams.contains(team)));
            }
        }
    }

    #[test]
    fn lists_whom_to_sign_in_as() {
        let people = people().unwrap();
        let harper = people.iter().find(|one| one.name == "harper.hub").unwrap();
        assert_eq!(harper.roles, "hub_member");
        assert_eq!(harper.place, "district-charnwood, charnwood");
        assert_eq!(clients().unwrap().len(), 3);
    }
}
