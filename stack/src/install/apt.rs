//! Debian's package manager: installing for the whole machine, and the
//! questions that both ways of using it ask.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Wanted;
use crate::error::{Attempt, Error, Result};

/// Whether the machine has it.
pub(super) fn is_here() -> bool {
    ["apt-get", "apt-cache", "dpkg"].iter().all(|name| Path::new("/usr/bin").join(name).is_file())
}

/// Installs for the whole machine, starting no service.
pub(super) fn install(wanted: &Wanted) -> Result<()> {
    forbid_a_cluster_of_its_own()?;
    let _quiet = NoServices::begin()?;
    let mut apt = Apt::of_the_machine();
    let mut packages = (wanted.packages)(&apt.on_offer()?);
    if !packages.is_empty() && apt.install(&packages).is_ok() {
        return Ok(());
    }
    // The lists are empty, as in a fresh container, or name files that the
    // mirror has replaced since.
    apt.update()?;
    packages = (wanted.packages)(&apt.on_offer()?);
    if packages.is_empty() {
        return Err(Error::new("no package of a sufficient version is on offer"));
    }
    apt.install(&packages)
}

/// `apt-get` and `apt-cache` with the options that say whose lists they use.
pub(super) struct Apt {
    options: Vec<String>,
}

impl Apt {
    /// With the machine's own lists.
    pub(super) fn of_the_machine() -> Self {
        Self { options: Vec::new() }
    }

    /// With lists in a private folder; what is installed is still looked up
    /// where the machine has it.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let folder = folder.display();
        let options = [
            format!("Dir::State={folder}/state"),
            format!("Dir::Cache={folder}/cache"),
            "Dir::State::status=/var/lib/dpkg/status".to_owned(),
            "Debug::NoLocking=1".to_owned(),
            "APT::Sandbox::User=".to_owned(),
        ];
        Self { options: options.into_iter().flat_map(|option| ["-o".to_owned(), option]).collect() }
    }

    /// Names of the packages that may hold either server.
    pub(super) fn on_offer(&self) -> Result<Vec<String>> {
        let pattern = "^(postgresql-[0-9]+|redis-server|valkey-server)$";
        let output = self.run("apt-cache", &["search", "--names-only", pattern], None)?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect())
    }

    pub(super) fn update(&self) -> Result<()> {
        self.run("apt-get", &["update", "-q"], None).map(drop)
    }

    fn install(&mut self, packages: &[String]) -> Result<()> {
        // Another installation on this machine may be under way.
        let mut arguments = vec!["-o", "DPkg::Lock::Timeout=120"];
        arguments.extend(["install", "-y", "-q", "--no-install-recommends"]);
        arguments.extend(packages.iter().map(String::as_str));
        self.run("apt-get", &arguments, None).map(drop)
    }

    /// The packages that installing these would bring to the machine.
    pub(super) fn missing(&self, packages: &[String]) -> Result<Vec<String>> {
        let mut arguments = vec!["install", "-s", "-q", "--no-install-recommends"];
        arguments.extend(packages.iter().map(String::as_str));
        let output = self.run("apt-get", &arguments, None)?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(text.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).map(str::to_owned).collect())
    }

    /// Fetches package files into a folder.
    pub(super) fn download(&self, packages: &[String], folder: &Path) -> Result<()> {
        let mut arguments = vec!["download", "-q"];
        arguments.extend(packages.iter().map(String::as_str));
        self.run("apt-get", &arguments, Some(folder)).map(drop)
    }

    fn run(&self, program: &str, arguments: &[&str], folder: Option<&Path>) -> Result<Output> {
        let mut command = Command::new(program);
        command.args(&self.options).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C");
        if let Some(folder) = folder {
            command.current_dir(folder);
        }
        run(&mut command)
    }
}

/// Runs a command to its end; its last words are the failure's message.
pub(super) fn run(command: &mut Command) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().attempt(|| format!("run {name}"))?;
    if output.status.success() {
        return Ok(output);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let last = words.lines().rev().find(|line| !line.trim().is_empty());
    Err(Error::new(format!("{name} failed: {}", last.unwrap_or("it did not say why"))))
}

/// Debian's package makes and starts a cluster on port 5432 unless told not to
/// before it is installed.
fn forbid_a_cluster_of_its_own() -> Result<()> {
    let path = Path::new("/etc/postgresql-common/createcluster.conf");
    let present = fs::read_to_string(path).unwrap_or_default();
    let set = |line: &str| line.trim_start().starts_with("create_main_cluster");
    if present.lines().any(set) || Path::new("/usr/bin/pg_createcluster").exists() {
        return Ok(());
    }
    fs::create_dir_all("/etc/postgresql-common")
        .and_then(|()| fs::OpenOptions::new().create(true).append(true).open(path))
        .and_then(|mut file| file.write_all(b"create_main_cluster = false\n"))
        .attempt(|| format!("write {}", path.display()))
}

/// While this lives, installing a package starts no service. Debian asks
/// `/usr/sbin/policy-rc.d`, where 101 means "not allowed".
struct NoServices {
    made: Option<PathBuf>,
}

impl NoServices {
    fn begin() -> Result<Self> {
        const POLICY: &str = "#!/bin/sh\n# made by threshold while it installs\nexit 101\n";
        let path = PathBuf::from("/usr/sbin/policy-rc.d");
        // Ours may be left over from an installation that was interrupted.
        if path.exists() && !fs::read_to_string(&path).is_ok_and(|text| text == POLICY) {
            return Ok(Self { made: None });
        }
        fs::write(&path, POLICY)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)))
            .attempt(|| format!("write {}", path.display()))?;
        Ok(Self { made: Some(path) })
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            let _ = fs::remove_file(path);
        }
    }
}
