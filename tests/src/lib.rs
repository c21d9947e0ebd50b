//! What the journeys stand on: the demonstration county, running, and callers that go through
//! its gateway as partners and people do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod caller;
mod county;
mod database;

pub use caller::{Answer, Caller, until};
pub use county::County;
pub use database::Database;
