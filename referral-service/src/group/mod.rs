//! Group work: a programme (a parenting course, a recovery group, stay and play) run by a service as a
//! group, with its sessions, who has a place and who waits, the register of each session with its
//! corrections, and at the end who has completed it. The team that runs it and its facilitators see all of
//! it; First Response, the district's hub and the teams it is open to see that it runs and what places are
//! free; whoever enrolled somebody or works with their family sees that enrolment.

mod api;
mod domain;
mod event;
pub mod store;
mod view;

pub use api::routes;
pub use domain::GroupId;
