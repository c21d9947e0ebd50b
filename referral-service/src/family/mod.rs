//! The family, the unit of casework, and the case a service works on with it. Its team forms it
//! from what it accepted; the district's hub and the front door follow who is helping.
//!
//! Like `referral`, part of the kernel: plans, notes, assessments and reviews act on a case only
//! through [`Case`] and the functions here.

mod api;
mod change;
pub mod domain;
pub mod event;
mod step_up;
pub mod store;
pub mod view;

pub use api::routes;
pub use change::{case_of_caseworker, case_to_add_to, case_to_change};
pub use domain::{CaseId, FamilyId, MemberRole, due, end_of};
pub use event::{Household, household};
pub use step_up::end_cases;
pub use store::case::{Case, case_seen, case_whole, cases_whole, require_caseworker};
pub use store::family::{Family, for_change, seen};
pub use store::household::{Address, addresses};
pub use store::member::{Member, members, members_ever};
pub use store::scope::{grants_for_team, holders, open_to};
