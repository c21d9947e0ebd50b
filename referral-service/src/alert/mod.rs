//! What somebody must learn of without looking for it: a child in danger or gone missing (urgent),
//! an answer that is overdue (a reminder). Part of the kernel: every slice raises alerts by
//! [`tell`], in the transaction of what it is about, so that it is there as soon as that is.
//! Whoever holds one of the scopes it was raised for reads it and acknowledges it. What nobody acknowledged
//! ends by itself when what it asks for is done: a reminder with its clock, the rest by [`end`].
//!
//! [`chaser`] is the background work that reminds of clocks that have run out.

mod api;
pub mod chaser;
mod store;

pub use api::{Urgency, routes};
pub use store::{Alert, end, raise, tell};

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::LIST;
}
