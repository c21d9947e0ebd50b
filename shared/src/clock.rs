//! The business clock: the time by which deadlines run and dated grants end.
//!
//! In service it is the machine's. In tests and demonstrations one file, shared by all
//! processes, says by how many seconds it is ahead. Tokens, limits, ids and audit
//! always use the machine's clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How soon a moved clock is noticed.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The business clock. Clones tell the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that follows `file` (whole seconds ahead of the machine) as long as the process
    /// runs, or the machine's clock if there is none. A file that is missing or unreadable
    /// counts as 0.
    pub fn following(file: Option<PathBuf>) -> Self {
        let clock = Self::default();
        if let Some(file) = file {
            let read = move || {
                std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0)
            };
            clock.ahead.store(read(), Ordering::Relaxed);
            let ahead = clock.ahead.clone();
            std::thread::spawn(move || {
                loop {
                    std::thread::sleep(LOOK_EVERY);
                    ahead.store(read(), Ordering::Relaxed);
                }
            });
        }
        clock
    }

    /// The business time, to the microsecond that PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = Utc::now() + TimeDelta::seconds(self.ahead.load(Ordering::Relaxed));
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }

    /// Moves this clock and its clones, for tests within one process.
    pub fn set_ahead(&self, by: TimeDelta) {
        self.ahead.store(by.num_seconds(), Ordering::Relaxed);
    }
}
