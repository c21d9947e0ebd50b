//! Audits of case files: a sample is drawn at random from the cases in scope, so that it can be drawn again and
//! proven; each file goes to an auditor who is none of its workers, and is held against dated standards on a dated
//! scale, with evidence; some of the facts the record says itself. What is finished is locked. What must follow is an
//! action with an owner and a day, on the list of what is due.
//!
//! Service managers draw from their own service, information governance from all. Service managers and First
//! Response's manager audit. The service that was audited reads what is finished, and acts on it.

mod api;
mod domain;
mod store;

pub use api::routes;
pub use domain::draw;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::audit::LIST as AUDITS;
    pub use super::store::sample::LIST as SAMPLES;
}
