//! Finding a person, and what there is about them, by what one has in hand: a name as it was heard, a
//! birth date, a house, a reference somebody reads out, the worker somebody remembers. Among what
//! the searcher may see, and never by an address of ours: names do not belong there.
//!
//! For everyone who works on records; a referrer finds its own agency's by their references.
//!
//! PostgreSQL gives candidates by keys that indexes hold, under row-level security (`named`, `house`);
//! [`domain`] says how well each fits, and `records` has what there is about them.

mod api;
mod birth;
pub mod domain;
mod finding;
mod house;
mod named;
mod records;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::house::{AT_ADDRESS, AT_POSTCODE};
    pub use super::named::{BORN, BORN_IN_FAMILY, BY_FAMILY_NAME, BY_GIVEN_NAME, BY_NAME, NAMESAKES};
    pub use super::records::ABOUT;
}
