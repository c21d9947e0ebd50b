//! Case notes: what was seen, said and done, by whom and when. Nothing is changed or deleted; what
//! was wrong is corrected by another note that says which it corrects. Every visit says whether a
//! child was seen, and which.
//!
//! The case's team writes and reads; the front door reads.

mod api;
mod domain;
mod store;

pub use api::routes;
pub use store::LIST;
