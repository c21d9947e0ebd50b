//! Folders that live as long as one run.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::{Account, give_to, make_folder};
use crate::error::{Attempt, Result};
use crate::process;

/// A folder removed when dropped. A run that was killed cannot remove its own:
/// each folder has a lock file beside it that its run holds, so the next run
/// knows which folders nobody holds any more and clears them away.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    lock: PathBuf,
    _held: File,
}

impl Scratch {
    /// Makes a folder in `root`, owned by `account`, and removes the abandoned.
    pub(super) fn make(root: &Path, account: Option<&Account>) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        // Held over both, so that no other run sees a lock file that is made
        // but not yet locked and takes it for an abandoned one.
        let gate = locked(&root.join("gate.lock"))?;
        sweep(root);
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let lock = root.join(format!("{name}.lock"));
        let held = locked(&lock)?;
        let path = root.join(&name);
        make_folder(&path, 0o700)?;
        give_to(&path, account)?;
        drop(gate);
        Ok(Self { path, lock, _held: held })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now the next run removes.
        let _ = fs::remove_dir_all(&self.path);
        let _ = fs::remove_file(&self.lock);
    }
}

fn locked(path: &Path) -> Result<File> {
    let file = File::create(path).attempt(|| format!("make {}", path.display()))?;
    file.lock().attempt(|| format!("lock {}", path.display()))?;
    Ok(file)
}

fn sweep(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for lock in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        let folder = lock.with_extension("");
        let is_lock = lock.extension().is_some_and(|end| end == "lock");
        if !is_lock || folder.ends_with("gate") {
            continue;
        }
        let abandoned = File::open(&lock).is_ok_and(|file| file.try_lock().is_ok());
        if abandoned {
            process::end_leftovers(&folder, Duration::ZERO);
            let _ = fs::remove_dir_all(&folder);
            let _ = fs::remove_file(&lock);
        }
    }
}
