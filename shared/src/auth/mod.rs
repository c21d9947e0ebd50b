//! Tokens: what is believed of a caller, and how one process shows another who it is.

mod claims;
mod extract;
mod keys;
mod revocation;
mod service_token;
mod verifier;

pub use claims::{ACCESS_AUDIENCE, ACCESS_TOKEN_SECONDS, AccessClaims, ServiceClaims};
pub use extract::CallingService;
pub use keys::{Jwk, Jwks, KeySet, SigningKey};
pub use revocation::{Revocation, RevocationFeed, Revocations, RevokedKind};
pub use service_token::ServiceIdentity;
pub use verifier::Verifier;
