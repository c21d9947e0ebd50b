//! `gateway admin create-administrator`: the first one, whom nobody could add through the API.
//!
//! It works as the worker role, which may write the audit row that belongs to it.

use std::io::Read;

use chrono::Utc;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::{Actor, Role, Word};
use shared::audit::{self, Entry, Outcome};
use shared::db::{self, Context, Tx};
use shared::id::UserId;
use shared::problem::Problem;
use uuid::Uuid;

use super::assignment;
use super::user::{UserRow, add, add_password, judge_password};
use crate::password;
use crate::schema::{agency, user_account};

/// What the command was called with.
#[derive(Debug, PartialEq, Eq)]
pub struct NewAdministrator {
    agency_code: Word,
    agency_name: String,
    username: String,
}

const USAGE: &str = "usage: gateway admin create-administrator --agency-code CODE --agency-name NAME --username NAME \
                     (the password on standard input; THRESHOLD_WORKER_DATABASE_URL set)";

impl NewAdministrator {
    /// Reads the arguments after `admin`.
    ///
    /// # Errors
    /// How it is called.
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let Some(("create-administrator", rest)) =
            arguments.split_first().map(|(command, rest)| (command.as_str(), rest))
        else {
            return Err(USAGE.to_owned());
        };
        let (mut code, mut name, mut username) = (None, None, None);
        for pair in rest.chunks(2) {
            match pair {
                [option, value] if option == "--agency-code" => code = Some(value.clone()),
                [option, value] if option == "--agency-name" => name = Some(value.clone()),
                [option, value] if option == "--username" => username = Some(value.clone()),
                _ => return Err(USAGE.to_owned()),
            }
        }
        let (Some(code), Some(agency_name), Some(username)) = (code, name, username) else {
            return Err(USAGE.to_owned());
        };
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        if !(2..=64).contains(&username.len()) || !username.bytes().all(letters) {
            return Err("the user name may have 2 to 64 lower-case letters, digits and . _ -".to_owned());
        }
        let agency_code = code.parse().map_err(|error| format!("--agency-code {error}"))?;
        Ok(Self { agency_code, agency_name, username })
    }
}

/// Adds the agency, unless it is there, and the administrator, unless someone has the name.
/// The answer is a line for the one who called.
///
/// # Errors
/// One line that says what is wrong.
pub async fn create_administrator(worker_url: &str, new: NewAdministrator) -> Result<String, String> {
    let pool = db::pool(worker_url, 1)?;
    let actor = Actor {
        user: UserId::new(),
        name: "gateway-admin-command".to_owned(),
        agency: new.agency_code.clone(),
        roles: vec![Role::PartnershipAdministrator],
        localities: Vec::new(),
        teams: Vec::new(),
        session: Uuid::now_v7(),
        token: Uuid::now_v7(),
        token_made_at: 0,
        on_behalf_of: None,
        bearer: String::new(),
        trace: None,
    };
    let mut tx = Tx::begin(&pool, &Context::of(&actor, Utc::now())).await.map_err(|problem| told(&problem))?;
    if is_taken(&mut tx, &new.username).await.map_err(|error| error.to_string())? {
        return Ok(format!("{} is there already; nothing was changed", new.username));
    }
    let mut password = String::new();
    std::io::stdin().take(4096).read_to_string(&mut password).map_err(|error| format!("standard input: {error}"))?;
    let password = password.trim_end_matches(['\r', '\n']);
    if !(12..=128).contains(&password.chars().count()) || judge_password(password, &new.username).is_some() {
        return Err("the password on standard input must have 12 to 128 characters and not be easy to guess".to_owned());
    }
    let hash = password::hash(password)?;
    let line = format!("{} may now sign in as partnership administrator of {}", new.username, new.agency_code);
    insert(&mut tx, &actor, new, &hash).await.map_err(|problem| told(&problem))?;
    tx.commit().await.map_err(|problem| told(&problem))?;
    Ok(line)
}

fn told(problem: &Problem) -> String {
    if problem.status() == 503 { "the database is not there".to_owned() } else { problem.to_string() }
}

async fn is_taken(connection: &mut AsyncPgConnection, username: &str) -> QueryResult<bool> {
    let users = user_account::table.filter(user_account::username.eq(username));
    Ok(users.count().get_result::<i64>(connection).await? > 0)
}

async fn insert(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    new: NewAdministrator,
    hash: &str,
) -> Result<(), Problem> {
    let now = Utc::now();
    diesel::insert_into(agency::table)
        .values((
            agency::id.eq(Uuid::now_v7()),
            agency::code.eq(new.agency_code.as_str()),
            agency::name.eq(new.agency_name),
            agency::kind.eq("council"),
            agency::created_at.eq(now),
            agency::version.eq(1),
        ))
        .on_conflict(agency::code)
        .do_nothing()
        .execute(connection)
        .await?;
    let row = UserRow {
        id: Uuid::now_v7(),
        display_name: new.username.clone(),
        username: new.username,
        agency: new.agency_code.to_string(),
        roles: assignment::role_codes(&[Role::PartnershipAdministrator]),
        localities: Vec::new(),
        teams: Vec::new(),
        created_at: now,
        deactivated_at: None,
        version: 1,
    };
    if !add(connection, &row).await? {
        return Err(Problem::new(shared::problem::DUPLICATE));
    }
    assignment::grant(connection, row.id, "user", &row.agency, now).await?;
    add_password(connection, row.id, hash, now).await?;
    let entry = Entry { record: Some(row.id), ..Entry::default() };
    audit::write(connection, actor, None, "user.create", Outcome::Done, 201, &entry).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse(line: &str) -> Result<NewAdministrator, String> {
        NewAdministrator::parse(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_says_how_it_is_called() {
        assert!(parse("create-administrator --agency-code a --agency-name A --username admin").is_ok());
        for wrong in [
            "create-administrator",
            "destroy",
            "create-administrator --agency-code",
            "create-administrator --agency-code A --agency-name A --username admin",
            "create-administrator --agency-code a --agency-name A --username Admin",
            "create-administrator --agency-code a --agency-name A --username admin --force yes",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
