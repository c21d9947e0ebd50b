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
        if !address.ip().is_loopback() && optional("THRESHOLD_PLAIN_TEXT_BEHIND_TLS")?.as_deref() != Some("yes") {
            return Err(format!(
                "{name} is not a loopback address: plain text leaves this machine only behind \
                 something that speaks TLS; set THRESHOLD_PLAIN_TEXT_BEHIND_TLS=yes if that is so"
            ));
        }
        Ok(Self { bind })
    }
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
    /// If one is missing.
    pub fn from_env() -> Result<Self, String> {
        Ok(Self { web: required("THRESHOLD_DATABASE_URL")?, worker: required("THRESHOLD_WORKER_DATABASE_URL")? })
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
            gateway: required("THRESHOLD_GATEWAY_INTERNAL_URL")?,
            key_file: required("THRESHOLD_SERVICE_KEY_FILE")?.into(),
            jwks_file: required("THRESHOLD_SERVICE_JWKS_FILE")?.into(),
        })
    }
}

/// Redis, if there is one: without it everything goes on, a little later.
///
/// # Errors
/// If the secret file can't be read.
pub fn redis_url() -> Result<Option<String>, String> {
    optional("THRESHOLD_REDIS_URL")
}

/// The business clock's file; test and demonstration mode only.
///
/// # Errors
/// If the secret file can't be read.
pub fn clock_file() -> Result<Option<PathBuf>, String> {
    Ok(optional("THRESHOLD_CLOCK_FILE")?.map(PathBuf::from))
}
