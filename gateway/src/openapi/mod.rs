//! The OpenAPI document of the whole product, and the reference for people made from it.

mod api;
mod merge;
mod reference;

pub use api::routes;
pub use merge::{merge_files, with_own_paths};
pub use reference::Reference;

/// The merged document as it was checked in; `./threshold openapi` makes it anew.
pub const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json"));
