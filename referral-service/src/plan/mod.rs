//! The plan a family and its workers agree on: goals, the actions that lead to them, who signed it.
//! An action is somebody's: a worker's, the family's, or another agency's ("hold off the eviction"),
//! which accepts, declines or completes it here and sees the action, not the case.
//!
//! The case's team makes the plan and asks; whoever is asked answers; what is overdue is chased.

mod api;
mod domain;
mod event;
mod store;
mod view;

pub use api::routes;
pub use store::LIST;
