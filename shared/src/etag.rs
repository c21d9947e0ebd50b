//! Versions in HTTP: one strong ETag for each version and view of a record.

use actix_web::HttpRequest;
use actix_web::http::header::IF_MATCH;

use crate::problem::{self, FieldError, Problem};

/// The ETag of a record's version as one view of it shows: `"7-status"`.
pub fn etag(version: i64, view: &str) -> String {
    format!("\"{version}-{view}\"")
}

/// The version in `If-Match`, if the header is there.
///
/// Views of one record share its version number, so an ETag read in any view will do.
///
/// # Errors
/// 428 for `*`, a weak tag or several tags: none of them says which version was read.
pub fn if_match(request: &HttpRequest) -> Result<Option<i64>, Problem> {
    let Some(header) = request.headers().get(IF_MATCH) else {
        return Ok(None);
    };
    header
        .to_str()
        .ok()
        .and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.split_once('-'))
        .filter(|(_, view)| view.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .and_then(|(version, _)| version.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            Problem::new(problem::VERSION_REQUIRED).errors(vec![FieldError::parameter(
                "If-Match",
                "not_one_version",
                "is no ETag of ours: send exactly the one you read, in its quotes",
            )])
        })
}

/// Holds the version someone read against the one there is.
///
/// # Errors
/// 428 if the header was missing, 412 if the record has changed since.
pub fn require(read: Option<i64>, current: i64) -> Result<(), Problem> {
    match read {
        None => Err(Problem::new(problem::VERSION_REQUIRED)),
        Some(version) if version == current => Ok(()),
        Some(_) => Err(Problem::new(problem::STALE)),
    }
}
