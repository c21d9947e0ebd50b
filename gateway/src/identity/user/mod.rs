//! The people who sign in: who they are, what they do and where. Administrators add them, say
//! anew what they do, and deactivate them; both of the latter end the tokens they hold.

mod api;
mod domain;
mod store;

pub use api::routes;
pub use domain::judge_password;
pub use store::{UserRow, add, add_password};
