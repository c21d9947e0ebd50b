//! The settings that each process of a system gets.

use std::path::{Path, PathBuf};

use super::{DatabaseNames, Process, Role};
use crate::error::Result;
use crate::keys::Keys;

/// What a process is started for: settings it does not need it does not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Making roles and database, as superuser.
    Bootstrap,
    /// Changing the schema, and administration by hand, as owner.
    Migrate,
    /// Serving.
    Serve,
}

/// The loopback ports of a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ports {
    pub gateway: u16,
    pub gateway_internal: u16,
    pub referral: u16,
    pub youth_justice: u16,
    pub performance: u16,
}

impl Ports {
    fn of(self, process: Process) -> u16 {
        match process {
            Process::Gateway => self.gateway,
            Process::Referral => self.referral,
            Process::YouthJustice => self.youth_justice,
            Process::Performance => self.performance,
        }
    }
}

/// Everything the settings are made of.
#[derive(Debug)]
pub(super) struct Environment {
    pub binaries: PathBuf,
    pub databases: DatabaseNames,
    pub redis: String,
    pub keys: Keys,
    pub clock: PathBuf,
    pub ports: Ports,
    pub issuer: String,
    pub settings: Vec<(Process, String, String)>,
}

impl Environment {
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn databases(&self) -> &DatabaseNames {
        &self.databases
    }

    pub(super) fn redis(&self) -> &str {
        &self.redis
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn clock(&self) -> &Path {
        &self.clock
    }

    pub(super) fn program(&self, process: Process) -> PathBuf {
        self.binaries.join(process.binary())
    }

    pub(super) fn address(&self, process: Process) -> String {
        loopback(self.ports.of(process))
    }

    pub(super) fn gateway_internal(&self) -> String {
        loopback(self.ports.gateway_internal)
    }

    /// The variables of a process.
    pub(super) fn variables(&self, process: Process, purpose: Purpose) -> Result<Vec<(String, String)>> {
        let mut all = Vec::new();
        let mut set = |name: &str, value: String| all.push((name.to_owned(), value));

        set("THRESHOLD_BIND", bind(self.ports.of(process)));
        set("THRESHOLD_DATABASE_URL", self.databases.url(process, Role::Web)?);
        set("THRESHOLD_WORKER_DATABASE_URL", self.databases.url(process, Role::Worker)?);
        if purpose != Purpose::Serve {
            set("THRESHOLD_OWNER_DATABASE_URL", self.databases.url(process, Role::Owner)?);
        }
        if purpose == Purpose::Bootstrap {
            set("THRESHOLD_BOOTSTRAP_DATABASE_URL", self.databases.superuser().to_owned());
        }
        set("THRESHOLD_REDIS_URL", self.redis.clone());
        set("THRESHOLD_ISSUER", self.issuer.clone());
        set("THRESHOLD_GATEWAY_INTERNAL_URL", self.gateway_internal());
        for other in Process::ALL {
            if let Some(name) = other.address_setting() {
                set(name, self.address(other));
            }
        }
        set("THRESHOLD_SERVICE_KEY_FILE", text(&self.keys.of_process(process)));
        set("THRESHOLD_SERVICE_JWKS_FILE", text(&self.keys.process_set()));
        set("THRESHOLD_CLOCK_FILE", text(&self.clock));
        if process == Process::Gateway {
            set("THRESHOLD_INTERNAL_BIND", bind(self.ports.gateway_internal));
            set("THRESHOLD_SIGNING_KEY_DIR", text(&self.keys.signing_folder()));
        }
        if let Ok(filter) = std::env::var("THRESHOLD_LOG") {
            set("THRESHOLD_LOG", filter);
        }
        for (_, name, value) in self.settings.iter().filter(|(whose, ..)| *whose == process) {
            set(name, value.clone());
        }
        Ok(all)
    }
}

fn bind(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

pub(super) fn loopback(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
