//! The token endpoint, its documents, and the end of one's own sign-in.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, ResponseError, get, post};
use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::actor::Actor;
use shared::audit::{self, Entry, Outcome};
use shared::auth::{Jwks, KeySet, RevokedKind};
use shared::problem::{Problem, ProblemDocument};
use shared::telemetry::trace_id;
use utoipa::ToSchema;
use uuid::Uuid;

use super::form::Form;
use super::issue::{AccessToken, Issuer, Occasion};
use super::refusal::{OAuthError, Refusal};
use super::store::{self, Taken};
use super::{assertion, pkce};
use crate::limit::{Kind, Limiter};
use crate::{body, revocation, worker};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The form of a token request. Which fields are needed depends on `grant_type`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands for the form in the OpenAPI document; the form is read field by field")]
pub struct TokenRequest {
    /// `client_credentials` for a partner's system; `authorization_code` after someone signed in.
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// For `client_credentials`: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[schema(example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    client_assertion_type: Option<String>,
    /// For `client_credentials`: the JWT that your system signed with its key. It is good once.
    client_assertion: Option<String>,
    /// For `authorization_code`: the program through which the person signed in.
    #[schema(example = "console")]
    client_id: Option<String>,
    /// For `authorization_code`: the code from the redirection. It is good once, for 60 seconds.
    code: Option<String>,
    /// For `authorization_code`: the same address as in the request for the code.
    redirect_uri: Option<String>,
    /// For `authorization_code`: the secret whose SHA-256 was the `code_challenge`.
    code_verifier: Option<String>,
}

/// Get an access token.
///
/// A partner's system sends `grant_type=client_credentials` with a `client_assertion`: a JWT of its own,
/// signed with its Ed25519 key (`alg` EdDSA, `kid` the registered key's id), whose `iss` and `sub` are its
/// client id, whose `aud` is this server's issuer, whose `exp` is at most 60 seconds ahead, and whose `jti`
/// is new each time. An optional `on_behalf_of` names the end user of your system for whom it acts; the
/// access log shows it.
///
/// A program through which a person signed in sends `grant_type=authorization_code` with the `code`, the
/// `redirect_uri`, its `client_id` and the `code_verifier` (PKCE, S256).
#[utoipa::path(
    operation_id = "get_token", tag = "tokens",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A token, good for five minutes", body = AccessToken),
        (status = 400, description = "The request, the grant or the code is not good", body = OAuthError),
        (status = 401, description = "The client did not show who it is", body = OAuthError),
        (status = 413, description = "The body is too large", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 429, description = "Too many failed attempts from this address", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(()),
)]
#[post("/oauth/token")]
pub async fn get_token(
    request: HttpRequest,
    payload: Payload,
    issuer: Data<Issuer>,
    limiter: Data<Limiter>,
) -> HttpResponse {
    let source = limiter.source(&request);
    if let Err(problem) = limiter.peek(Kind::FailedSignIns, &source).await {
        return problem.error_response();
    }
    let body = match body::read(&request, payload).await {
        Ok(body) => body,
        Err(problem) => return problem.error_response(),
    };
    let trace = trace_id(&request);
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let answer = match Form::read(&body) {
        Some(form) if media.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") => {
            exchange(&issuer, &form, trace.as_deref()).await
        }
        _ => Err(Refusal::request("send a form (application/x-www-form-urlencoded) with each field once")),
    };
    match answer {
        Ok(token) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(token),
        Err(refusal) => {
            if refusal.is_failed_attempt() {
                limiter.count(Kind::FailedSignIns, &source).await;
            }
            answer_refusal(refusal)
        }
    }
}

fn answer_refusal(refusal: Refusal) -> HttpResponse {
    match refusal {
        Refusal::Problem(problem) => problem.error_response(),
        Refusal::OAuth { error, description } => {
            let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
            HttpResponse::build(status)
                .insert_header((CACHE_CONTROL, "no-store"))
                .json(OAuthError { error: error.to_owned(), error_description: description.to_owned() })
        }
    }
}

