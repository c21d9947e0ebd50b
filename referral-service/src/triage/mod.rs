//! Screening and decision at First Response: who took it up, the level of need, the outcome
//! and the reason, within one working day. What is gravest (level 4) and what ends without help
//! (no further action) is an officer's proposal until a manager signs it off; a manager decides
//! alone, and the decision says so. Also the queue of what waits for the front door, and telling
//! whoever referred, which has a clock of its own.

mod api;
mod domain;
pub mod store;

pub use api::routes;
