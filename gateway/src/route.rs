//! Which service answers which address. Data: a new capability is a line here.

/// A service behind the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// The front door, people, hubs, allocations.
    Referral,
    /// Young people in the youth justice service.
    YouthJustice,
    /// Figures.
    Performance,
}

impl Upstream {
    /// Every service.
    pub const ALL: [Upstream; 3] = [Upstream::Referral, Upstream::YouthJustice, Upstream::Performance];

    /// The process's name.
    pub const fn name(self) -> &'static str {
        match self {
            Upstream::Referral => "referral-service",
            Upstream::YouthJustice => "youth-justice-service",
            Upstream::Performance => "performance-service",
        }
    }
}

/// Where the services are.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// The referral service's address.
    pub referral: String,
    /// The youth justice service's address.
    pub youth_justice: String,
    /// The performance service's address.
    pub performance: String,
}

impl Upstreams {
    /// The address of a service, without a slash at its end.
    pub fn address(&self, upstream: Upstream) -> &str {
        let address = match upstream {
            Upstream::Referral => &self.referral,
            Upstream::YouthJustice => &self.youth_justice,
            Upstream::Performance => &self.performance,
        };
        address.trim_end_matches('/')
    }
}

/// The first part of an address after `/v1/`, and who answers it and everything below it.
/// What is not here is not routed; `/internal` can't be, since only `/v1/` is.
const ROUTES: &[(&str, Upstream)] = &[
    ("referrals", Upstream::Referral),
    ("referral-drafts", Upstream::Referral),
    ("referral-batches", Upstream::Referral),
    ("hubs", Upstream::Referral),
    ("panels", Upstream::Referral),
    ("panel-cases", Upstream::Referral),
    ("allocations", Upstream::Referral),
    ("caseloads", Upstream::Referral),
    ("people", Upstream::Referral),
    ("codes", Upstream::Referral),
    ("missing-episodes", Upstream::Referral),
    ("time-limits", Upstream::Referral),
    ("information-requests", Upstream::Referral),
    ("information-sources", Upstream::Referral),
    ("services", Upstream::Referral),
    ("onward-referrals", Upstream::Referral),
    ("short-breaks", Upstream::Referral),
    ("short-break-criteria", Upstream::Referral),
    ("partner-agreements", Upstream::Referral),
    ("partner-lists", Upstream::Referral),
    ("partner-families", Upstream::Referral),
    ("organisations", Upstream::Referral),
    ("families", Upstream::Referral),
    ("cases", Upstream::Referral),
    ("actions", Upstream::Referral),
    ("exploitation-concerns", Upstream::Referral),
    ("alerts", Upstream::Referral),
    ("assessments", Upstream::Referral),
    ("outcome-ladder", Upstream::Referral),
    ("follow-ups", Upstream::Referral),
    ("case-studies", Upstream::Referral),
    ("case-study-consents", Upstream::Referral),
    ("audit-standards", Upstream::Referral),
    ("audit-samples", Upstream::Referral),
    ("case-audits", Upstream::Referral),
    ("audit-actions", Upstream::Referral),
    ("issue-questions", Upstream::Referral),
    ("searches", Upstream::Referral),
    ("groups", Upstream::Referral),
    ("group-enrolments", Upstream::Referral),
    ("brief-interventions", Upstream::Referral),
    ("feedback", Upstream::Referral),
    ("feedback-questions", Upstream::Referral),
    ("prevention-cases", Upstream::YouthJustice),
    ("indicators", Upstream::Performance),
    ("observations", Upstream::Performance),
    ("dashboards", Upstream::Performance),
];

/// The first part of an address that anyone may ask without a token, and who answers it and
/// everything below it. Counted by where a request comes from.
const OPEN: &[(&str, Upstream)] = &[("open-referral", Upstream::Referral), ("onward", Upstream::Referral)];

/// The feed of services. Every web page may read it, as its standard wants.
const FEED: &str = "/open-referral";

/// Whether a path is one that anyone may ask without a token.
pub fn is_open(path: &str) -> bool {
    opened(path).is_some()
}

fn opened(path: &str) -> Option<Upstream> {
    let first = path.strip_prefix('/')?.split('/').next()?;
    OPEN.iter().find(|(prefix, _)| *prefix == first).map(|(_, upstream)| *upstream)
}

