//! Debian packages fetched and unpacked for one checkout, without root.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{Programs, Wanted, apt, matching, newest, usual_folders};
use crate::error::{Attempt, Error, Result};
use crate::layout::{Layout, make_folder};

/// What an earlier run unpacked.
pub(super) fn find(layout: &Layout, wanted: &Wanted) -> Option<Programs> {
    let root = root(layout);
    if !root.is_dir() {
        return None;
    }
    let libraries: Vec<PathBuf> =
        ["usr/lib/*-linux-gnu", "lib/*-linux-gnu"].iter().flat_map(|pattern| matching(&root, pattern)).collect();
    newest(wanted, &usual_folders(wanted, &root), &libraries)
}

/// Fetches the packages and whatever they need that the machine lacks.
pub(super) fn install(layout: &Layout, wanted: &Wanted) -> Result<()> {
    let folder = layout.packages().join("apt");
    for part in ["state/lists/partial", "cache/archives/partial", "files"] {
        make_folder(&folder.join(part), 0o755)?;
    }
    let apt = apt::Apt::in_folder(&folder);
    apt.update()?;
    let packages = (wanted.packages)(&apt.on_offer()?);
    if packages.is_empty() {
        return Err(Error::new("no package of a sufficient version is on offer"));
    }
    // The packages themselves come first: they may be installed on the machine
    // in a way that does not work, and are then not among the missing.
    let mut needed = packages.clone();
    needed.extend(apt.missing(&packages)?.into_iter().filter(|name| is_needed(name)));
    if needed.iter().any(|name| name == "redis-server") {
        // In Debian the server is a link to a program of this package.
        needed.push("redis-tools".to_owned());
    }
    needed.sort_unstable();
    needed.dedup();

    let files = folder.join("files");
    apt.download(&needed, &files)?;
    let root = root(layout);
    make_folder(&root, 0o755)?;
    for entry in fs::read_dir(&files).attempt(|| format!("read {}", files.display()))? {
        let file = entry.attempt(|| format!("read {}", files.display()))?.path();
        apt::run(Command::new("dpkg").arg("-x").arg(&file).arg(&root))?;
        let _ = fs::remove_file(&file);
    }
    // `dpkg -x` gives the folder the mode of the package's root.
    make_folder(&root, 0o755)
}

/// Servers and libraries. Not the C library, which must be the machine's own;
/// not the compiler that PostgreSQL can use for queries, which is large and
/// switched off; not the scripts that manage clusters.
fn is_needed(package: &str) -> bool {
    let unwanted = ["libc6", "libc-bin", "libllvm", "libperl", "libjson-perl"];
    package.starts_with("lib") && !unwanted.iter().any(|start| package.starts_with(start))
}

fn root(layout: &Layout) -> PathBuf {
    layout.packages().join("root")
}
