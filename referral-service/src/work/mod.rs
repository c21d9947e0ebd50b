//! This service's part of `GET /v1/work`, which the gateway makes one list of: what is due, at risk
//! and overdue for oneself, one's team or one's district. For everyone who works on records with
//! clocks; each sees the clocks of what they see whole.

mod api;
mod store;

pub use api::part;
