//! The limit at work: counts every API request before anything is done about it.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use shared::auth::Verifier;
use shared::problem::Problem;
use uuid::Uuid;

use super::{Key, Kind, Limiter};
use crate::route;

/// Counts requests to `/v1/`, `/oauth/` and the addresses open to anyone; pages and documents are not counted.
pub async fn limited<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let path = request.path();
    if !path.starts_with("/v1/") && !path.starts_with("/oauth/") && !route::is_open(path) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let Some(limiter) = request.app_data::<Data<Limiter>>().cloned() else {
        return Err(Problem::internal(&"no limiter in this server").into());
    };
    let (key, kind) = match caller(&request) {
        Some(id) => (Key::Caller(id), Kind::Caller),
        None => (Key::Address(limiter.source(request.request())), Kind::Address),
    };
    let decision = limiter.check(key).await;
    let mut response = match decision.require() {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(problem) => request.into_response(problem.error_response()).map_into_right_body(),
    };
    for (name, value) in decision.headers(kind.name()) {
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// The user or client of a token that is believed. Nothing else is done with it here: the
/// service that answers verifies the token itself.
fn caller(request: &ServiceRequest) -> Option<Uuid> {
    let text = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let verifier = request.app_data::<Data<Arc<Verifier>>>()?;
    verifier.verify(token.trim()).ok().map(|claims| claims.sub)
}
