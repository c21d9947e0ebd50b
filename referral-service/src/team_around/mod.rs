//! Meetings of the team around the family: who was asked, who came, what was said and decided, when
//! the next one is. What somebody is to do after it is an action (`POST /v1/cases/{id}/actions`
//! with this meeting's id), which they answer.
//!
//! The case's team plans and records them; the front door reads.

mod api;
mod domain;
mod event;
mod store;
mod view;

pub use api::routes;
pub use store::LIST;
