//! Who spent how much processor time, from `/proc`.

use std::fs;

use stack::{Process, System};

use crate::figures::{Spent, float};
use crate::record::ROLE;

/// Microseconds of one tick of `/proc/…/stat`: its hundredths of a second are part of the
/// kernel's interface.
const TICK: u64 = 10_000;

/// Processor time so far, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clocks {
    gateway: u64,
    service: u64,
    database: u64,
    /// Of the database, what is not done for a request while it waits: relay, sequencer, the
    /// database's own housekeeping.
    behind: u64,
    load: u64,
}

struct Stat {
    id: u32,
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
        let sessions: Vec<Stat> = everyone().filter(|stat| Some(stat.parent) == server).collect();
        let spent = |sessions: &mut dyn Iterator<Item = &Stat>| sessions.map(|stat| stat.own).sum::<u64>();
        let myself = of(Some(std::process::id()));
        Self {
            gateway: own(system.pid(Process::Gateway)),
            service: own(system.pid(Process::Referral)),
            database: spent(&mut sessions.iter()) + of(server).map_or(0, |stat| stat.own + stat.ended),
            behind: spent(&mut sessions.iter().filter(|stat| !serves(stat.id))),
            load: myself.map_or(0, |stat| stat.own + stat.ended),
        }
    }

    /// What was spent since `before`, for each of so many requests.
    pub fn since(self, before: Self, requests: f64) -> Spent {
        let each = |now: u64, then: u64| float(now.saturating_sub(then)) / requests.max(1.0);
        Spent(vec![
            ("gateway", each(self.gateway, before.gateway)),
            ("service", each(self.service, before.service)),
            ("PostgreSQL", each(self.database - self.behind, before.database - before.behind)),
            ("PostgreSQL behind", each(self.behind, before.behind)),
            ("load", each(self.load, before.load)),
        ])
    }
}

fn everyone() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
}

/// Whether a session of the database is one of those that requests are served from. One that is
/// just ending has no title any more; those of the background don't end.
fn serves(pid: u32) -> bool {
    let title = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    title.is_empty() || title.contains(ROLE)
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold spaces; what follows its bracket does not.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        id: pid,
        parent: u32::try_from(number(1)?).ok()?,
        own: (number(11)? + number(12)?) * TICK,
        ended: (number(13)? + number(14)?) * TICK,
    })
}
