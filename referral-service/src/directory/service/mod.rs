//! A service of the directory: kept, listed and read.

mod api;
pub mod domain;
pub mod event;
pub mod form;
pub mod list;
pub mod store;
pub mod view;
pub mod write;

pub use api::{ServiceId, routes};
