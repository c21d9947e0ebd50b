//! The gateway over HTTP, with a real PostgreSQL and a real Redis.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod app;
mod database;
mod identity;
mod limit;
mod open;
mod pages;
mod proxy;
mod sign_in;
mod token;
mod upstream;
mod work;
