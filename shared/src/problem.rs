//! Every refusal, in one shape: an RFC 9457 problem document in plain words.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};

/// One thing wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer (`/people/0/birth_date`). Absent for parameters and headers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
    /// The query parameter or header, where it isn't the body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parameter: Option<String>,
    /// A stable word for programs: `required`, `unknown_field`, `in_the_future`, …
    pub code: String,
    /// What to do about it, for people.
    pub detail: String,
}

impl FieldError {
    /// Something wrong at a place in the body.
    pub fn at(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code: code.to_owned(), detail: detail.into() }
    }

    /// Something wrong with a query parameter or a header.
    pub fn parameter(name: &str, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.to_owned()), code: code.to_owned(), detail: detail.into() }
    }
}

/// The body of a refusal (RFC 9457, `application/problem+json`).
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// Where the kind of problem is explained, relative to the gateway.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words; the same for every problem of the kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Everything wrong with the request, all at once.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
    /// The address of the record that is there already, where there is one that you see.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(example = "/v1/missing-episodes/0198c0de-0000-7000-8000-000000000001")]
    pub about: Option<String>,
}

/// The kinds of refusal. The gateway's reference explains each under its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The word the problem's `type` ends with.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The problem's `title`.
    pub title: &'static str,
    /// What it means and what to do, for the reference.
    pub explanation: &'static str,
}

/// Declares the kinds and the list of them.
macro_rules! kinds {
    ($($name:ident = $code:literal, $status:literal, $title:literal, $explanation:literal;)*) => {
        $(#[doc = $explanation] pub const $name: Kind = Kind {
            code: $code, status: $status, title: $title, explanation: $explanation,
        };)*
        /// Every kind, for the reference.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    MALFORMED = "malformed", 400, "The request could not be read",
        "The body is not JSON in UTF-8, a parameter is unknown or ill-formed, or a required header is missing. Nothing was stored.";
    UNAUTHENTICATED = "unauthenticated", 401, "Sign in first",
        "The token is missing, expired, revoked or not one of ours. Get a new one from /oauth/token.";
    NOT_ALLOWED = "not-allowed", 403, "Your role may not do this",
        "You may see this record, but none of your roles may do this to it.";
    NOT_FOUND = "not-found", 404, "There is no such thing here",
        "It does not exist, or you may not see it. The answer is the same on purpose.";
    METHOD_NOT_ALLOWED = "method-not-allowed", 405, "This address takes other methods",
        "The Allow header lists what it takes.";
    CONFLICT = "conflict", 409, "The record is not in a state for this",
        "What you ask no longer fits where the record stands. Read it again and decide anew.";
    BUSY = "busy", 409, "The same request is being worked on",
        "A request with the same Idempotency-Key is under way. Wait a moment and send it again, unchanged.";
    DUPLICATE = "duplicate", 409, "There is one already",
        "A record with the same unique name exists.";
    STALE = "stale", 412, "Someone changed it meanwhile",
        "The record has a newer version than the one in If-Match. Read it again and decide anew.";
    TOO_LARGE = "too-large", 413, "The body is too large",
        "The body is larger than this address takes. Nothing was stored.";
    UNSUPPORTED_MEDIA = "unsupported-media-type", 415, "This address takes another type of body",
        "The Content-Type of a request with a body is application/json; a file of rows is text/csv.";
    INVALID = "invalid", 422, "Some fields need attention",
        "The body is well-formed JSON but breaks the rules; `errors` names every field. Nothing was stored.";
    KEY_REUSED = "key-reused", 422, "This Idempotency-Key came with another body",
        "A key stands for one request. Use a new key for a new request.";
    VERSION_REQUIRED = "version-required", 428, "Say which version you read",
        "Send the ETag you read in If-Match, so that nobody's change is lost.";
    TOO_MANY = "too-many-requests", 429, "Slow down",
        "Retry-After says for how many seconds to wait.";
    INTERNAL = "internal", 500, "Something went wrong on our side",
        "The fault is logged under the trace id. The request was not carried out.";
    BAD_GATEWAY = "service-answer", 502, "A service gave no usable answer",
        "A service behind the gateway gave no usable answer. Send the request again, unchanged and with the same Idempotency-Key.";
    UNAVAILABLE = "unavailable", 503, "Not available just now",
        "A part of the system is away. Send the request again, unchanged and with the same Idempotency-Key.";
    TIMED_OUT = "timed-out", 504, "No answer in time",
        "It is not known whether the request was carried out. Send it again, unchanged and with the same Idempotency-Key, to find out.";
}

/// A refusal on its way out. One pointer wide, so that a `Result` of it costs no more than one.
#[derive(Debug, Clone)]
pub struct Problem(Box<Said>);

#[derive(Debug, Clone)]
struct Said {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    about: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A refusal of this kind, with nothing more to say.
    pub fn new(kind: Kind) -> Self {
        let mut said = Said { kind, detail: None, errors: Vec::new(), about: None, headers: Vec::new() };
        if kind == UNAUTHENTICATED {
            said.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        if kind == UNAVAILABLE || kind == BUSY {
            said.headers.push((RETRY_AFTER, HeaderValue::from_static("1")));
        }
        Self(Box::new(said))
    }

    /// A refusal of the token that was sent, and why, as RFC 6750 has it.
    pub fn bad_token(why: &'static str) -> Self {
        let mut problem = Self::new(UNAUTHENTICATED).detail(why);
        problem.0.headers = vec![(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#))];
        problem
    }

    /// What happened this time, in plain words, without personal data.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// What is wrong with the request, field by field.
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The address of the record that is there already. Only of one the caller sees.
    pub fn about(mut self, address: impl Into<String>) -> Self {
        self.0.about = Some(address.into());
        self
    }

    /// A header to send with it.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// It does not exist, or the caller may not see it.
    pub fn not_found() -> Self {
        Self::new(NOT_FOUND)
    }

    /// One parameter or header is wrong.
    pub fn parameter(name: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::new(MALFORMED).errors(vec![FieldError::parameter(name, code, detail)])
    }

    /// The fields break the rules.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::new(INVALID).errors(errors)
    }

    /// Refuses what breaks the rules in any field, naming all of them; nothing, if none does.
    ///
    /// # Errors
    /// 422.
    pub fn refuse_any(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::invalid(errors)) }
    }

    /// The record's state does not allow it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(CONFLICT).detail(detail)
    }

    /// An unknown failure: logged here, where it is handled, and told to nobody outside.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(cause = %cause, "request failed");
        Self::new(INTERNAL)
    }

    /// The status it goes out with.
    pub fn status(&self) -> u16 {
        self.0.kind.status
    }

    /// Which kind it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The body it goes out with.
    pub fn document(&self) -> ProblemDocument {
        ProblemDocument {
            kind: format!("/docs/problems#{}", self.0.kind.code),
            title: self.0.kind.title.to_owned(),
            status: self.0.kind.status,
            detail: self.0.detail.clone(),
            errors: self.0.errors.clone(),
            about: self.0.about.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.kind.status, self.0.kind.code)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.insert_header((CONTENT_TYPE, "application/problem+json"));
        match serde_json::to_string(&self.document()) {
            Ok(body) => response.body(body),
            Err(_) => response.finish(),
        }
    }
}

impl From<diesel::result::Error> for Problem {
    /// A database that is away is 503, the retryable kind; anything else the handler did not
    /// expect is 500.
    fn from(error: diesel::result::Error) -> Self {
        if crate::db::is_away(&error) {
            tracing::warn!(cause = %error, "database away");
            Self::new(UNAVAILABLE)
        } else {
            Self::internal(&error)
        }
    }
}
