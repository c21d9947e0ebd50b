//! The way of a referral across the threshold of children's social care and back, at any point and
//! with its history unbroken. Up: First Response, the district's hub or the team at work with the family
//! steps it up; what services were asked to do and do ends with that. Down, and the end: First Response
//! says it for social care, whose own system is elsewhere; the hub decides what follows.

mod api;
mod domain;
mod store;

pub use api::routes;
