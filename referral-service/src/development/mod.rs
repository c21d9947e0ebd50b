//! The 0 to 2 pathway: which child is on it since when (`pathway`), and developmental tracking: at a check, whether a child is meeting, exceeding or below
//! what is expected at its age in each area of development; and how that goes over time. Recorded by workers of
//! a service who see the child; read by them and by whoever has the child's family whole.

mod api;
mod domain;
mod event;
mod pathway;
pub mod store;

pub use api::routes;
