//! A referral that somebody has begun to write: kept as far as it has come, seen by its author alone, sent
//! when it is ready. Nothing of it is checked before; what would be refused is shown beside it. A draft that
//! nobody touches ends after a time (`time_limit`, `referral_draft`). Whoever may refer may draft.

mod api;
pub mod expiry;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::LIST;
}
