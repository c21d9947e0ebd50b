//! Passwords, which are kept as argon2id hashes and nowhere else.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use aws_lc_rs::rand;
use shared::problem::{self, Problem};
use tokio::sync::Semaphore;

/// Hashes worked on at once: each takes a core and 19 MiB, and strangers can ask for them.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// How long a request waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(3);

/// Hashes a password under a fresh salt (argon2id, 19 MiB, 2 passes: OWASP's figure). Takes
/// tens of milliseconds of computing: never on a thread that serves.
///
/// # Errors
/// If the machine has no randomness.
pub fn hash(password: &str) -> Result<String, String> {
    let mut salt = [0u8; 16];
    rand::fill(&mut salt).map_err(|_| "no randomness for a salt".to_owned())?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// A hash that no password fits, so that an unknown name takes as long to refuse as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let mut unknowable = [0u8; 32];
    let _ = rand::fill(&mut unknowable);
    hash(&unknowable.iter().map(|byte| format!("{byte:02x}")).collect::<String>()).unwrap_or_default()
});

/// Whether the password fits the hash; without a hash the same work is done for nothing.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(&NOBODY));
    let fits = parsed.is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
    fits && hash.is_some()
}

/// Works on a hash on a thread that may be busy for long, a few at a time.
async fn elsewhere<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, Problem> {
    let turn = tokio::time::timeout(TURN_WITHIN, AT_ONCE.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Problem::new(problem::UNAVAILABLE).detail("too many people are signing in at this moment"));
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

/// [`hash`], off the threads that serve.
///
/// # Errors
/// 503 if too many wait already.
pub async fn hash_elsewhere(password: String) -> Result<String, Problem> {
    elsewhere(move || hash(&password)).await?.map_err(|cause| Problem::internal(&cause))
}

/// [`verify`], off the threads that serve.
///
/// # Errors
/// 503 if too many wait already.
pub async fn verify_elsewhere(password: String, hash: Option<String>) -> Result<bool, Problem> {
    elsewhere(move || verify(&password, hash.as_deref())).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_password_fits_its_hash() {
        let kept = hash("a long enough password").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("a long enough password", Some(&kept)));
        assert!(!verify("a long enough passworD", Some(&kept)));
        assert!(!verify("a long enough password", None));
    }
}
