//! Passing a request on to the service that answers its address, and the answer back, both as
//! streams: nothing is held here but what is on its way.

mod headers;
mod payload;

use std::time::Duration;

use actix_web::body::{BodyStream, SizedStream};
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE, ALLOW, HeaderName, HeaderValue,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use futures::StreamExt;
use shared::openapi::Methods;
use shared::problem::{self, Problem};
use shared::telemetry::trace_id;

use crate::body;
use crate::route::{self, Upstream, Upstreams};
use payload::Outgoing;

/// How long a connection to a service may take.
const CONNECT_WITHIN: Duration = Duration::from_millis(800);
/// How long a file may take to go through and be answered, or to come back.
const FILE_WITHIN: Duration = Duration::from_secs(150);
/// Shorter than the services keep idle connections, so that none is used as it is being closed.
const KEEP_IDLE: Duration = Duration::from_secs(50);

/// One thread's way to the services: connections are driven by the thread that opened them.
pub struct Proxy {
    http: reqwest::Client,
    upstreams: Upstreams,
}

impl Proxy {
    /// A proxy to these services.
    ///
    /// # Errors
    /// If the client can't be built.
    pub fn new(upstreams: Upstreams, answer_within: Duration) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(answer_within)
            .pool_idle_timeout(KEEP_IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { http, upstreams })
    }

    /// Reads an address of a service under a caller's own rights.
    ///
    /// # Errors
    /// 503, 504 or 502 if it gives no answer; logged.
    pub async fn ask(
        &self,
        upstream: Upstream,
        path: &str,
        bearer: &str,
        trace: Option<&str>,
    ) -> Result<reqwest::Response, Problem> {
        let mut request = self.http.get(format!("{}{path}", self.upstreams.address(upstream))).bearer_auth(bearer);
        if let Some(trace) = trace {
            request = request.header("traceparent", traceparent(trace));
        }
        request.send().await.map_err(|error| failure(upstream, &error))
    }

    /// Whether a service says that it can do its work.
    pub async fn is_ready(&self, upstream: Upstream) -> bool {
        let address = format!("{}/health/ready", self.upstreams.address(upstream));
        let asked = self.http.get(address).timeout(Duration::from_millis(700)).send();
        asked.await.is_ok_and(|answer| answer.status().is_success())
    }
}

/// Every address that is not the gateway's own: on to its service, or 404, or 405.
///
/// # Errors
/// 404 and 405 for what no service answers; 413; 503 if the service is away, 504 if it took too
/// long, 502 if it broke off.
pub async fn pass_on(
    request: HttpRequest,
    payload: Payload,
    proxy: Data<Proxy>,
    methods: Data<Methods>,
) -> Result<HttpResponse, Problem> {
    // The path as it was sent, not as actix decodes it: what is judged is what is passed on.
    let uri = request.uri();
    if !route::is_normal(uri.path()) {
        return Err(Problem::not_found());
    }
    if route::is_for_every_page(uri.path()) && request.method() == Method::OPTIONS {
        return Ok(preflight());
    }
    if let Some(allowed) = methods.allowed(uri.path()) {
        takes(&allowed, request.method())?;
    }
    let upstream = route::upstream(uri.path()).ok_or_else(Problem::not_found)?;
    body::fits(&request)?;
    let address = match uri.query() {
        Some(query) => format!("{}{}?{query}", proxy.upstreams.address(upstream), uri.path()),
        None => format!("{}{}", proxy.upstreams.address(upstream), uri.path()),
    };
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())
        .map_err(|_| Problem::new(problem::METHOD_NOT_ALLOWED))?;
    let mut onward = proxy.http.request(method, address).headers(headers::onward(request.headers()));
    if let Some(trace) = trace_id(&request) {
        onward = onward.header("traceparent", traceparent(&trace));
    }
    if route::takes_file(uri.path()) || route::gives_file(uri.path()) {
        onward = onward.timeout(FILE_WITHIN);
    }
    let outgoing = Outgoing::of(&request, payload).await?;
    let (onward, fate) = outgoing.attach(onward);
    match onward.send().await {
        // An answer that came before the body was read to its end stands, unless the body is what is wrong.
        Ok(answer) => fate.problem().map_or_else(|| Ok(give_back(answer)), Err),
        Err(error) => Err(fate.problem().unwrap_or_else(|| failure(upstream, &error))),
    }
}

/// What a browser asks before a web page of another site reads the feed with headers of its own.
fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "*"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

/// Holds a method to those an address takes.
fn takes(allowed: &[Method], method: &Method) -> Result<(), Problem> {
    if allowed.contains(method) {
        return Ok(());
    }
    Err(wrong_method(allowed))
}

/// The refusal of a method, with those that would do.
pub fn wrong_method(allowed: &[Method]) -> Problem {
    let list = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let problem = Problem::new(problem::METHOD_NOT_ALLOWED);
    match HeaderValue::from_str(&list) {
        Ok(value) => problem.header(ALLOW, value),
        Err(_) => problem,
    }
}

/// The trace goes on under a new span.
fn traceparent(trace: &str) -> String {
    format!("00-{trace}-{:016x}-01", uuid::Uuid::new_v4().as_u64_pair().1 | 1)
}

fn give_back(answer: reqwest::Response) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::new(status);
    for (name, value) in headers::back(answer.headers()) {
        response.headers_mut().append(name, value);
    }
    if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED {
        return response;
    }
    let length = answer.content_length();
    let chunks = answer.bytes_stream().map(|chunk| chunk.map_err(std::io::Error::other));
    match length {
        Some(length) => response.set_body(SizedStream::new(length, chunks)).map_into_boxed_body(),
        None => response.set_body(BodyStream::new(chunks)).map_into_boxed_body(),
    }
}

fn failure(upstream: Upstream, error: &reqwest::Error) -> Problem {
    let service = upstream.name();
    tracing::warn!(service, cause = %Causes(error), "service gave no answer");
    let kind = if error.is_connect() {
        problem::UNAVAILABLE
    } else if error.is_timeout() {
        problem::TIMED_OUT
    } else {
        problem::BAD_GATEWAY
    };
    Problem::new(kind)
        .detail(format!("{service} is not answering"))
        .header(HeaderName::from_static("retry-after"), HeaderValue::from_static("1"))
}

/// An error with what caused it, without the address (its query is nobody's business in a log).
struct Causes<'a>(&'a reqwest::Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(self.0);
        f.write_str(if self.0.is_timeout() { "timed out" } else { "failed" })?;
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
