//! Onward referral: passing a family on to a service that is no user of this system.
//!
//! Whoever sees the referral whole (the front door, the hub, a service at work) says what may be
//! shared, for what and on which basis. The service gets a letter with a link: it reads what was to
//! be shared and nothing else, accepts or declines, and says later what came of it. Links end;
//! what is not answered is chased; what is shared by consent stops being shared when consent is withdrawn.
//! Each share is a disclosure that is kept.

mod api;
mod domain;
mod event;
pub mod expiry;
mod follow_up;
mod form;
mod letter;
mod page;
mod share;
mod store;
mod view;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::{LIST, OF_REFERRAL};
}
