//! Ranking services for what a family needs, and saying of each why it fits or does not. It
//! never decides, and keeps nothing of what it was asked. The rules and the score are told in
//! docs/directory.md.

mod api;
mod domain;

pub use api::routes;
