//! `GET /v1/work`: one list of what is due in every service. Each is asked under the caller's own
//! rights for its part; the parts are in one order, so that merging them is all there is to do. Nothing is
//! kept here.

mod api;
mod merge;

pub use api::routes;
