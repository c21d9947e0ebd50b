//! The caller in a handler's signature.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};

use crate::actor::Actor;
use crate::auth::{ServiceIdentity, Verifier};
use crate::problem::{self, Problem};
use crate::telemetry::trace_id;

/// The token of `Authorization: Bearer …`; exactly one such header.
fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let only = headers.next().filter(|_| headers.next().is_none());
    only.and_then(|value| value.to_str().ok())
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| {
            let detail = "send the access token as one header: Authorization: Bearer, a space, the token";
            Problem::new(problem::UNAUTHENTICATED).detail(detail)
        })
}

impl FromRequest for Actor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let actor = || {
            let token = bearer(request)?;
            let verifier = request
                .app_data::<Data<Arc<Verifier>>>()
                .ok_or_else(|| Problem::internal(&"no verifier in this server"))?;
            Ok(verifier.verify(token)?.actor(token.to_owned(), trace_id(request)))
        };
        ready(actor())
    }
}

/// The name of the process that calls an `/internal/*` address.
pub struct CallingService(pub String);

impl FromRequest for CallingService {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut dev::Payload) -> Self::Future {
        let caller = || {
            let token = bearer(request)?;
            let identity = request
                .app_data::<Data<ServiceIdentity>>()
                .ok_or_else(|| Problem::internal(&"no service identity in this server"))?;
            identity.verify(token).map(CallingService)
        };
        ready(caller())
    }
}
