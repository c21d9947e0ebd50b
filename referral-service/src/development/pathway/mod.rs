//! The 0 to 2 pathway itself: a child joins it on a day, at a service, as somebody told; and leaves it with a
//! reason, or outgrows it. Once at a time in the county, whoever recorded it.

mod api;
mod event;
mod store;

pub(super) use api::routes;
