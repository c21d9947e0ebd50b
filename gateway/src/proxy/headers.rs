//! Which headers pass, each way.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// Headers that belong to one connection (RFC 9110 section 7.6.1), and those that this
/// process writes itself.
const OF_THE_CONNECTION: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "host",
    "expect",
    "content-length",
    "traceparent",
];

/// Headers by which some servers learn who is calling. Ours learn it from the token alone, and
/// no caller shall be able to say anything in these.
const FORGED: &[&str] = &["forwarded", "via", "from", "cookie", "x-real-ip", "x-cluster-client-ip", "true-client-ip"];
const FORGED_PREFIXES: &[&str] = &[
    "x-forwarded",
    "x-user",
    "x-actor",
    "x-auth",
    "x-remote",
    "x-client",
    "x-original",
    "x-rewrite",
    "x-http-method",
    "x-method-override",
    "x-envoy",
    "x-internal",
    "x-threshold",
    "cf-",
];

fn passes(name: &str, named: &[String]) -> bool {
    !OF_THE_CONNECTION.contains(&name) && !named.iter().any(|other| other == name)
}

fn is_forged(name: &str) -> bool {
    FORGED.contains(&name) || FORGED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// What `Connection` names besides: those belong to the connection too. What every request needs
/// can't be taken away by naming it there.
fn named_by_connection<'a>(values: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    values
        .filter_map(|value| std::str::from_utf8(value).ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| {
            !matches!(name.as_str(), "" | "close" | "keep-alive" | "authorization" | "idempotency-key" | "if-match")
        })
        .collect()
}

/// What goes on to the service.
pub fn onward(from: &HeaderMap) -> reqwest::header::HeaderMap {
    let named = named_by_connection(from.get_all("connection").map(HeaderValue::as_bytes));
    let mut to = reqwest::header::HeaderMap::with_capacity(from.len());
    for (name, value) in from {
        let name = name.as_str();
        // A service decides by the name it understands; `_` for `-` is a known way round such lists.
        if !passes(name, &named) || is_forged(name) || name.contains('_') {
            continue;
        }
        if let (Ok(name), Ok(value)) = (
            reqwest::header::HeaderName::from_bytes(name.as_bytes()),
            reqwest::header::HeaderValue::from_bytes(value.as_bytes()),
        ) {
            to.append(name, value);
        }
    }
    to
}

/// What comes back from the service.
pub fn back(from: &reqwest::header::HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
    let named = named_by_connection(from.get_all("connection").iter().map(|value| value.as_bytes()));
    from.iter().filter_map(move |(name, value)| {
        let name = name.as_str();
        let kept = passes(name, &named) && !name.starts_with("access-control-") && name != "server" && name != "date";
        let both = (HeaderName::from_bytes(name.as_bytes()).ok(), HeaderValue::from_bytes(value.as_bytes()).ok());
        match (kept, both) {
            (true, (Some(name), Some(value))) => Some((name, value)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn names(headers: &[(&str, &str)]) -> Vec<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let mut names: Vec<String> = onward(&map).keys().map(|name| name.as_str().to_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_belongs_to_the_connection_or_is_forged_stays_behind() {
        let passed = names(&[
            ("authorization", "Bearer x"),
            ("idempotency-key", "1"),
            ("accept", "application/json"),
            ("connection", "close, X-Secret , authorization"),
            ("x-secret", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-user", "admin"),
            ("forwarded", "for=1.2.3.4"),
            ("x-user-id", "1"),
            ("x-actor", "1"),
            ("x_forwarded_for", "1"),
            ("x-real-ip", "1"),
            ("cookie", "a=b"),
            ("traceparent", "00-1-2-01"),
        ]);
        assert_eq!(passed, ["accept", "authorization", "idempotency-key"]);
    }

    #[test]
    fn what_belongs_to_the_other_connection_stays_there() {
        let mut from = reqwest::header::HeaderMap::new();
        for (name, value) in [
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("access-control-allow-origin", "*"),
            ("etag", "\"1\""),
        ] {
            from.append(name, reqwest::header::HeaderValue::from_static(value));
        }
        let passed: Vec<String> = back(&from).map(|(name, _)| name.to_string()).collect();
        assert_eq!(passed, ["etag"]);
    }

    proptest! {
        #[test]
        fn no_forged_header_passes_whatever_follows(prefix in prop::sample::select(FORGED_PREFIXES), rest in "[a-z-]{0,12}") {
            let name = format!("{prefix}{rest}");
            prop_assert!(names(&[(&name, "x")]).is_empty());
        }
    }
}
