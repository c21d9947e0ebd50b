//! `clock`: shows or moves the business clock, which deadlines follow.

use super::speak::say;
use stack::system::clock::{advance, ahead, duration, set};
use stack::{Layout, Result};

pub fn run(change: Option<&str>) -> Result<()> {
    let file = Layout::find()?.private().join("clock");
    match change {
        None => {}
        Some("reset") => set(&file, 0)?,
        Some(change) => {
            advance(&file, duration(change)?)?;
        }
    }
    let ahead = ahead(&file)?;
    let now = chrono::Utc::now() + chrono::TimeDelta::seconds(ahead);
    say(&format!("the business clock says {}, {ahead} seconds ahead", now.format("%A %-d %B %Y %H:%M UTC")));
    Ok(())
}
