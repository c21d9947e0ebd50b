//! The gateway's settings, read once at the start.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use shared::config::{self, Address, Databases, Trust};

use crate::limit::Limits;
use crate::peer::TrustedProxies;
use crate::route::Upstreams;

/// All that `serve` needs.
pub struct Settings {
    /// Where the public listens.
    pub public: Address,
    /// Where the other processes listen: keys, revocations, metrics.
    pub internal: Address,
    /// The gateway's own database.
    pub databases: Databases,
    /// Who this process is, and the address tokens are issued under.
    pub trust: Trust,
    /// The services behind.
    pub upstreams: Upstreams,
    /// Redis, for limits that hold across replicas.
    pub redis: Option<String>,
    /// How much each caller may ask.
    pub limits: Limits,
    /// Whose word on the caller's address is taken.
    pub proxies: TrustedProxies,
    /// The folder of signing keys.
    pub signing_keys: PathBuf,
    /// The business clock's file.
    pub clock: Option<PathBuf>,
    /// How long a service may take for a whole answer.
    pub answer_within: Duration,
}

impl Settings {
    /// From the environment.
    ///
    /// # Errors
    /// One line naming the setting that is missing or wrong.
    pub fn from_env() -> Result<Self, String> {
        let mut trust = Trust::from_env()?;
        trust.issuer = issuer(&trust.issuer)?;
        Ok(Self {
            public: Address::from_env()?,
            internal: Address::named("THRESHOLD_INTERNAL_BIND")?,
            databases: Databases::from_env()?,
            trust,
            upstreams: Upstreams {
                referral: config::peer_url("THRESHOLD_REFERRAL_URL")?,
                youth_justice: config::peer_url("THRESHOLD_YOUTH_JUSTICE_URL")?,
                performance: config::peer_url("THRESHOLD_PERFORMANCE_URL")?,
            },
            redis: config::redis_url()?,
            limits: limits()?,
            proxies: config::optional("THRESHOLD_TRUSTED_PROXIES")?.unwrap_or_default().parse()?,
            signing_keys: config::required("THRESHOLD_SIGNING_KEY_DIR")?.into(),
            clock: config::clock_file()?,
            answer_within: Duration::from_secs(number("THRESHOLD_ANSWER_WITHIN_SECONDS", 10)?),
        })
    }
}

/// The issuer as it stands in tokens: an http or https origin without a path.
fn issuer(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let url = reqwest::Url::parse(text).map_err(|error| format!("THRESHOLD_ISSUER: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.path() != "/" || url.query().is_some() {
        return Err("THRESHOLD_ISSUER: expected http(s)://host[:port] and nothing more".to_owned());
    }
    Ok(text.to_owned())
}

fn limits() -> Result<Limits, String> {
    let usual = Limits::default();
    Ok(Limits {
        per_caller: number("THRESHOLD_LIMIT_PER_CALLER", usual.per_caller)?,
        per_address: number("THRESHOLD_LIMIT_PER_ADDRESS", usual.per_address)?,
        failed_sign_ins: number("THRESHOLD_LIMIT_FAILED_SIGN_INS", usual.failed_sign_ins)?,
    })
}

/// A whole number of at least 1.
fn number<N: FromStr + PartialOrd + From<u8>>(name: &str, usual: N) -> Result<N, String> {
    let Some(text) = config::optional(name)? else {
        return Ok(usual);
    };
    text.parse()
        .ok()
        .filter(|number| *number >= N::from(1))
        .ok_or_else(|| format!("{name}: expected a whole number of at least 1"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_issuer_is_an_origin() {
        assert_eq!(issuer("https://threshold.example/").unwrap(), "https://threshold.example");
        assert!(issuer("https://threshold.example/path").is_err());
        assert!(issuer("threshold.example").is_err());
    }
}