/// Whether a path is of the feed that every web page may read.
pub fn is_for_every_page(path: &str) -> bool {
    path.strip_prefix(FEED).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Who answers a path; nobody, if it isn't in its one normal form.
pub fn upstream(path: &str) -> Option<Upstream> {
    if !is_normal(path) {
        return None;
    }
    if let Some(upstream) = opened(path) {
        return Some(upstream);
    }
    let first = path.strip_prefix("/v1/")?.split('/').next()?;
    ROUTES.iter().find(|(prefix, _)| *prefix == first).map(|(_, upstream)| *upstream)
}

/// Addresses that take a file.
const FILES: &[&str] = &["/v1/referral-batches"];

/// Whether an address takes a file, which may be larger and slower than other bodies.
pub fn takes_file(path: &str) -> bool {
    FILES.contains(&path)
}

/// Whether an address answers with a file, which may take longer to come than other answers.
pub fn gives_file(path: &str) -> bool {
    FILES.iter().any(|files| path.starts_with(files)) && path.ends_with(".csv")
}

/// Whether a path is written in the one way in which we write paths: segments of letters,
/// digits and `-._~`, none of them empty, `.` or `..`.
///
/// Anything else (a `%2f`, a `%2e%2e`, a backslash, two slashes) could mean one thing here and
/// another behind us, and no address of ours needs it: ids, codes and references are such segments.
/// The one exception is the root of the Open Referral feed, which its standard writes with a slash.
pub fn is_normal(path: &str) -> bool {
    if path == "/open-referral/" {
        return true;
    }
    let segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
    };
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn files_go_and_come_at_their_own_addresses() {
        assert!(takes_file("/v1/referral-batches") && !takes_file("/v1/referral-batches/x/rows.csv"));
        assert!(gives_file("/v1/referral-batches/x/rows.csv") && !gives_file("/v1/referral-batches/x/rows"));
        assert!(!gives_file("/v1/referrals/x.csv"));
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        assert_eq!(upstream("/v1/referrals"), Some(Upstream::Referral));
        assert_eq!(upstream("/v1/referrals/7/screening"), Some(Upstream::Referral));
        assert_eq!(upstream("/v1/dashboards/partnership"), Some(Upstream::Performance));
        assert_eq!(upstream("/v1/referralsx"), None);
        assert_eq!(upstream("/v1"), None);
        assert_eq!(upstream("/v1/"), None);
        assert_eq!(upstream("/v2/referrals"), None);
        assert_eq!(upstream("/open-referral"), Some(Upstream::Referral));
        assert_eq!(upstream("/open-referral/"), Some(Upstream::Referral));
        assert_eq!(upstream("/open-referral/services/7"), Some(Upstream::Referral));
        assert_eq!(upstream("/open-referral/services/"), None);
        assert_eq!(upstream("/open-referrals"), None);
        assert!(is_for_every_page("/open-referral/services") && !is_for_every_page("/open-referrals"));
        assert!(!is_for_every_page("/onward/x") && is_open("/onward/x") && !is_open("/v1/onward"));
    }

    #[test]
    fn no_way_of_writing_it_leads_inside() {
        for path in [
            "/internal/events",
            "//internal/events",
            "/v1/../internal/events",
            "/v1/referrals/../../internal/events",
            "/open-referral/../internal/events",
            "/open-referral//internal/events",
            "/onward/%2e%2e/internal/events",
            "/v1/referrals/%2e%2e/%2e%2e/internal/events",
            "/v1/referrals/..%2f..%2finternal/events",
            "/v1/referrals%2f..%2f..%2finternal",
            "/v1/referrals/..\\..\\internal",
            "/v1/referrals/%5c..%5cinternal",
            "/v1//internal",
            "/v1/./internal",
            "/v1/referrals/",
            "/v1/referrals;/../internal",
            "/%69nternal/events",
            "/v1/referrals/%c0%ae%c0%ae/internal",
            "/v1/referrals/%00",
        ] {
            assert_eq!(upstream(path), None, "{path}");
        }
    }

    proptest! {
        /// Whatever is routed, a URL parser reads as the same path: it can't be taken for another one.
        #[test]
        fn a_routed_path_is_read_alike_by_everyone(path in "/(v1/referrals|v1)(/[a-z%2eEfF5cC.;\\\\/~-]{0,6}){0,4}") {
            if upstream(&path).is_some() {
                let url = reqwest::Url::parse(&format!("http://upstream{path}")).unwrap();
                prop_assert_eq!(url.path(), path.as_str());
                prop_assert!(path.starts_with("/v1/"));
                prop_assert!(!path.split('/').any(|segment| segment == ".." || segment == "." ));
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(path in ".*") {
            let _ = upstream(&path);
        }
    }
}
