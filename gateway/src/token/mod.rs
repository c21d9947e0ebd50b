//! Tokens: how a partner's system and a person get one, and how one ends before its time.
//!
//! Partners' systems sign an assertion with their own key (`private_key_jwt`); people sign in on
//! the page of [`sign_in`] and their program exchanges the code it gets. Access tokens live five
//! minutes; every service verifies them itself by the keys and revocations this process tells of.

mod api;
mod assertion;
mod form;
mod issue;
mod pkce;
mod refusal;
pub mod sign_in;
mod signing;
mod store;

pub use api::{internal_jwks, internal_revocations};
pub use issue::Issuer;
pub use signing::{Keyring, SETTLES_IN};
pub use store::forget;

use utoipa_actix_web::service_config::ServiceConfig;

/// The documented routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(api::get_token).service(api::revoke_token).service(api::get_server_metadata).service(api::get_jwks);
}
