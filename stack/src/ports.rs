//! Choosing ports on the loopback address.
//!
//! Ports are taken from below the range that the system gives to outgoing
//! connections: a client that keeps trying a killed process's port out of that
//! range can be given the very same port and end up talking to itself.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::process::GLANCE;

const LOWEST: u16 = 12_000;
/// Where Linux's range for outgoing connections begins unless configured.
const USUAL_END: u16 = 32_768;

/// A free port, held until released so that nobody else takes it meanwhile.
#[derive(Debug)]
pub struct HeldPort {
    number: u16,
    held: Option<TcpListener>,
}

impl HeldPort {
    /// Any free port.
    ///
    /// # Errors
    /// When hundreds in a row are taken.
    pub fn any() -> Result<Self> {
        let end = outgoing_from().filter(|end| *end > LOWEST + 1000).unwrap_or(USUAL_END);
        (0..500)
            .find_map(|_| Self::exactly(random_between(LOWEST, end)))
            .ok_or_else(|| Error::new("this machine has no free port"))
    }

    /// The first free port from `number` on.
    ///
    /// # Errors
    /// When a hundred in a row are taken.
    pub fn from(number: u16) -> Result<Self> {
        (number..number.saturating_add(100))
            .find_map(Self::exactly)
            .ok_or_else(|| Error::new(format!("no port from {number} on is free")))
    }

    /// This port, if it is free.
    #[must_use]
    pub fn exactly(number: u16) -> Option<Self> {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).ok()?;
        Some(Self { number, held: Some(held) })
    }

    /// This port, if it is free or becomes so within three seconds.
    #[must_use]
    pub fn soon(number: u16) -> Option<Self> {
        let until = Instant::now() + Duration::from_secs(3);
        loop {
            let port = Self::exactly(number);
            if port.is_some() || Instant::now() >= until {
                return port;
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Lets go of it, for the process that is to listen there.
    pub fn release(&mut self) {
        self.held = None;
    }
}

fn outgoing_from() -> Option<u16> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    range.split_whitespace().next()?.parse().ok()
}

/// Random, so that two copies starting at once seldom reach for the same port.
fn random_between(start: u16, end: u16) -> u16 {
    let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
    let within = random % u64::from(end.saturating_sub(start).max(1));
    u16::try_from(within).map_or(start, |within| start.saturating_add(within))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_held_port_is_passed_over() {
        let first = HeldPort::any().unwrap();
        assert!(first.number() >= LOWEST);
        assert!(HeldPort::exactly(first.number()).is_none());
        let next = HeldPort::from(first.number()).unwrap();
        assert!(next.number() > first.number());
    }

    #[test]
    fn a_released_port_is_free() {
        let mut port = HeldPort::any().unwrap();
        port.release();
        assert!(HeldPort::exactly(port.number()).is_some());
    }
}
