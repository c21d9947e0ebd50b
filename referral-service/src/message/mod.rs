//! Messages on a referral, between whoever referred and those who work on it: a question that the
//! teacher can answer in a line, an answer that the family's worker owes. Each side sees what was said and
//! whether the other has seen it, and nothing else of the other's view. Nothing said is changed.

mod api;
mod domain;
mod store;

pub use api::routes;
