//! Figures that others published or supplied, recorded as printed. A figure is of an indicator, a
//! period and a geography; when it is revised, the one before is kept and shown with the reason.
//! Analysts record; analysts and board members read.

mod api;
mod domain;
mod store;
mod view;

pub use api::routes;
