//! The partners' systems, each with the public keys by which it shows who it is.

mod api;
mod domain;
mod store;

pub use api::routes;
