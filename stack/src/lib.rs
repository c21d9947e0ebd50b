//! Starts Threshold on this machine: PostgreSQL, Redis and the four processes,
//! for the launcher script and for tests that want the real thing.
//!
//! [`System::start`] is the front door; [`identity`] gets tokens through the
//! flows that people and partner systems use.

pub mod demonstration;
mod error;
pub mod identity;
pub mod install;
pub mod keys;
pub mod layout;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod system;

pub use error::{Error, Result};
pub use keys::{Key, Keys};
pub use layout::Layout;
pub use postgres::{Cluster, Keep, Shutdown};
pub use redis::Redis;
pub use system::{Process, System, SystemOptions};

/// Told, in a few words, what takes long as it begins.
pub type Progress = fn(&str);

/// A [`Progress`] that tells nobody.
pub fn quietly(_: &str) {}
