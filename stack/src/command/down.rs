//! `down`: stops what `up` runs in another terminal.

use std::time::{Duration, Instant};

use stack::process::{Signal, send};
use stack::{Error, Layout, Result};

use super::speak::say;
use super::state;

/// Requests in flight, then the databases' last write.
const LIMIT: Duration = Duration::from_secs(60);

pub fn run() -> Result<()> {
    let layout = Layout::find()?;
    let Some(pid) = state::running(&layout) else {
        say("it is not up");
        return Ok(());
    };
    say(&format!("stopping process {pid}; requests in flight are finished first"));
    send(pid, Signal::TERM);
    let until = Instant::now() + LIMIT;
    while state::running(&layout).is_some() {
        if Instant::now() >= until {
            return Err(Error::new(format!("process {pid} does not stop; kill -9 {pid}")));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    say("stopped");
    Ok(())
}
