//! Settings from the environment and from secret files, a small struct for each concern.

use std::path::PathBuf;

/// The value of `name`, or of the file that `name_FILE` names.
pub fn optional(name: &str) -> Result<Option<String>, String> {
    if let Some(value) = std::env::var(name).ok().filter(|value| !value.is_empty()) {
        return Ok(Some(value));
    }
    let Ok(file) = std::env::var(format!("{name}_FILE")) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{name}_FILE: cannot read {file}: {error}"))?;
    Ok(Some(text.trim_end().to_owned()))
}

/// As [`optional`], for a setting that must be there.
///
/// # Errors
/// One line naming the setting.
pub fn required(name: &str) -> Result<String, String> {
    optional(name)?.ok_or_else(|| format!("{name} is not set"))
}

/// Where a process listens and how it is reached.
#[derive(Clone, Debug)]
pub struct Address {
    /// `host:port` to listen on.
    pub bind: String,
}

impl Address {
    /// From `THRESHOLD_BIND`.
    ///
    /// # Errors
    /// As [`Address::named`] says.
    pub fn from_env() -> Result<Self, String> {
        Self::named("THRESHOLD_BIND")
    }

    /// From the setting `name`.
    ///
    /// # Errors
    /// If it is missing, or not a loopback address: between machines the mesh or a proxy that
    /// speaks TLS must stand in front, and `THRESHOLD_PLAIN_TEXT_BEHIND_TLS=yes` says that one does.
    pub fn named(name: &str) -> Result<Self, String> {
        let bind = required(name)?;
        let address: std::net::SocketAddr = bind.parse().map_err(|_| format!("{name}: {bind} is no host:port"))?;
        refuse_plain_text(name, address.ip().is_loopback())?;
        Ok(Self { bind })
    }
}

/// Refuses what would send plain text between machines.
fn refuse_plain_text(name: &str, stays_here: bool) -> Result<(), String> {
    if stays_here || optional("THRESHOLD_PLAIN_TEXT_BEHIND_TLS")?.as_deref() == Some("yes") {
        return Ok(());
    }
    Err(format!(
        "{name} is not a loopback address: plain text leaves this machine only behind \
         something that speaks TLS; set THRESHOLD_PLAIN_TEXT_BEHIND_TLS=yes if that is so"
    ))
}

/// Whether a host's name means this machine.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The address of another process, from the setting `name`.
///
/// # Errors
/// If it is missing, no URL, or plain HTTP to another machine.
pub fn peer_url(name: &str) -> Result<String, String> {
    let text = required(name)?;
    let url: reqwest::Url = text.parse().map_err(|error| format!("{name}: {error}"))?;
    refuse_plain_text(name, url.scheme() == "https" || url.host_str().is_some_and(is_here))?;
    Ok(text)
}

/// The address of a database, from the setting `name`.
///
/// # Errors
/// If it is missing, no PostgreSQL address, or on another machine.
pub fn database_url(name: &str) -> Result<String, String> {
    let text = required(name)?;
    let config: tokio_postgres::Config = text.parse().map_err(|error| format!("{name}: {error}"))?;
    let here = config.get_hosts().iter().all(|host| match host {
        tokio_postgres::config::Host::Unix(_) => true,
        tokio_postgres::config::Host::Tcp(host) => is_here(host),
    });
    refuse_plain_text(name, here)?;
    Ok(text)
}

/// The database of a process that serves.
#[derive(Clone)]
pub struct Databases {
    /// The web role's address.
    pub web: String,
    /// The worker role's address.
    pub worker: String,
}

impl Databases {
    /// From `THRESHOLD_DATABASE_URL` and `THRESHOLD_WORKER_DATABASE_URL`.
    ///
    /// # Errors
    /// If one is missing, or would be spoken to in plain text between machines.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            web: database_url("THRESHOLD_DATABASE_URL")?,
            worker: database_url("THRESHOLD_WORKER_DATABASE_URL")?,
        })
    }
}

/// Whom a process trusts, and how it shows who it is.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The issuer of access tokens: the gateway's public address.
    pub issuer: String,
    /// Where the gateway's keys and revocations are read.
    pub gateway: String,
    /// This process's private key.
    pub key_file: PathBuf,
    /// The public keys of all processes.
    pub jwks_file: PathBuf,
}

impl Trust {
    /// From `THRESHOLD_ISSUER`, `THRESHOLD_GATEWAY_INTERNAL_URL`, `THRESHOLD_SERVICE_KEY_FILE` and
    /// `THRESHOLD_SERVICE_JWKS_FILE`.
    ///
    /// # Errors
    /// If one is missing.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self {
            issuer: required("THRESHOLD_ISSUER")?,
            gateway: peer_url("THRESHOLD_GATEWAY_INTERNAL_URL")?,
            key_file: required("THRESHOLD_SERVICE_KEY_FILE")?.into(),
            jwks_file: required("THRESHOLD_SERVICE_JWKS_FILE")?.into(),
        })
    }
}

/// Redis, if there is one: without it everything goes on, a little later.
///
/// # Errors
/// If the secret file can't be read, or Redis would be spoken to in plain text between machines.
pub fn redis_url() -> Result<Option<String>, String> {
    let Some(text) = optional("THRESHOLD_REDIS_URL")? else { return Ok(None) };
    let url: reqwest::Url = text.parse().map_err(|error| format!("THRESHOLD_REDIS_URL: {error}"))?;
    let here = url.scheme().contains("unix") || url.scheme() == "rediss" || url.host_str().is_none_or(is_here);
    refuse_plain_text("THRESHOLD_REDIS_URL", here)?;
    Ok(Some(text))
}

/// The business clock's file; test and demonstration mode only.
///
/// # Errors
/// If the secret file can't be read.
pub fn clock_file() -> Result<Option<PathBuf>, String> {
    Ok(optional("THRESHOLD_CLOCK_FILE")?.map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in ["localhost", "127.0.0.1", "127.8.0.1", "::1", "[::1]"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["10.0.0.1", "db.example", "localhost.example", "0.0.0.0", ""] {
            assert!(!is_here(host), "{host}");
        }
    }

    #[test]
    fn plain_text_between_machines_needs_saying() {
        assert!(refuse_plain_text("X", true).is_ok());
        assert!(refuse_plain_text("X", false).is_err_and(|cause| cause.starts_with("X is not a loopback")));
    }
}
