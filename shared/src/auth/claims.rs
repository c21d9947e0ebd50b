//! What tokens say (RFC 9068 for access tokens).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::actor::{Actor, Role, Word};
use crate::id::UserId;

/// The audience of access tokens: this product's API.
pub const ACCESS_AUDIENCE: &str = "threshold";
/// How long an access token lives, in seconds.
pub const ACCESS_TOKEN_SECONDS: i64 = 300;

/// An access token's claims. A claim of another JSON type, or given twice, refuses the token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The gateway's public address.
    pub iss: String,
    /// [`ACCESS_AUDIENCE`].
    pub aud: String,
    /// When it ends, seconds since 1970.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
    /// The user, or the client that acts for itself.
    pub sub: Uuid,
    /// The sign-in it came from.
    pub sid: Uuid,
    /// This token.
    pub jti: Uuid,
    /// The client that asked for it.
    pub client_id: String,
    /// The user name, or the client's id: what the access log shows.
    pub username: String,
    /// The agency.
    pub agency: Word,
    /// The roles; one that this program does not know gives nothing.
    pub roles: Vec<String>,
    /// The districts whose hub the user sits on.
    pub localities: Vec<Word>,
    /// The teams the user works in.
    pub teams: Vec<Word>,
    /// The end user of the partner's own system for whom it acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

impl AccessClaims {
    /// The actor these claims speak of.
    pub fn actor(self, bearer: String, trace: Option<String>) -> Actor {
        Actor {
            user: UserId(self.sub),
            name: self.username,
            agency: self.agency,
            roles: self.roles.iter().filter_map(|role| role.parse::<Role>().ok()).collect(),
            localities: self.localities,
            teams: self.teams,
            session: self.sid,
            token: self.jti,
            token_made_at: self.iat,
            on_behalf_of: self.on_behalf_of,
            bearer,
            trace,
        }
    }
}

/// What one process shows another at `/internal/*`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServiceClaims {
    /// The calling process; also the key's id.
    pub iss: String,
    /// The calling process again, as the subject.
    pub sub: String,
    /// The called process.
    pub aud: String,
    /// When it ends.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
}
