//! What this process may still let through in the present minute without asking Redis.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use super::Key;

/// More callers than this in one minute are no longer remembered one by one: memory stays
/// bounded, and who comes after is asked of Redis each time.
const MOST: usize = 200_000;

/// Whether a request may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether there was room.
    pub allowed: bool,
    /// The size of the window.
    pub limit: u64,
    /// How much room there is left, as far as this process knows.
    pub remaining: u64,
    /// Seconds until the window ends.
    pub reset: u64,
}

#[derive(Default)]
struct Lease {
    /// May still be let through without asking.
    left: u64,
    /// Was leased in all: the count that holds while Redis is away.
    taken: u64,
    /// What others may still lease.
    beyond: u64,
    /// Nothing is left in this window.
    spent: bool,
}

#[derive(Default)]
struct Present {
    window: u64,
    leases: HashMap<Key, Lease>,
    failures: HashMap<String, u64>,
}

/// The leases of the present window.
#[derive(Default)]
pub struct Leases(Mutex<Present>);

impl Leases {
    fn present(&self, window: u64) -> MutexGuard<'_, Present> {
        let mut present = match self.0.lock() {
            Ok(present) => present,
            Err(poisoned) => poisoned.into_inner(),
        };
        if present.window != window {
            *present = Present { window, ..Present::default() };
        }
        present
    }

    /// Lets a request through on what was leased, or refuses it for want of anything to lease;
    /// none if that has to be asked.
    pub fn take(&self, key: &Key, window: u64, limit: u64, reset: u64) -> Option<Decision> {
        let mut present = self.present(window);
        let lease = present.leases.get_mut(key)?;
        if lease.left > 0 {
            lease.left -= 1;
            return Some(Decision { allowed: true, limit, remaining: lease.beyond + lease.left, reset });
        }
        lease.spent.then_some(Decision { allowed: false, limit, remaining: 0, reset })
    }

    /// Takes in a lease of `chunk`, after which `total` were taken by everyone, and lets one
    /// request through on it. Without a total this process counts for itself.
    pub fn grant(&self, key: Key, window: u64, limit: u64, chunk: u64, total: Option<u64>, reset: u64) -> Decision {
        let mut present = self.present(window);
        if present.leases.len() >= MOST && !present.leases.contains_key(&key) {
            let total = total.unwrap_or(chunk);
            let allowed = total.saturating_sub(chunk) < limit;
            return Decision { allowed, limit, remaining: limit.saturating_sub(total), reset };
        }
        let lease = present.leases.entry(key).or_default();
        let total = total.unwrap_or(lease.taken + chunk);
        let granted = limit.saturating_sub(total.saturating_sub(chunk)).min(chunk);
        lease.taken += granted;
        lease.beyond = limit.saturating_sub(total);
        lease.left += granted;
        if lease.left == 0 {
            lease.spent = true;
            return Decision { allowed: false, limit, remaining: 0, reset };
        }
        lease.left -= 1;
        Decision { allowed: true, limit, remaining: lease.beyond + lease.left, reset }
    }

    /// Notes a failed attempt.
    pub fn fail(&self, source: &str, window: u64) {
        let mut present = self.present(window);
        if present.failures.len() < MOST {
            *present.failures.entry(source.to_owned()).or_default() += 1;
        }
    }

    /// The failed attempts that this process saw.
    pub fn failures(&self, source: &str, window: u64) -> u64 {
        self.present(window).failures.get(source).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> Key {
        Key::Address("a".to_owned())
    }

    /// One process among others that share `count`.
    fn ask(leases: &Leases, count: Option<&mut u64>, limit: u64, chunk: u64) -> bool {
        if let Some(decision) = leases.take(&key(), 1, limit, 30) {
            return decision.allowed;
        }
        let total = count.map(|count| {
            *count += chunk;
            *count
        });
        leases.grant(key(), 1, limit, chunk, total, 30).allowed
    }

    proptest! {
        #[test]
        fn together_they_let_through_no_more_than_the_limit(
            limit in 1u64..300, chunk in 1u64..20, asks in prop::collection::vec(0usize..3, 0..900),
        ) {
            let processes = [Leases::default(), Leases::default(), Leases::default()];
            let mut count = 0;
            let passed = asks
                .iter()
                .filter_map(|which| processes.get(*which))
                .filter(|process| ask(process, Some(&mut count), limit, chunk))
                .count();
            prop_assert!(u64::try_from(passed).unwrap_or(u64::MAX) <= limit);
        }

        #[test]
        fn alone_exactly_the_limit_passes(limit in 1u64..300, chunk in 1u64..20) {
            let (with, without) = (Leases::default(), Leases::default());
            let mut count = 0;
            let passed = (0..400).filter(|_| ask(&with, Some(&mut count), limit, chunk)).count();
            prop_assert_eq!(u64::try_from(passed).unwrap_or(u64::MAX), limit);
            let passed = (0..400).filter(|_| ask(&without, None, limit, chunk)).count();
            prop_assert_eq!(u64::try_from(passed).unwrap_or(u64::MAX), limit);
        }
    }

    #[test]
    fn a_new_window_begins_afresh() {
        let leases = Leases::default();
        assert!(leases.grant(key(), 1, 1, 1, Some(1), 30).allowed);
        assert!(!leases.grant(key(), 1, 1, 1, Some(2), 30).allowed);
        assert!(leases.grant(key(), 2, 1, 1, Some(1), 60).allowed);
    }
}
