//! Finding processes of an earlier run that was killed.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

/// The programs that may be left over; others that merely name one of our
/// folders (an editor, a `tail`) are let be.
const OURS: [&str; 3] = ["postgres", "redis-server", "valkey-server"];

/// Waits for databases still running in a folder whose owner is gone: they were
/// told to end when it died. Those that have not within `patience` are killed.
pub(crate) fn end_leftovers(folder: &Path, patience: Duration) {
    if none_left(folder, patience) {
        return;
    }
    for pid in running_in(folder) {
        super::send(pid, Signal::KILL);
    }
    none_left(folder, Duration::from_secs(5));
}

fn none_left(folder: &Path, within: Duration) -> bool {
    let until = Instant::now() + within;
    while !running_in(folder).is_empty() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(super::GLANCE);
    }
    true
}

/// Whether a process with this id runs. One that has ended but that nobody has
/// taken note of, as happens in containers, does not.
#[must_use]
pub fn runs(pid: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The program's name comes before the state, in brackets, and may itself
    // hold brackets.
    match state.rsplit_once(") ") {
        Some((_, rest)) => !rest.starts_with('Z'),
        None => false,
    }
}

fn running_in(folder: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| is_ours(*pid, folder))
        .collect()
}

/// A server names its folder when it is started; sessions of PostgreSQL, which
/// may outlive their server for a moment, only work in it.
fn is_ours(pid: u32, folder: &Path) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if !OURS.contains(&name.trim()) {
        return false;
    }
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let works_in = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
    contains(&line, folder.as_os_str().as_bytes()) || works_in.starts_with(folder)
}

/// Whether `line` names `folder` itself or something in it, and not another
/// folder whose name begins the same.
fn contains(line: &[u8], folder: &[u8]) -> bool {
    line.windows(folder.len()).enumerate().any(|(at, part)| {
        part == folder && line.get(at + folder.len()).is_none_or(|next| matches!(next, b'/' | b'\0' | b' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_runs() {
        assert!(runs(std::process::id()));
        assert!(!runs(u32::MAX));
    }

    #[test]
    fn tells_a_folder_from_one_that_begins_the_same() {
        assert!(contains(b"postgres\0-D\0/dev/shm/t/1-1/data\0", b"/dev/shm/t/1-1"));
        assert!(contains(b"redis-server unixsocket:/t/1-1", b"/t/1-1"));
        assert!(!contains(b"postgres\0-D\0/dev/shm/t/1-11/data\0", b"/dev/shm/t/1-1"));
    }
}
