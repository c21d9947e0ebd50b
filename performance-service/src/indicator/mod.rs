//! What is measured: definitions as data, with what counts, out of what, in which unit, and which
//! way is better. Three are counted here over the facts and came with the migration; analysts define
//! those whose figures others publish. Analysts and board members read them.

mod api;
mod domain;
mod store;

pub use api::routes;
