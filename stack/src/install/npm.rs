//! PostgreSQL out of the npm registry, the last resort: it is there for the
//! usual processors, and is the only one many closed networks let through.

use std::path::PathBuf;
use std::process::Command;

use super::{Programs, Wanted, apt, newest};
use crate::error::{Error, Result};
use crate::layout::{Layout, make_folder};

/// The version fetched. Every one of theirs is marked beta; the number before
/// it is PostgreSQL's.
const VERSION: &str = "17.10.0-beta.17";

/// Whether there is npm, and a package for this processor.
pub(super) fn is_here() -> bool {
    let npm = Command::new("npm").arg("--version").output();
    name().is_some() && npm.is_ok_and(|output| output.status.success())
}

fn name() -> Option<String> {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        _ => return None,
    };
    Some(format!("@embedded-postgres/linux-{processor}"))
}

/// What an earlier run fetched.
pub(super) fn find(layout: &Layout, wanted: &Wanted) -> Option<Programs> {
    if !wanted.npm {
        return None;
    }
    let native = folder(layout).join("node_modules").join(name()?).join("native");
    newest(wanted, &[native.join("bin")], &[native.join("lib")])
}

/// Fetches it.
pub(super) fn install(layout: &Layout) -> Result<()> {
    let name = name().ok_or_else(|| Error::new("there is no package for this processor"))?;
    let folder = folder(layout);
    make_folder(&folder, 0o755)?;
    apt::run(
        Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"])
            .arg("--prefix")
            .arg(&folder)
            .arg(format!("{name}@{VERSION}")),
    )
    .map(drop)
}

fn folder(layout: &Layout) -> PathBuf {
    layout.packages().join("npm")
}
