//! What a running `up` leaves for the other commands to find.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stack::{Error, Layout, Result};

/// The parts of a running system and where they are.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    /// The gateway's public address.
    pub issuer: String,
    /// Name, process id if we started it, and address.
    pub parts: Vec<Part>,
}

/// One part of a running system.
#[derive(Debug, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub pid: Option<u32>,
    pub address: String,
}

impl State {
    /// Leaves it for others.
    pub fn write(&self, layout: &Layout) -> Result<()> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(format!("could not write the state: {error}")))?;
        fs::write(path(layout), text).map_err(|error| Error::new(format!("could not write the state: {error}")))
    }

    /// What the running `up` left; nothing while it is still starting.
    pub fn read(layout: &Layout) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(path(layout)).ok()?).ok()
    }

    /// Takes it away.
    pub fn remove(layout: &Layout) {
        let _ = fs::remove_file(path(layout));
    }
}

/// Held by the one `up` of a checkout.
pub struct Hold {
    _file: File,
}

impl Hold {
    /// Takes it, or tells the process id of the `up` that has it.
    pub fn take(layout: &Layout) -> Result<std::result::Result<Self, u32>> {
        let path = lock(layout);
        let failed = |error| Error::new(format!("could not lock {}: {error}", path.display()));
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            return Ok(Err(holder(layout)));
        }
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| write!(file, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(Ok(Self { _file: file }))
    }
}

/// The process id of the `up` that runs, if one does.
pub fn running(layout: &Layout) -> Option<u32> {
    let file = File::open(lock(layout)).ok()?;
    file.try_lock().is_err().then(|| holder(layout))
}

fn holder(layout: &Layout) -> u32 {
    let text = fs::read_to_string(lock(layout)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

fn lock(layout: &Layout) -> PathBuf {
    layout.private().join("up.lock")
}

fn path(layout: &Layout) -> PathBuf {
    layout.private().join("state.json")
}
