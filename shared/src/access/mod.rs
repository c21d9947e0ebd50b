//! Who may do what (actions, a table people review) and who sees which record (scopes,
//! which PostgreSQL holds everyone to).

mod listing;
mod policy;
mod scope;

pub use listing::{Asked, Listing, States};
pub use policy::{Action, render};
pub use scope::{Grant, View, address, grant, move_to_state, require_capacity, revoke, subjects};
