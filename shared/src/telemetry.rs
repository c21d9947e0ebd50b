//! Logs as JSON lines, the W3C trace context, and Prometheus metrics. Ids stand in the
//! fields; names, birth dates, addresses, tokens and free text never do.

use std::sync::LazyLock;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest};
use prometheus::{Encoder, HistogramVec, IntCounterVec, TextEncoder, register_histogram_vec, register_int_counter_vec};
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard output, filtered by `THRESHOLD_LOG` (default `info`).
pub fn start() {
    let filter = EnvFilter::try_from_env("THRESHOLD_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start in one process (tests) changes nothing.
    let _ =
        tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_current_span(true).try_init();
}

/// The trace id of a request, put there by [`observe`].
#[derive(Clone)]
struct TraceId(String);

/// The trace id of a request: 32 hexadecimal digits.
pub fn trace_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<TraceId>().map(|trace| trace.0.clone())
}

/// The trace id in a `traceparent` header, if it is one.
fn incoming(header: Option<&HeaderValue>) -> Option<String> {
    let text = header?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase())
    };
    let usable =
        hex(version, 2) && version != "ff" && hex(trace, 32) && hex(span, 16) && trace.bytes().any(|b| b != b'0');
    usable.then(|| trace.to_owned())
}

static REQUESTS: LazyLock<Option<IntCounterVec>> = LazyLock::new(|| {
    register_int_counter_vec!("http_requests_total", "Requests answered", &["method", "route", "status"]).ok()
});
static SECONDS: LazyLock<Option<HistogramVec>> = LazyLock::new(|| {
    register_histogram_vec!("http_request_duration_seconds", "Time to answer", &["method", "route"]).ok()
});

/// Middleware: gives every request a trace, a log line and its metrics.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let trace =
        incoming(request.headers().get("traceparent")).unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    request.extensions_mut().insert(TraceId(trace.clone()));
    let started = Instant::now();
    let method = request.method().clone();
    let span = tracing::info_span!("request", trace_id = %trace);
    let mut response = next.call(request).instrument(span.clone()).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let took = started.elapsed();
    if let Some(requests) = REQUESTS.as_ref() {
        requests.with_label_values(&[method.as_str(), &route, &status.to_string()]).inc();
    }
    if let Some(seconds) = SECONDS.as_ref() {
        seconds.with_label_values(&[method.as_str(), &route]).observe(took.as_secs_f64());
    }
    span.in_scope(|| tracing::debug!(%method, route, status, micros = took.as_micros(), "answered"));
    if let Ok(value) = HeaderValue::from_str(&trace) {
        response.headers_mut().insert(HeaderName::from_static("trace-id"), value);
    }
    Ok(response)
}

/// The metrics in Prometheus's text form.
pub async fn metrics() -> actix_web::HttpResponse {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    match encoder.encode(&prometheus::gather(), &mut text) {
        Ok(()) => actix_web::HttpResponse::Ok().content_type(encoder.format_type()).body(text),
        Err(error) => actix_web::HttpResponse::InternalServerError().body(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_trace_is_taken_over() {
        let read = |text: &'static str| incoming(Some(&HeaderValue::from_static(text)));
        assert_eq!(
            read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(),
            Some("4bf92f3577b34da6a3ce929d0e0e4736")
        );
        assert_eq!(read("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), None);
        assert_eq!(read("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), None);
        assert_eq!(read("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), None);
        assert_eq!(read("rubbish"), None);
    }
}
