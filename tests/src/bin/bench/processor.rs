//! Who spent how much processor time, from `/proc`.

use std::fs;

use stack::{Process, System};

use crate::figures::{Spent, float};

/// Microseconds of one tick of `/proc/…/stat`: its hundredths of a second are part of the
/// kernel's interface.
const TICK: u64 = 10_000;

/// Processor time so far, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clocks {
    gateway: u64,
    service: u64,
    database: u64,
    load: u64,
}

struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended and were waited for.
    ended: u64,
}

impl Clocks {
    /// As they stand now.
    pub fn read(system: &System) -> Self {
        let of = |pid: Option<u32>| pid.and_then(stat);
        let own = |pid| of(pid).map_or(0, |stat| stat.own);
        let server = system.cluster().and_then(stack::Cluster::pid);
        let sessions: u64 = everyone().filter(|stat| Some(stat.parent) == server).map(|stat| stat.own).sum();
        let myself = of(Some(std::process::id()));
        Self {
            gateway: own(system.pid(Process::Gateway)),
            service: own(system.pid(Process::Referral)),
            database: sessions + of(server).map_or(0, |stat| stat.own + stat.ended),
            load: myself.map_or(0, |stat| stat.own + stat.ended),
        }
    }

    /// What was spent since `before`, for each of so many requests.
    pub fn since(self, before: Self, requests: f64) -> Spent {
        let each = |now: u64, then: u64| float(now.saturating_sub(then)) / requests.max(1.0);
        Spent(vec![
            ("gateway", each(self.gateway, before.gateway)),
            ("service", each(self.service, before.service)),
            ("PostgreSQL", each(self.database, before.database)),
            ("load", each(self.load, before.load)),
        ])
    }
}

fn everyone() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold spaces; what follows its bracket does not.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: (number(11)? + number(12)?) * TICK,
        ended: (number(13)? + number(14)?) * TICK,
    })
}
