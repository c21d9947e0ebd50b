//! An allocation: a referral given to a service. Kernel, because more than one slice acts on it:
//! `allocation` lets a service answer, and whatever ends the work ends it through [`end`], which
//! knows what that means for the referral and for the other services that help.

pub mod domain;
mod ending;
mod store;
pub mod worker;

pub use domain::{AllocationStatus, Answer, ClosingOutcome};
pub use ending::{Ending, end, end_referral, refuse_unstepped};
pub use store::{Allocation, Given, Helper, for_change, helpers, referral_of, was_asked_by_hub};
