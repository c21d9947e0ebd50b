//! youth-justice-service over HTTP, over a real database. For referral-service stands a small
//! server that behaves as its few addresses do (`owner`); the journey over the real one is told in
//! the crate `e2e`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod acceptance;
mod access;
mod bad_input;
mod closing;
mod database;
mod desk;
mod names;
mod offers;
mod owner;
mod work;
