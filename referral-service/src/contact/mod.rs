//! What a referrer tells the front door: kept word for word and never changed, turned into a
//! referral, with the clock for the decision running and the people named linked to the
//! person index. Schools, police, health, districts, voluntary organisations and the
//! county's own workers may tell; each sees afterwards where it stands and what was decided.

mod api;
mod domain;
mod store;

pub use api::routes;
