//! What kind of system to start.

use std::path::PathBuf;

use super::Process;
use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::postgres::Keep;
use crate::{Progress, quietly};

/// Where the databases are.
#[derive(Debug, Clone)]
pub enum Databases {
    /// In a cluster started for this system alone.
    Own(Keep),
    /// In a private cluster that asks for no password and others use too, at
    /// this superuser's address. This system's databases get names of their own.
    Shared(String),
    /// In a cluster that somebody else runs, at this superuser's address. The
    /// roles get passwords there.
    External(String),
}

/// Where Redis is.
#[derive(Debug, Clone)]
pub enum RedisAt {
    /// An instance started for this system alone.
    Own,
    /// One that somebody else runs, at this address.
    External(String),
}

/// What kind of system to start. Begin with one of the constructors and change
/// what a test needs otherwise.
#[derive(Debug, Clone)]
pub struct SystemOptions {
    /// The checkout it belongs to.
    pub layout: Layout,
    /// The folder of the four binaries.
    pub binaries: PathBuf,
    /// Where its databases are.
    pub databases: Databases,
    /// Where its Redis is.
    pub redis: RedisAt,
    /// Whether it uses the checkout's lasting folder of keys, logs, ports and
    /// clock, as `./threshold up` does; otherwise all that is temporary.
    pub lasting: bool,
    /// Which processes to serve; all are bootstrapped and migrated.
    pub serve: Vec<Process>,
    /// Settings for one process, beside the usual ones or instead of them.
    pub settings: Vec<(Process, String, String)>,
    /// Settings of a PostgreSQL of its own, such as `work_mem=64MB`, beside the usual ones.
    pub postgres_settings: Vec<String>,
    /// Told what takes long.
    pub progress: Progress,
}

impl SystemOptions {
    /// The system of `./threshold up`. `THRESHOLD_EXTERNAL_POSTGRES_URL` and
    /// `THRESHOLD_EXTERNAL_REDIS_URL` name servers that somebody else runs.
    ///
    /// # Errors
    /// When the checkout or the binaries cannot be found.
    pub fn lasting() -> Result<Self> {
        let mut options = Self::temporary(Databases::Own(Keep::Forever))?;
        options.lasting = true;
        if let Some(url) = set("THRESHOLD_EXTERNAL_POSTGRES_URL") {
            options.databases = Databases::External(url);
        }
        if let Some(url) = set("THRESHOLD_EXTERNAL_REDIS_URL") {
            options.redis = RedisAt::External(url);
        }
        Ok(options)
    }

    /// A system for an ordinary test: databases of its own in the cluster that
    /// `./threshold test` has started, or in a cluster of its own when the test
    /// runs without that; a Redis of its own.
    ///
    /// # Errors
    /// As [`SystemOptions::lasting`].
    pub fn test() -> Result<Self> {
        let databases = match set("THRESHOLD_TEST_DATABASE_URL") {
            Some(url) => Databases::Shared(url),
            None => Databases::Own(Keep::Ephemeral),
        };
        Self::temporary(databases)
    }

    /// A system whose cluster flushes to disk and may be killed: for tests of
    /// what survives, and for measurements.
    ///
    /// # Errors
    /// As [`SystemOptions::lasting`].
    pub fn durable() -> Result<Self> {
        Self::temporary(Databases::Own(Keep::Durable))
    }

    /// Adds a setting for one process.
    #[must_use]
    pub fn setting(mut self, process: Process, name: &str, value: &str) -> Self {
        self.settings.push((process, name.to_owned(), value.to_owned()));
        self
    }

    fn temporary(databases: Databases) -> Result<Self> {
        Ok(Self {
            layout: Layout::find()?,
            binaries: binaries()?,
            databases,
            redis: RedisAt::Own,
            lasting: false,
            serve: Process::ALL.to_vec(),
            settings: Vec::new(),
            postgres_settings: Vec::new(),
            progress: quietly,
        })
    }
}

/// The folder named by `THRESHOLD_BIN_DIR`, or the one this program is in;
/// test programs are one folder further down.
///
/// # Errors
/// When neither is known.
pub fn binaries() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("THRESHOLD_BIN_DIR") {
        return Ok(folder.into());
    }
    let found = std::env::current_exe().ok().and_then(|program| {
        let folder = program.parent()?;
        let folder = if folder.ends_with("deps") { folder.parent()? } else { folder };
        Some(folder.to_path_buf())
    });
    found.ok_or_else(|| Error::new("set THRESHOLD_BIN_DIR to the folder of the built programs"))
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
