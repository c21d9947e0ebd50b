//! Restricted panels, such as Channel: who sits on them, what a hub handed to them, and what they decided.
//! A case is seen by those who sit on its panel, by name, and by nobody else: not by the hub that handed it
//! over, not by First Response, not by those who keep the panels. Looks at a case stand in the audit log under
//! the case and not in the people's access logs, which others read. No other service is told.
//!
//! Information governance and the partnership's administrator keep who sits on them.

mod api;
mod store;

pub use api::routes;

/// The statements, for those who look at their plans.
pub mod plans {
    pub use super::store::case::LIST as CASES;
    pub use super::store::member::LIST as MEMBERS;
}
