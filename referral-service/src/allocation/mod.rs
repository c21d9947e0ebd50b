//! What a service does with what it was asked: accept, decline with a reason, work, and
//! close with an outcome. What is declined goes back to whoever asked; nothing is ever
//! allocated to nobody unseen.

mod api;
mod domain;
mod store;

pub use api::routes;
