//! The keys that sign tokens: a folder of PEM files, read again and again, so that a key is
//! rotated by adding a file and, ten minutes later, removing the old one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use shared::auth::{Jwks, KeySet, SigningKey};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a key is published before it signs, so that every service knows it by then.
pub const SETTLES_IN: Duration = Duration::from_secs(60);

/// One look at the folder.
pub struct Keys {
    signer: Arc<SigningKey>,
    /// What `/.well-known/jwks.json` says.
    pub jwks: Jwks,
    /// The public halves by key id.
    pub public: KeySet,
}

impl Keys {
    /// The key that signs now.
    pub fn signer(&self) -> &SigningKey {
        &self.signer
    }
}

/// The keys as of the last look. Clones share it.
#[derive(Clone)]
pub struct Keyring {
    folder: PathBuf,
    settles_in: Duration,
    keys: Arc<RwLock<Arc<Keys>>>,
}

impl Keyring {
    /// Reads the folder for the first time.
    ///
    /// # Errors
    /// One line, if there is no usable key in it.
    pub fn open(folder: &Path, settles_in: Duration) -> Result<Self, String> {
        let keys = look(folder, settles_in)?;
        Ok(Self { folder: folder.to_owned(), settles_in, keys: Arc::new(RwLock::new(Arc::new(keys))) })
    }

    /// The keys as of the last look.
    pub fn current(&self) -> Arc<Keys> {
        match self.keys.read() {
            Ok(keys) => keys.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    /// Looks again. A folder that can't be used leaves the keys as they were.
    ///
    /// # Errors
    /// One line that says why.
    pub fn refresh(&self) -> Result<(), String> {
        let fresh = Arc::new(look(&self.folder, self.settles_in)?);
        if let Ok(mut keys) = self.keys.write() {
            if keys.signer.kid() != fresh.signer.kid() {
                tracing::info!(kid = fresh.signer.kid(), "tokens are signed with another key now");
            }
            *keys = fresh;
        }
        Ok(())
    }

    /// Looks for ever, telling `learn` what there is.
    pub async fn keep_fresh(self, learn: impl Fn(&Jwks)) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(cause) = self.refresh() {
                tracing::warn!(cause, "signing keys not refreshed");
            }
            learn(&self.current().jwks);
        }
    }
}

/// Every key in the folder, and which of them signs: the last by name among those that have lain
/// there long enough to be known everywhere; if none has, the first, which others know best.
fn look(folder: &Path, settles_in: Duration) -> Result<Keys, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut found = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("cannot read {}: {error}", folder.display()))?.path();
        let (Some(kid), true) =
            (path.file_stem().and_then(|stem| stem.to_str()), path.extension() == Some("pem".as_ref()))
        else {
            continue;
        };
        match SigningKey::read(kid, &path) {
            Ok(key) => {
                let age = path
                    .metadata()
                    .and_then(|meta| meta.modified())
                    .ok()
                    .and_then(|at| SystemTime::now().duration_since(at).ok());
                found.insert(kid.to_owned(), (Arc::new(key), age.unwrap_or_default() >= settles_in));
            }
            // One broken file must not end the use of the others.
            Err(cause) => tracing::warn!(cause, "a signing key is passed over"),
        }
    }
    let settled = found.values().rev().find(|(_, settled)| *settled).or_else(|| found.values().next());
    let signer = settled
        .map(|(key, _)| key.clone())
        .ok_or_else(|| format!("{} holds no Ed25519 key (*.pem)", folder.display()))?;
    let jwks = Jwks { keys: found.values().map(|(key, _)| key.jwk()).collect() };
    Ok(Keys { signer, public: KeySet::from_jwks(&jwks), jwks })
}
