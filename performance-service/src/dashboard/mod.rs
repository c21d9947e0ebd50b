//! What a board looks at: groups of rows, each an indicator with an earlier and a later figure, the
//! change computed from the two, and beside it what was printed, errors included. A dashboard's
//! definition says which figures; the figures themselves are counted or read when it is looked at.
//! Analysts define; those who steer, lead or govern read.

mod api;
mod domain;
mod remark;
mod store;
mod view;

pub use api::routes;
