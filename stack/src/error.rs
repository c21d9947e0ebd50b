//! What went wrong, in words for the person at the terminal.

use std::fmt;

/// A failure said in one line: what could not be done and, where there is
/// something to do about it, what that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

/// The outcome of anything this crate does.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes a failure from a message that can stand alone.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Adds what was being attempted to a failure that only says what happened.
pub(crate) trait Attempt<T> {
    /// `attempt` completes the sentence "could not …".
    fn attempt(self, attempt: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: fmt::Display> Attempt<T> for std::result::Result<T, E> {
    fn attempt(self, attempt: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|cause| Error(format!("could not {}: {cause}", attempt())))
    }
}
