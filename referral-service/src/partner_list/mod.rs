//! Lists from partners, under agreement: children often absent from school, workless households, addresses the
//! police were called to. Each row is taken or refused, and matched with whom the partnership knows; what is left
//! are families whom nobody has referred yet. First Response decides who is who where names only resemble, and
//! offers each family help; a family that accepts becomes a referral. The rest is forgotten when the agreement says.
//!
//! Information governance registers the agreements and reviews them in time; the partner, or First Response for it, sends the lists and reads what
//! became of its rows, never whom the partnership knows; the families are First Response's alone.

mod api;
mod domain;
mod event;
pub mod expiry;
mod reading;
mod store;
mod taking;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::agreement::LIST as AGREEMENTS;
    pub use super::store::family::{LIST as FAMILIES, OF_LIST};
    pub use super::store::list::LIST as LISTS;
}
