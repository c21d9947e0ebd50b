//! The whole-family assessment, its reviews, and what changed between them. The service that works
//! with the family assesses it within six weeks of its beginning and reviews every twelve; each time it
//! asks where the family stands on the ladder and what it asked the time before, so that the
//! journey of a family, and of a county's families, can be counted.
//!
//! A measurement is written as a draft and completed; what is completed is never changed. The
//! service's workers take it, and only those who work on the case read it.

mod api;
mod view;

pub use api::routes;
