//! Many referrals in one file, as partners' spreadsheets and registers write them: a row for each person, rows of one
//! `referral_key` one referral. Each referral is taken whole or refused whole, by the rules of a single one, and
//! each row is answered: what became of it, and why. Small files are taken while the sender waits, large ones in
//! the background, chunk by chunk ([`worker`]), under the sender's own rights: if they are revoked meanwhile, it is held
//! (`holding`). Whoever may refer may send a file; nobody else sees its rows. How far it is their agency, First Response
//! and administrators see too, and may stop it.

mod api;
mod chunk;
mod column;
mod export;
mod holding;
mod problem;
mod reading;
mod store;
mod taking;
mod view;
pub mod worker;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::{LIST, ROWS};
}
