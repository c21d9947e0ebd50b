//! Finding PostgreSQL and Redis on this machine, or installing them.
//!
//! The order: what the machine has; what an earlier run fetched for this
//! checkout alone; the machine's package manager, as root; packages fetched
//! and unpacked for this checkout alone; for PostgreSQL, the npm registry.
//! `THRESHOLD_INSTALL` narrows it to a comma-separated list out of `system`,
//! `apt`, `private` and `npm`.

mod apt;
mod npm;
mod private;
mod way;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Progress;
use crate::error::{Error, Result};
use crate::layout::Layout;
use way::Way;

/// The oldest PostgreSQL the schema works on (`security_invoker` views and
/// `NULLS NOT DISTINCT` came with it).
const OLDEST_POSTGRES: u32 = 15;
/// The oldest Redis that has the stream commands used (`XAUTOCLAIM`, exact
/// `XTRIM`); every Valkey has them.
const OLDEST_REDIS: u32 = 6;

/// Programs that were found, and how to run them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    folder: PathBuf,
    main: String,
    libraries: Vec<PathBuf>,
    version: String,
}

impl Programs {
    /// The path of one of the programs (`initdb`, `pgbench`), if it is there.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.join(name)).filter(|path| path.is_file())
    }

    /// The path of the server.
    #[must_use]
    pub fn server(&self) -> PathBuf {
        self.folder.join(&self.main)
    }

    /// The variables the programs need to find their libraries.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        if self.libraries.is_empty() {
            return Vec::new();
        }
        let paths: Vec<_> = self.libraries.iter().map(|path| path.display().to_string()).collect();
        vec![("LD_LIBRARY_PATH".to_owned(), paths.join(":"))]
    }

    /// The version, as the server writes it: `15.18`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The number before the version's first dot.
    #[must_use]
    pub fn major(&self) -> u32 {
        major(&self.version)
    }
}

/// Finds PostgreSQL, or installs it.
///
/// # Errors
/// When it is not there and no way of installing it worked; the message says
/// what to do.
pub fn postgres(layout: &Layout, progress: Progress) -> Result<Programs> {
    obtain(layout, progress, &POSTGRES)
}

/// Finds Redis (or Valkey), or installs it.
///
/// # Errors
/// As [`postgres`].
pub fn redis(layout: &Layout, progress: Progress) -> Result<Programs> {
    obtain(layout, progress, &REDIS)
}

/// One of the two things to be found.
struct Wanted {
    name: &'static str,
    servers: &'static [&'static str],
    oldest: u32,
    /// Folders outside PATH that may hold it, on the machine and in a folder
    /// of unpacked packages. A `*` stands for any one name.
    folders: &'static [&'static str],
    /// Names of its Debian packages, newest first, out of those on offer.
    packages: fn(&[String]) -> Vec<String>,
    /// Whether the npm registry has it.
    npm: bool,
    advice: &'static str,
}

const POSTGRES: Wanted = Wanted {
    name: "PostgreSQL",
    servers: &["postgres"],
    oldest: OLDEST_POSTGRES,
    folders: &["usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin"],
    packages: postgres_packages,
    npm: true,
    advice: "install PostgreSQL 15 or newer (on Debian or Ubuntu: apt install postgresql), \
             or set THRESHOLD_EXTERNAL_POSTGRES_URL to a superuser's address of a running one",
};

const REDIS: Wanted = Wanted {
    name: "Redis",
    servers: &["redis-server", "valkey-server"],
    oldest: OLDEST_REDIS,
    folders: &["usr/bin", "usr/local/bin"],
    packages: redis_packages,
    npm: false,
    advice: "install redis-server or valkey-server (on Debian or Ubuntu: apt install \
             redis-server), or set THRESHOLD_EXTERNAL_REDIS_URL to the address of a running one",
};

fn obtain(layout: &Layout, progress: Progress, wanted: &Wanted) -> Result<Programs> {
    let ways = Way::allowed(std::env::var("THRESHOLD_INSTALL").ok().as_deref());
    if let Some(found) = ways.iter().find_map(|way| way.find(layout, wanted)) {
        return Ok(found);
    }
    let mut tried = String::new();
    for way in ways.into_iter().filter(|way| way.can_install(layout, wanted)) {
        progress(&format!("{} {} {}", way.verb(), wanted.name, way.means()));
        let outcome = way.install(layout, wanted);
        match (outcome, way.find(layout, wanted)) {
            (_, Some(found)) => return Ok(found),
            (Err(error), None) => tried.push_str(&format!("; {error}")),
            (Ok(()), None) => tried.push_str(&format!("; what was fetched {} does not run", way.means())),
        }
    }
    Err(Error::new(format!("{} is missing: {}{tried}", wanted.name, wanted.advice)))
}

