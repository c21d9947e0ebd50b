//! Finding a person, and what there is about them, by what one has in hand: a name as it was heard, a
//! birth date, a house, a reference somebody reads out, the worker somebody remembers. Among what
//! the searcher may see, and never by an address of ours: names do not belong there.
//!
//! For everyone who works on records; a referrer finds its own agency's by their references.
//!
//! PostgreSQL gives candidates by keys that indexes hold, under row-level security; [`domain`] says how
//! well each fits.

mod api;
pub mod domain;
mod finding;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::{ABOUT, AT_ADDRESS, AT_POSTCODE, BY_FAMILY_NAME, BY_GIVEN_NAME, BY_NAME};
}
