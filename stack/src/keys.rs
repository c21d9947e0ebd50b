//! Ed25519 keys of a system: each process's own, the gateway's signing key and
//! those of the demonstration's client systems.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::error::{Attempt, Error, Result};
use crate::layout::make_folder;
use crate::system::Process;

const HEADER: &str = "-----BEGIN PRIVATE KEY-----";
const FOOTER: &str = "-----END PRIVATE KEY-----";

/// A private key, with its public half.
pub struct Key {
    pem: String,
    public: Vec<u8>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Key").finish_non_exhaustive()
    }
}

impl Key {
    /// A new key.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate() -> Result<Self> {
        let pair = Ed25519KeyPair::generate().attempt(|| "make a key".to_owned())?;
        // Version 1 of PKCS#8 has no public key in it; it is the version that
        // OpenSSL and JWT libraries read.
        let document = pair.to_pkcs8v1().attempt(|| "make a key".to_owned())?;
        Ok(Self { pem: pem(document.as_ref()), public: pair.public_key().as_ref().to_vec() })
    }

    /// Reads a key from a PKCS#8 PEM file.
    ///
    /// # Errors
    /// When the file is not there or holds no Ed25519 key.
    pub fn read(path: &Path) -> Result<Self> {
        let pem = fs::read_to_string(path).attempt(|| format!("read the key {}", path.display()))?;
        let bad = || Error::new(format!("{} holds no Ed25519 key in PKCS#8", path.display()));
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let document = STANDARD.decode(body.trim()).map_err(|_| bad())?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document).map_err(|_| bad())?;
        Ok(Self { public: pair.public_key().as_ref().to_vec(), pem })
    }

    /// The key in a file that only its owner may read; made if it is not there.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn in_file(path: &Path) -> Result<Self> {
        if path.exists() {
            return Self::read(path);
        }
        let key = Self::generate()?;
        write_private(path, key.pem.as_bytes())?;
        Ok(key)
    }

    /// PKCS#8 version 1, PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The public half as a JSON Web Key (RFC 8037).
    #[must_use]
    pub fn public_jwk(&self, id: &str) -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": id,
            "x": URL_SAFE_NO_PAD.encode(&self.public),
        })
    }
}

/// The keys of one system, in a folder.
#[derive(Debug, Clone)]
pub struct Keys {
    folder: PathBuf,
}

impl Keys {
    /// Makes what is missing of the processes' keys, their public set and the
    /// gateway's first signing key.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn prepare(folder: &Path) -> Result<Self> {
        let keys = Self { folder: folder.to_path_buf() };
        make_folder(folder, 0o700)?;
        make_folder(&keys.signing_folder(), 0o700)?;
        make_folder(&folder.join("clients"), 0o700)?;
        let mut set = Vec::new();
        for process in Process::ALL {
            let key = Key::in_file(&keys.of_process(process))?;
            set.push(key.public_jwk(process.binary()));
        }
        let set = json!({ "keys": set }).to_string();
        write_private(&keys.process_set(), set.as_bytes())?;
        keys.first_signing_key()?;
        Ok(keys)
    }

    /// A process's own private key.
    #[must_use]
    pub fn of_process(&self, process: Process) -> PathBuf {
        self.folder.join(format!("{}.pem", process.binary()))
    }

    /// The public keys of all processes, as a JSON Web Key Set.
    #[must_use]
    pub fn process_set(&self) -> PathBuf {
        self.folder.join("processes.jwks.json")
    }

    /// The folder of the keys that sign access tokens. The last by name signs;
    /// all are published.
    #[must_use]
    pub fn signing_folder(&self) -> PathBuf {
        self.folder.join("signing")
    }

    /// Adds a signing key that sorts after the present ones; the gateway signs
    /// with it from its next start.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_signing_key(&self) -> Result<PathBuf> {
        // Version 7 sorts by the time it was made.
        let path = self.signing_folder().join(format!("{}.pem", uuid::Uuid::now_v7()));
        Key::in_file(&path)?;
        Ok(path)
    }

    /// The private key of a client system.
    #[must_use]
    pub fn of_client(&self, client: &str) -> PathBuf {
        self.folder.join("clients").join(format!("{client}.pem"))
    }

    fn first_signing_key(&self) -> Result<()> {
        let folder = self.signing_folder();
        let mut present = fs::read_dir(&folder).attempt(|| format!("read {}", folder.display()))?;
        if present.next().is_none() {
            self.add_signing_key()?;
        }
        Ok(())
    }
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let _ = fs::remove_file(&new);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&new, path))
        .attempt(|| format!("write {}", path.display()))
}

fn pem(document: &[u8]) -> String {
    let encoded = STANDARD.encode(document);
    format!("{HEADER}\n{encoded}\n{FOOTER}\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_signs_and_its_public_half_verifies() {
        let key = Key::generate().unwrap();
        let signing = EncodingKey::from_ed_pem(key.pem().as_bytes()).unwrap();
        let claims = json!({ "sub": "x", "exp": 4_000_000_000_u64 });
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &signing).unwrap();
        let jwk = key.public_jwk("k");
        let checking = DecodingKey::from_ed_components(jwk["x"].as_str().unwrap()).unwrap();
        let validation = Validation::new(Algorithm::EdDSA);
        let read: Value = jsonwebtoken::decode::<Value>(&token, &checking, &validation).unwrap().claims;
        assert_eq!(read, claims);
    }

    #[test]
    fn one_line_of_a_pem_is_no_longer_than_others_read() {
        // RFC 7468: 64 characters a line. A PKCS#8 v1 Ed25519 key has exactly 64.
        let key = Key::generate().unwrap();
        assert!(key.pem().lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn keys_are_kept_and_guarded() {
        let folder = std::env::temp_dir().join(format!("stack-keys-{}", std::process::id()));
        let keys = Keys::prepare(&folder).unwrap();
        let path = keys.of_process(Process::Gateway);
        let first = Key::read(&path).unwrap();
        Keys::prepare(&folder).unwrap();
        assert_eq!(Key::read(&path).unwrap().pem(), first.pem());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);

        let signing = || fs::read_dir(keys.signing_folder()).unwrap().count();
        assert_eq!(signing(), 1);
        keys.add_signing_key().unwrap();
        assert_eq!(signing(), 2);
        fs::remove_dir_all(&folder).unwrap();
    }
}
