//! Where a request comes from: the peer's own address, or what a proxy that the operator
//! trusts says of it. Limits and the sign-in's delays count by it.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;

/// The networks of the proxies in front, whose `X-Forwarded-For` is believed
/// (`THRESHOLD_TRUSTED_PROXIES`: addresses or networks such as `10.1.0.0/16`, separated by commas).
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<(IpAddr, u8)>);

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = |part: &str| {
            let (address, bits) = part.split_once('/').map_or((part, None), |(address, bits)| (address, Some(bits)));
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
            Some((address, bits))
        };
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                network(part).ok_or_else(|| format!("THRESHOLD_TRUSTED_PROXIES: {part} is no address or network"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl TrustedProxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, bits)| leading(address, *bits) == leading(*network, *bits))
    }

    /// The address a request came from. Each trusted proxy appended the address it saw, so the
    /// last one that is not itself trusted is the caller; anything before it the caller may have made up.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trust(peer) {
            return peer;
        }
        let lists = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
        let mut hops: Vec<Option<IpAddr>> =
            lists.flat_map(|list| list.split(',')).map(|hop| hop.trim().parse().ok()).collect();
        let mut origin = peer;
        while let Some(Some(hop)) = hops.pop() {
            origin = hop;
            if !self.trust(hop) {
                break;
            }
        }
        origin
    }
}

/// The network part of an address; the family stands in front so that none is mistaken for another.
fn leading(address: IpAddr, bits: u8) -> (bool, u128) {
    match address.to_canonical() {
        IpAddr::V4(v4) => (true, u128::from(v4.to_bits()).checked_shr(32u32.saturating_sub(bits.into())).unwrap_or(0)),
        IpAddr::V6(v6) => (false, v6.to_bits().checked_shr(128u32.saturating_sub(bits.into())).unwrap_or(0)),
    }
}

/// The source that counts: an IPv4 address, or the /64 that one subscriber of IPv6 holds.
pub fn source(request: &HttpRequest, proxies: &TrustedProxies) -> String {
    let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    match proxies.origin(peer, request.headers()).to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn origin(trusted: &str, peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(forwarded).unwrap());
        trusted.parse::<TrustedProxies>().unwrap().origin(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_called() {
        assert_eq!(origin("", "10.0.0.1", "203.0.113.9"), "10.0.0.1");
        assert_eq!(origin("10.0.0.0/8", "10.0.0.1", "203.0.113.9"), "203.0.113.9");
        assert_eq!(origin("10.0.0.0/8", "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4"), "203.0.113.9");
        assert_eq!(origin("10.0.0.0/8", "10.0.0.1", "rubbish"), "10.0.0.1");
        assert_eq!(origin("10.0.0.1,fd00::/8", "fd00::1", "2001:db8::7"), "2001:db8::7");
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
    }
}
