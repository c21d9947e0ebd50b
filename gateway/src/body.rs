//! Bodies that the gateway itself reads, and how large any body may be.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Bytes, Payload};
use shared::payload::{MAX_BODY, MAX_FILE};
use shared::problem::{self, Problem};

use crate::route;

/// The largest form that the token endpoint and the sign-in page take, in bytes.
const MAX_FORM: usize = 32 * 1024;
/// How long a form may take to come.
const FORM_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// What `Content-Length` says, if it says something.
pub fn announced(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The largest body that the address of a request takes, in bytes.
pub fn largest(request: &HttpRequest) -> usize {
    if route::takes_file(request.uri().path()) { MAX_FILE } else { MAX_BODY }
}

/// Refuses a body that is announced to be larger than its address takes.
///
/// # Errors
/// 413.
pub fn fits(request: &HttpRequest) -> Result<(), Problem> {
    if announced(request).is_some_and(|length| length > largest(request)) {
        return Err(Problem::new(problem::TOO_LARGE));
    }
    Ok(())
}

/// Reads a form to its end.
///
/// # Errors
/// 413 if it is longer than a form of these pages can be; 400 if it ends too soon.
pub async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    if announced(request).is_some_and(|length| length > MAX_FORM) {
        return Err(Problem::new(problem::TOO_LARGE));
    }
    match tokio::time::timeout(FORM_WITHIN, payload.to_bytes_limited(MAX_FORM)).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(Problem::new(problem::MALFORMED).detail("the body ended too soon")),
        Ok(Err(_)) => Err(Problem::new(problem::TOO_LARGE)),
        Err(_elapsed) => Err(Problem::new(problem::MALFORMED).detail("the body took too long to come")),
    }
}
