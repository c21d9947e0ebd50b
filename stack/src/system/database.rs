//! The databases of one system: their names, and who reaches them how.

use std::fs;

use reqwest::Url;

use super::Process;
use crate::error::{Attempt, Error, Result};
use crate::keys::write_private;
use crate::layout::Layout;

/// The roles of each process in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Owns the schema and migrates it.
    Owner,
    /// Serves requests.
    Web,
    /// Relays, consumes and chases.
    Worker,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Web, Self::Worker];

    /// The role's name for a process: `referral_web`.
    #[must_use]
    pub fn name(self, process: Process) -> String {
        let end = match self {
            Self::Owner => "owner",
            Self::Web => "web",
            Self::Worker => "worker",
        };
        format!("{}_{end}", process.name())
    }
}

/// The databases of one system.
#[derive(Debug, Clone)]
pub struct DatabaseNames {
    superuser: String,
    suffix: String,
    password: Option<String>,
}

impl DatabaseNames {
    /// In the cluster that `superuser` is an address of.
    pub(super) fn new(superuser: String, suffix: String, password: Option<String>) -> Self {
        Self { superuser, suffix, password }
    }

    /// The superuser's address.
    #[must_use]
    pub fn superuser(&self) -> &str {
        &self.superuser
    }

    /// The roles' password, in a cluster that may ask for one.
    pub(super) fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The name of a process's database.
    #[must_use]
    pub fn of(&self, process: Process) -> String {
        format!("{}{}", process.name(), self.suffix)
    }

    /// The address of a process's database for one of its roles.
    ///
    /// # Errors
    /// When the superuser's address is not one.
    pub fn url(&self, process: Process, role: Role) -> Result<String> {
        self.url_as(&role.name(process), self.password.as_deref(), &self.of(process))
    }

    /// The address of a process's database for the superuser, whom nothing
    /// binds: for looking at what is stored.
    ///
    /// # Errors
    /// When the superuser's address is not one.
    pub fn superuser_url(&self, process: Process) -> Result<String> {
        let (scheme, authority, _, query) = self.parts()?;
        Ok(assemble(scheme, authority, &self.of(process), query))
    }

    fn url_as(&self, user: &str, password: Option<&str>, database: &str) -> Result<String> {
        let (scheme, authority, _, query) = self.parts()?;
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let user = match password {
            Some(password) => format!("{user}:{password}"),
            None => user.to_owned(),
        };
        Ok(assemble(scheme, &format!("{user}@{host}"), database, query))
    }

    /// Takes the address apart by hand: general-purpose parsers refuse one
    /// without a host, which is what a socket's looks like.
    fn parts(&self) -> Result<(&str, &str, &str, Option<&str>)> {
        let bad = || Error::new("the superuser's address must look like postgres://user@host/database");
        let (scheme, rest) = self.superuser.split_once("://").ok_or_else(bad)?;
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, database) = rest.split_once('/').unwrap_or((rest, "postgres"));
        Ok((scheme, authority, database, query))
    }
}

fn assemble(scheme: &str, authority: &str, database: &str, query: Option<&str>) -> String {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}/{database}{query}")
}

/// The password that the roles get in a cluster that asks for one; made at the
/// first use, and kept.
pub(super) fn kept_password(layout: &Layout) -> Result<String> {
    let path = layout.keys().join("database-password");
    if let Ok(password) = fs::read_to_string(&path) {
        return Ok(password);
    }
    let password = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
    write_private(&path, password.as_bytes())?;
    Ok(password)
}

/// Runs statements at an address, in the words of the database if they fail.
///
/// # Errors
/// When the database is away or refuses.
pub async fn execute(url: &str, sql: &str) -> Result<()> {
    let name = || {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        format!("reach the database at {}", host.unwrap_or_else(|| "its socket".to_owned()))
    };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.attempt(name)?;
    let driver = tokio::spawn(connection);
    let outcome = client.batch_execute(sql).await.map_err(|error| {
        let said = error.as_db_error().map(|said| said.message().to_owned());
        Error::new(said.unwrap_or_else(|| error.to_string()))
    });
    drop(client);
    let _ = driver.await;
    outcome
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_are_reached_over_the_same_socket() {
        let superuser = "postgres://postgres@/postgres?host=/tmp/t-0-1".to_owned();
        let names = DatabaseNames::new(superuser, "_7".to_owned(), None);
        assert_eq!(
            names.url(Process::YouthJustice, Role::Web).unwrap(),
            "postgres://youth_justice_web@/youth_justice_7?host=/tmp/t-0-1"
        );
        assert_eq!(names.superuser_url(Process::Gateway).unwrap(), "postgres://postgres@/gateway_7?host=/tmp/t-0-1");
    }

    #[test]
    fn roles_get_their_own_password_elsewhere() {
        let superuser = "postgresql://boss:secret@db:5433/postgres".to_owned();
        let names = DatabaseNames::new(superuser, String::new(), Some("p".to_owned()));
        assert_eq!(
            names.url(Process::Referral, Role::Owner).unwrap(),
            "postgresql://referral_owner:p@db:5433/referral"
        );
    }
}
