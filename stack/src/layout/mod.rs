//! Where a checkout keeps its private things.
//!
//! Everything is under `.threshold/` in the checkout, but for three things
//! that cannot be: sockets (a Unix socket's path may have at most 107 bytes),
//! the databases when PostgreSQL's account cannot reach the checkout (a root
//! user's home, say), and databases in memory.

mod account;
mod scratch;

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

pub use account::Account;
pub use scratch::Scratch;

use crate::error::{Attempt, Error, Result};

/// Room that a database in memory must find; less than this (a container's
/// usual 64 MB, say) and the disk is used instead.
const MEMORY_NEEDED_KIB: u64 = 1024 * 1024;

/// The places of one checkout, for one user of the machine.
#[derive(Debug, Clone)]
pub struct Layout {
    checkout: PathBuf,
    user: u32,
    account: Option<Account>,
    data: PathBuf,
    tag: String,
}

impl Layout {
    /// The layout of the checkout named by `THRESHOLD_CHECKOUT`, or else of
    /// the one this crate was built in.
    ///
    /// # Errors
    /// When there is no such folder, or when running as root on a machine that
    /// has no other account to run PostgreSQL with.
    pub fn find() -> Result<Self> {
        let named = std::env::var_os("THRESHOLD_CHECKOUT").map(PathBuf::from);
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let checkout = named
            .or_else(|| built.map(Path::to_path_buf))
            .ok_or_else(|| Error::new("set THRESHOLD_CHECKOUT to the folder of the checkout"))?;
        Self::of(&checkout)
    }

    /// The layout of the checkout in `checkout`; makes its private folder.
    ///
    /// # Errors
    /// As [`Layout::find`].
    pub fn of(checkout: &Path) -> Result<Self> {
        let checkout = checkout.canonicalize().attempt(|| format!("find the checkout {}", checkout.display()))?;
        let user = rustix::process::geteuid().as_raw();
        let account = if user == 0 { Some(Account::unprivileged()?) } else { None };
        let tag = format!("threshold-{user}-{}", short_hash(&checkout));

        let private = checkout.join(".threshold");
        // Others may pass through but not list: PostgreSQL's account must
        // reach its folder inside.
        make_folder(&private, 0o711)?;
        let data = match &account {
            Some(account) if !account.reaches(&private) => {
                let outside = PathBuf::from(format!("/var/lib/{tag}"));
                make_folder(&outside, 0o711)?;
                outside
            }
            _ => private,
        };
        Ok(Self { checkout, user, account, data, tag })
    }

    /// The checkout's root folder.
    #[must_use]
    pub fn checkout(&self) -> &Path {
        &self.checkout
    }

    /// The account that PostgreSQL and Redis run under; `None` means the
    /// present user (PostgreSQL refuses to run as root).
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// `.threshold/` in the checkout.
    #[must_use]
    pub fn private(&self) -> PathBuf {
        self.checkout.join(".threshold")
    }

