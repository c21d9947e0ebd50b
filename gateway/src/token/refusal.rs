//! Refusals of the token endpoint, in OAuth's own form (RFC 6749 section 5.2).

use serde::Serialize;
use shared::problem::Problem;

/// Why there is no token.
#[derive(Debug)]
pub enum Refusal {
    /// As RFC 6749 names it.
    OAuth {
        /// `invalid_client`, `invalid_grant`, …
        error: &'static str,
        /// What to put right, for the one who writes the client. Says nothing of what is registered.
        description: &'static str,
    },
    /// A failure or a limit, as everywhere else.
    Problem(Problem),
}

impl Refusal {
    /// The request itself is wrong.
    pub fn request(description: &'static str) -> Self {
        Self::OAuth { error: "invalid_request", description }
    }

    /// The client did not show who it is.
    pub fn client(description: &'static str) -> Self {
        Self::OAuth { error: "invalid_client", description }
    }

    /// The code is not good.
    pub fn grant(description: &'static str) -> Self {
        Self::OAuth { error: "invalid_grant", description }
    }

    /// Whether someone tried to be who they are not, as far as one can tell.
    pub fn is_failed_attempt(&self) -> bool {
        matches!(self, Self::OAuth { error: "invalid_client" | "invalid_grant", .. })
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// The body of a refusal by the token endpoint.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unauthorized_client` or `unsupported_grant_type`.
    pub error: String,
    /// What to put right.
    pub error_description: String,
}
