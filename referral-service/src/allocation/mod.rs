//! What a service does with what it was asked: accept, put on its waiting list, decline with a
//! reason, name who works on it, pass it on, and close with an outcome. What is declined goes back to
//! whoever asked, and every step that waits for somebody has a clock that is chased: nothing is ever
//! allocated to nobody unseen.
//!
//! Those of the service's team act; the hub and the front door look on. What an ending means for the
//! referral is the kernel's (`referral::allocation`).

mod api;
mod domain;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::LIST;
}