/// The newest of those that PATH and the usual folders offer.
fn on_this_machine(wanted: &Wanted) -> Option<Programs> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(usual_folders(wanted, Path::new("/")));
    newest(wanted, &folders, &[])
}

fn newest(wanted: &Wanted, folders: &[PathBuf], libraries: &[PathBuf]) -> Option<Programs> {
    folders
        .iter()
        .flat_map(|folder| wanted.servers.iter().map(move |name| folder.join(name)))
        .filter_map(|server| examine(&server, libraries))
        .filter(|found| found.major() >= wanted.oldest || found.main.starts_with("valkey"))
        // The first of equals: what PATH names goes before other folders.
        .reduce(|best, next| if next.major() > best.major() { next } else { best })
}

/// Asks a server for its version, if it is there and works.
fn examine(server: &Path, libraries: &[PathBuf]) -> Option<Programs> {
    // A link in PATH to one program says nothing of its neighbours: go to where
    // it is. Not for redis-server, which is a link to a program of another name
    // that looks at the name it was called by.
    let main = server.file_name()?.to_str()?.to_owned();
    let real = server.canonicalize().ok()?;
    let place = if real.file_name() == server.file_name() { &real } else { server };
    let mut found =
        Programs { folder: place.parent()?.to_path_buf(), main, libraries: libraries.to_vec(), version: String::new() };
    let output = Command::new(found.server())
        .arg("--version")
        .envs(found.environment())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    found.version = version(&String::from_utf8_lossy(&output.stdout))?;
    let complete = found.main != "postgres" || found.program("initdb").is_some();
    complete.then_some(found)
}

/// The version in `postgres (PostgreSQL) 15.18 (Debian …)` and
/// `Redis server v=7.0.15 sha=…`.
fn version(text: &str) -> Option<String> {
    text.split_whitespace()
        .map(|word| word.trim_start_matches("v="))
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
}

fn major(version: &str) -> u32 {
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The folders under `root` that match the patterns of what is wanted.
fn usual_folders(wanted: &Wanted, root: &Path) -> Vec<PathBuf> {
    wanted.folders.iter().flat_map(|pattern| matching(root, pattern)).collect()
}

/// The paths under `root` that match a pattern with at most one `*` in each of
/// its parts.
fn matching(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![root.to_path_buf()];
    for part in pattern.split('/') {
        found = match part.split_once('*') {
            None => found.into_iter().map(|path| path.join(part)).collect(),
            Some((start, end)) => found
                .iter()
                .filter_map(|path| std::fs::read_dir(path).ok())
                .flatten()
                .filter_map(|entry| entry.ok())
                .filter(|entry| {
                    entry.file_name().to_str().is_some_and(|name| {
                        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
                    })
                })
                .map(|entry| entry.path())
                .collect(),
        };
    }
    found.retain(|path| path.exists());
    found
}

/// The server package of the newest version on offer that is new enough.
fn postgres_packages(on_offer: &[String]) -> Vec<String> {
    on_offer
        .iter()
        .filter_map(|name| name.strip_prefix("postgresql-")?.parse::<u32>().ok())
        .filter(|version| *version >= OLDEST_POSTGRES)
        .max()
        .map(|version| vec![format!("postgresql-{version}")])
        .unwrap_or_default()
}

fn redis_packages(on_offer: &[String]) -> Vec<String> {
    ["redis-server", "valkey-server"]
        .iter()
        .find(|name| on_offer.iter().any(|offered| offered == *name))
        .map(|name| vec![(*name).to_owned()])
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn reads_versions() {
        let postgres = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(version(postgres).unwrap(), "15.18");
        let redis = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64";
        assert_eq!(version(redis).unwrap(), "7.0.15");
        let valkey = "Valkey server v=8.1.1 sha=00000000:1 malloc=jemalloc";
        assert_eq!(major(&version(valkey).unwrap()), 8);
        assert_eq!(major("18beta1"), 18);
    }

    #[test]
    fn takes_the_newest_package_that_is_new_enough() {
        let offer = ["postgresql-13", "postgresql-17", "postgresql-15", "postgresql-common"];
        let offer: Vec<String> = offer.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(postgres_packages(&offer), ["postgresql-17"]);
        assert_eq!(postgres_packages(&offer[..1]), [""; 0]);
        assert_eq!(redis_packages(&offer), [""; 0]);
    }

    #[test]
    fn finds_folders_by_pattern() {
        assert_eq!(matching(Path::new("/"), "proc/self/ta*k"), [Path::new("/proc/self/task")]);
    }
}
