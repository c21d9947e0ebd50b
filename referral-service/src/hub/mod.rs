//! The multi-agency hub of a district: what is listed for it, and what it decides, with
//! reasons: which service, or social care, or the end.

mod api;

pub use api::routes;
