//! The multi-agency hub of a district: how it works, its meetings and their agenda, and what it decides,
//! with reasons and with the dissent there was: which services, or social care, or a panel, or the end,
//! or not yet. Two who decide at once can't overwrite one another: whoever is second is told who was first.
//!
//! Those who sit on the hub of the district meet and decide. How a hub works is for First Response's
//! manager and the partnership's administrator to say. What goes to a restricted panel is the `panel`
//! slice's, and stands nowhere here.

mod api;
mod domain;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::agenda::{agenda, open_notes};
    pub use super::store::meeting::LIST as MEETINGS;
}
