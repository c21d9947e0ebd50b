//! Short breaks: support for a disabled child that gives the child something to do and whoever cares for it some rest.
//! Somebody asks, First Response decides by the county's criteria how much there is a year, and looks at it again
//! each year until it ends.
//!
//! Partners and workers ask, and follow where it stands; First Response decides, reviews and ends; the team that asked
//! sees all of it.

mod api;
mod domain;
mod event;
mod store;
mod view;

pub use api::routes;
pub use store::LIST as SHORT_BREAKS;
