//! Feedback: what adults, children and professionals say of the help, asked by dated questions at the closure
//! of a case, at the end of a group and of a brief intervention. Each answers once on each occasion; a question
//! that was passed over counts in no base. Workers of the service record it and see it as counts with their base.

mod api;
mod domain;
mod event;
pub mod store;
mod view;

pub use api::routes;
