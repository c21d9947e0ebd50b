//! The directory of services: who offers what, to whom, where and when, and whether there is room.
//!
//! Everybody who is signed in reads it. A partnership's administrators keep all of it; a service's
//! manager and an agency's administrator what their own agency offers. What is published is also
//! read by anyone, as an Open Referral UK 3.0 feed (`feed`); other directories are taken in the
//! same form (`import`). `matching` ranks services for what a family needs and says why;
//! it never decides.
//!
//! Whether a service may be asked is in the kernel, `crate::provision`, for those who allocate.

mod api;
mod feed;
mod import;
mod matching;
mod organisation;
mod service;

pub use api::routes;
pub use service::list::LIST;
