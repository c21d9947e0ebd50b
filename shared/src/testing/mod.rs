//! What tests of a service stand on: a database of their own from a migrated template, tokens
//! of any kind, and the service itself listening on a free port.
//!
//! `./threshold test` starts the private PostgreSQL and Redis and says where they are in
//! `THRESHOLD_TEST_DATABASE_URL` and `THRESHOLD_TEST_REDIS_URL`. Nothing here is used in service.
#![allow(clippy::expect_used, clippy::unwrap_used)]

mod app;
mod database;
mod token;

pub use app::{Reply, TestApp};
pub use database::TestDatabase;
pub use token::{Person, TokenMaker};