    /// The folder of logs that `up` writes, one file for each process.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.private().join("logs")
    }

    /// The folder of private keys that `up` uses.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.private().join("keys")
    }

    /// Where programs go that could not be installed for the whole machine.
    #[must_use]
    pub fn packages(&self) -> PathBuf {
        self.data.join("packages")
    }

    /// The data folder of the database cluster that outlives `up`.
    #[must_use]
    pub fn cluster(&self) -> PathBuf {
        self.data.join("postgres")
    }

    /// Every folder that holds what [`Layout::cluster`] and the temporary
    /// clusters store, for `reset` to remove.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder of a server's socket while `up` runs, made if absent: only the
    /// account that PostgreSQL runs under may enter it. That is what guards the
    /// private databases, which ask for no password.
    ///
    /// # Errors
    /// When the folder exists and belongs to somebody else.
    pub fn sockets(&self, server: &str) -> Result<PathBuf> {
        let path = self.socket_root();
        self.make_guarded(&path)?;
        let path = path.join(server);
        self.make_guarded(&path)?;
        Ok(path)
    }

    /// The folder that all sockets of this checkout are in, whether or not it
    /// exists.
    #[must_use]
    pub fn socket_root(&self) -> PathBuf {
        Path::new("/tmp").join(&self.tag)
    }

    /// A folder on the disk for one run, removed when dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch_on_disk(&self) -> Result<Scratch> {
        let root = self.data.join("runs");
        make_folder(&root, 0o711)?;
        Scratch::make(&root, self.account.as_ref())
    }

    /// A folder in memory for one run, removed when dropped. On the disk if
    /// the machine has no roomy `/dev/shm`.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch_in_memory(&self) -> Result<Scratch> {
        let memory = Path::new("/dev/shm");
        if !memory.is_dir() || free_kib(memory) < MEMORY_NEEDED_KIB {
            return self.scratch_on_disk();
        }
        let root = memory.join(&self.tag);
        self.make_guarded(&root)?;
        Scratch::make(&root, self.account.as_ref())
    }

    /// A folder for the sockets of one run, removed when dropped.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn scratch_for_sockets(&self) -> Result<Scratch> {
        let root = self.socket_root();
        self.make_guarded(&root)?;
        Scratch::make(&root, self.account.as_ref())
    }

    /// Makes a folder in a place where anybody may make one, or checks that
    /// the one found there is ours and nobody else may enter it.
    fn make_guarded(&self, path: &Path) -> Result<()> {
        let owner = self.account.as_ref().map_or(self.user, |a| a.uid);
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => give_to(path, self.account.as_ref()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                let found = fs::symlink_metadata(path).attempt(|| format!("look at {}", path.display()))?;
                let ours = found.is_dir()
                    && (found.uid() == owner || found.uid() == self.user)
                    && found.permissions().mode() & 0o077 == 0;
                if !ours {
                    return Err(Error::new(format!(
                        "{} belongs to somebody else; remove it and try again",
                        path.display()
                    )));
                }
                give_to(path, self.account.as_ref())
            }
            Err(error) => Err(error).attempt(|| format!("make {}", path.display())),
        }
    }
}

/// Makes `path` and the folders above it; sets `mode` on `path` itself.
pub(crate) fn make_folder(path: &Path, mode: u32) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(mode).create(path).attempt(|| format!("make {}", path.display()))?;
    // Only what is too wide or too narrow is changed: the folder may be
    // somebody else's, with the right mode already.
    let found = fs::metadata(path).attempt(|| format!("look at {}", path.display()))?;
    if found.permissions().mode() & 0o777 != mode {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .attempt(|| format!("set the mode of {}", path.display()))?;
    }
    Ok(())
}

/// Gives a file or folder to the account that the databases run under.
pub(crate) fn give_to(path: &Path, account: Option<&Account>) -> Result<()> {
    match account {
        Some(account) => chown(path, Some(account.uid), Some(account.gid))
            .attempt(|| format!("give {} to {}", path.display(), account.name)),
        None => Ok(()),
    }
}

/// Eight hex digits that tell one checkout on this machine from another
/// (FNV-1a; nothing depends on it being hard to invert).
fn short_hash(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let hash =
        path.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

/// Free space in KiB; none when it cannot be told.
fn free_kib(path: &Path) -> u64 {
    std::process::Command::new("df")
        .args(["-k", "--output=avail"])
        .arg(path)
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| text.lines().last().and_then(|line| line.trim().parse().ok()))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn checkouts_have_different_tags() {
        let one = short_hash(Path::new("/home/a/threshold"));
        let two = short_hash(Path::new("/home/b/threshold"));
        assert_ne!(one, two);
        assert_eq!(one.len(), 8);
    }

    #[test]
    fn sockets_fit_their_limit_and_are_private() {
        let layout = Layout::find().unwrap();
        let sockets = layout.sockets("test").unwrap();
        let longest = layout.socket_root().join("4194304-1000").join(".s.PGSQL.5432.lock");
        assert!(longest.as_os_str().len() <= 107, "{}", longest.display());
        let mode = fs::metadata(&sockets).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
