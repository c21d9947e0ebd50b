//! This service's part of `GET /v1/work`, which the gateway makes one list of: the clocks that run
//! on the cases of one's team.

mod api;
mod store;

pub use api::part;
