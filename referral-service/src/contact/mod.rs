//! What a referrer tells the front door, in every way it comes: kept word for word and never changed,
//! turned into a referral, with the clock for the decision running and the people named linked to the
//! person index. Schools, police, health, districts, voluntary organisations and the county's own workers may
//! tell; so may the public and families themselves, by whoever takes it down. Each sees afterwards where
//! it stands and what was decided.
//!
//! Part of the kernel: drafts and files take referrals in by [`submit`], [`take`] and [`settle`] too, so that there is
//! one set of rules.

mod api;
mod domain;
mod form;
mod household;
mod store;
mod taking;
mod warning;

pub use api::routes;
pub use form::{PersonForm, ReferralForm, ReferrerForm, Relation};
pub use taking::{Taken, already_sent, judge, sent_as, settle, submit, take};
pub use warning::warnings;
