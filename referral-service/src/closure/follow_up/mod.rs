//! What is heard of a family 3, 6, 9 and 12 months after its case was closed, or after it went on to
//! another service: whether it was reached, still takes part, whether the change has lasted, and where
//! it is now. What nobody asks stays overdue.

mod api;
mod store;

pub use api::{FollowUpView, of_case, routes};
pub use store::{After, LIST, schedule};
