//! The directory as anyone may read it: the nine addresses of the Open Referral UK 3.0 profile, at
//! `/open-referral`, without a token and for every web page. Pages go by number here, as the
//! standard says, and nowhere else. It holds services and offices, and nobody's name.
//!
//! What of ours becomes what of theirs is in `turning`; docs/directory.md tells it in words.

mod api;
mod asked;
pub mod domain;
mod shape;
mod store;
mod turning;

pub use api::routes;
