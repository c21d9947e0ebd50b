//! Screening and decision at First Response: who took it up, the level of need, the outcome
//! and the reason, within one working day.

mod api;

pub use api::routes;
