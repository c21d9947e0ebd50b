//! Making an access token (RFC 9068), with its audit row.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::actor::Word;
use shared::audit::{self, Entry, Outcome};
use shared::auth::{ACCESS_AUDIENCE, ACCESS_TOKEN_SECONDS, AccessClaims};
use shared::db::Pool;
use shared::problem::Problem;
use uuid::Uuid;

use super::signing::Keyring;
use super::store::HolderRow;
use crate::revocation;

/// What the token endpoint and the sign-in stand on.
#[derive(Clone)]
pub struct Issuer {
    /// The gateway's public address, which is the issuer's name.
    pub address: String,
    /// What signs.
    pub keys: Keyring,
    /// The worker role's connections.
    pub pool: Pool,
}

/// A token, as RFC 6749 answers with it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AccessToken {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// For how many seconds it is good.
    pub expires_in: i64,
}

/// Through which program, in which sign-in and for whom a token is wanted.
pub struct Occasion<'a> {
    /// The client that asked.
    pub client_id: &'a str,
    /// The sign-in.
    pub session: Uuid,
    /// The end user of the partner's system.
    pub on_behalf_of: Option<String>,
    /// The trace of the request.
    pub trace: Option<&'a str>,
    /// When what the holder may do was read, or a moment before.
    pub now: DateTime<Utc>,
}

impl Issuer {
    /// Makes a token for the holder and writes that down.
    ///
    /// # Errors
    /// As the database says; 500 if it can't be signed.
    pub async fn issue(
        &self,
        connection: &mut AsyncPgConnection,
        holder: HolderRow,
        occasion: Occasion<'_>,
    ) -> Result<AccessToken, Problem> {
        let iat = revocation::first_second(connection, holder.id, occasion.now).await?;
        let claims = claims(&self.address, holder, &occasion, iat)?;
        let actor = claims.clone().actor(String::new(), occasion.trace.map(str::to_owned));
        let entry = Entry { record: Some(claims.sub), ..Entry::default() };
        audit::write(connection, &actor, occasion.trace, "token.issue", Outcome::Done, 200, &entry).await?;
        let access_token =
            self.keys.current().signer().sign("at+jwt", &claims).map_err(|cause| Problem::internal(&cause))?;
        Ok(AccessToken { access_token, token_type: "Bearer", expires_in: ACCESS_TOKEN_SECONDS })
    }
}

/// What a token for the holder says.
///
/// # Errors
/// 500 if the database holds a code that is none.
pub fn claims(issuer: &str, holder: HolderRow, occasion: &Occasion<'_>, iat: i64) -> Result<AccessClaims, Problem> {
    let word = |text: &String| text.parse::<Word>().map_err(|error| Problem::internal(&error));
    Ok(AccessClaims {
        iss: issuer.to_owned(),
        aud: ACCESS_AUDIENCE.to_owned(),
        exp: iat + ACCESS_TOKEN_SECONDS,
        iat,
        sub: holder.id,
        sid: occasion.session,
        jti: Uuid::now_v7(),
        client_id: occasion.client_id.to_owned(),
        username: holder.name,
        agency: word(&holder.agency)?,
        roles: holder.roles,
        localities: holder.localities.iter().map(word).collect::<Result<_, _>>()?,
        teams: holder.teams.iter().map(word).collect::<Result<_, _>>()?,
        on_behalf_of: occasion.on_behalf_of.clone(),
    })
}