async fn exchange(issuer: &Issuer, form: &Form, trace: Option<&str>) -> Result<AccessToken, Refusal> {
    match form.get("grant_type") {
        Some("client_credentials") => by_assertion(issuer, form, trace).await,
        Some("authorization_code") => by_code(issuer, form, trace).await,
        Some(_) => Err(Refusal::OAuth {
            error: "unsupported_grant_type",
            description: "grant_type must be client_credentials or authorization_code",
        }),
        None => Err(Refusal::request("grant_type is missing")),
    }
}

async fn by_assertion(issuer: &Issuer, form: &Form, trace: Option<&str>) -> Result<AccessToken, Refusal> {
    let (Some(ASSERTION_TYPE), Some(text)) = (form.get("client_assertion_type"), form.get("client_assertion")) else {
        return Err(Refusal::client(
            "send client_assertion, and client_assertion_type = urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ));
    };
    let client_id = assertion::claimed_client(text)?;
    if form.get("client_id").is_some_and(|given| given != client_id) {
        return Err(Refusal::client("client_id is not the one that the assertion names"));
    }
    worker::transaction(&issuer.pool, async |connection| {
        let now = Utc::now();
        let found = store::find_client(connection, &client_id).await?;
        let keys = match &found {
            Some((holder, registered)) if holder.deactivated_at.is_none() => {
                let registered: Jwks =
                    serde_json::from_value(registered.clone()).map_err(|error| Problem::internal(&error))?;
                KeySet::from_jwks(&registered)
            }
            // No keys: refused as a wrong signature is, so that it can't be asked who is registered.
            _ => KeySet::default(),
        };
        let claims = match assertion::verify(text, &keys, &issuer.address, now.timestamp()) {
            Ok(claims) => claims,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some((holder, _)) = found else {
            return Ok(Err(Refusal::client("unknown client, unknown key or wrong signature")));
        };
        let jti = digest::digest(&digest::SHA256, claims.jti.as_bytes());
        let expires_at = DateTime::from_timestamp(claims.exp, 0).unwrap_or(now);
        if !store::use_assertion(connection, holder.id, jti.as_ref(), expires_at).await? {
            return Ok(Err(Refusal::client(
                "this assertion was used before; make a new one, with a new jti, each time",
            )));
        }
        let session = Uuid::now_v7();
        let occasion = Occasion { client_id: &client_id, session, on_behalf_of: claims.on_behalf_of, trace, now };
        issuer.issue(connection, holder, occasion).await.map(Ok)
    })
    .await?
}

async fn by_code(issuer: &Issuer, form: &Form, trace: Option<&str>) -> Result<AccessToken, Refusal> {
    let (Some(code), Some(verifier), Some(redirect_uri), Some(client_id)) =
        (form.get("code"), form.get("code_verifier"), form.get("redirect_uri"), form.get("client_id"))
    else {
        return Err(Refusal::request("code, code_verifier, redirect_uri and client_id are needed"));
    };
    let code = digest::digest(&digest::SHA256, code.as_bytes());
    worker::transaction(&issuer.pool, async |connection| {
        let now = Utc::now();
        let row = match store::take_code(connection, code.as_ref(), now).await? {
            Taken::Good(row) => row,
            Taken::Again(session) => {
                // Someone else may hold the token that the first use gave (RFC 6749 section 4.1.2).
                tracing::warn!(%session, "a code was used twice; its sign-in is ended");
                revocation::revoke(connection, RevokedKind::Session, session).await?;
                return Ok(Err(Refusal::grant("the code was used before")));
            }
            Taken::Unknown => return Ok(Err(Refusal::grant("the code is unknown or has expired"))),
        };
        if row.client_id != client_id || row.redirect_uri != redirect_uri || !pkce::fits(verifier, &row.challenge) {
            return Ok(Err(Refusal::grant("client_id, redirect_uri or code_verifier does not belong to this code")));
        }
        let holder = store::find_user(connection, row.user_id).await?.filter(|user| user.deactivated_at.is_none());
        let Some(holder) = holder else {
            return Ok(Err(Refusal::grant("the user may no longer sign in")));
        };
        let occasion = Occasion { client_id, session: row.session_id, on_behalf_of: None, trace, now };
        issuer.issue(connection, holder, occasion).await.map(Ok)
    })
    .await?
}

/// End your own sign-in.
///
/// The token you send with, and every other token of the same sign-in, is refused everywhere within five
/// seconds (RFC 7009). Needs no body.
#[utoipa::path(
    operation_id = "revoke_token", tag = "tokens",
    responses(
        (status = 204, description = "The sign-in is over"),
        (status = 401, description = "The token is not one of ours", body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, description = "Not available just now", body = ProblemDocument, content_type = "application/problem+json"),
    ),
)]
#[post("/oauth/revoke")]
pub async fn revoke_token(actor: Actor, issuer: Data<Issuer>) -> Result<HttpResponse, Problem> {
    worker::transaction(&issuer.pool, async |connection| {
        revocation::revoke(connection, RevokedKind::Session, actor.session).await?;
        let entry = Entry { record: Some(actor.user.0), ..Entry::default() };
        audit::write(connection, &actor, actor.trace.as_deref(), "token.revoke", Outcome::Done, 204, &entry).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What this server's OAuth endpoints are (RFC 8414).
#[derive(Serialize, ToSchema)]
pub struct ServerMetadata {
    /// The issuer's name, and the audience of assertions.
    issuer: String,
    /// Where people sign in.
    authorization_endpoint: String,
    /// Where tokens are had.
    token_endpoint: String,
    /// Where a sign-in is ended.
    revocation_endpoint: String,
    /// The keys that sign access tokens.
    jwks_uri: String,
    /// `code`.
    response_types_supported: [&'static str; 1],
    /// `query`.
    response_modes_supported: [&'static str; 1],
    /// `client_credentials` and `authorization_code`.
    grant_types_supported: [&'static str; 2],
    /// `private_key_jwt`, and `none` for programs through which people sign in.
    token_endpoint_auth_methods_supported: [&'static str; 2],
    /// `EdDSA`.
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 1],
    /// `S256`.
    code_challenge_methods_supported: [&'static str; 1],
    /// True: the redirection names the issuer (RFC 9207).
    authorization_response_iss_parameter_supported: bool,
    /// The reference for people who write programs.
    service_documentation: String,
}

/// Read where the OAuth endpoints are.
#[utoipa::path(
    operation_id = "get_server_metadata", tag = "tokens",
    responses((status = 200, description = "The endpoints and what they support", body = ServerMetadata)),
    security(()),
)]
#[get("/.well-known/oauth-authorization-server")]
pub async fn get_server_metadata(issuer: Data<Issuer>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", issuer.address);
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(ServerMetadata {
        issuer: issuer.address.clone(),
        authorization_endpoint: at("/oauth/authorize"),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        jwks_uri: at("/.well-known/jwks.json"),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["client_credentials", "authorization_code"],
        token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
        token_endpoint_auth_signing_alg_values_supported: ["EdDSA"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        service_documentation: at("/docs"),
    })
}

/// Read the keys that sign access tokens.
///
/// A new key stands here for at least a minute before it signs.
#[utoipa::path(
    operation_id = "get_jwks", tag = "tokens",
    responses((status = 200, description = "The public keys (RFC 7517)", body = Jwks)),
    security(()),
)]
#[get("/.well-known/jwks.json")]
pub async fn get_jwks(issuer: Data<Issuer>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=30")).json(&issuer.keys.current().jwks)
}

/// `GET /internal/jwks`: the same, for the other processes.
pub async fn internal_jwks(_caller: shared::auth::CallingService, issuer: Data<Issuer>) -> HttpResponse {
    HttpResponse::Ok().json(&issuer.keys.current().jwks)
}

/// `GET /internal/revocations`: every revocation that an unexpired token might still meet.
pub async fn internal_revocations(
    _caller: shared::auth::CallingService,
    issuer: Data<Issuer>,
) -> Result<HttpResponse, Problem> {
    let feed = worker::transaction(&issuer.pool, async |connection| Ok(revocation::feed(connection).await?)).await?;
    Ok(HttpResponse::Ok().json(feed))
}
