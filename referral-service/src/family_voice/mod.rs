//! What the family and its children say, in their own words, at any point of the work; and their consent to have it
//! told as a case study: given by a member for named words, as far as the member wants it, and taken back at any time.
//! What may be told now is a list of its own, for those who write case studies: they see neither case nor family,
//! only these words without the family's names, and a withdrawal takes them away in the same moment.
//!
//! The case's workers record; its team keeps consents; analysts and teams read what may be told.

mod api;
mod domain;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::study::LIST as CASE_STUDIES;
}
