//! Brief intervention: a short piece of work with a person, or a few of a family, that needs no case: about
//! six contacts in six weeks. Who came to each contact is counted, and it ends with an outcome and where
//! they go from there. The team that does it works on it; First Response and whoever has the family whole
//! read it.

mod api;
mod domain;
mod event;
pub mod store;
mod view;

pub use api::routes;
