//! The built-in sign-in: `GET /oauth/authorize` shows a form, `POST` of it gives the program that
//! asked a code. No script, and nothing from outside.
//!
//! The form carries a value signed by this server that says what was asked and is bound to a
//! cookie of the same browser: so another site can neither send the form nor have someone signed in
//! as somebody else. Wrong passwords delay the next attempt on the same name from the same source,
//! and nobody else's.

mod api;
mod domain;
mod store;

pub use api::routes;
pub use store::forget;
