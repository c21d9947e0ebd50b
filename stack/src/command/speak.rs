//! Saying something on the terminal. It may be gone, as after `up | head`, and
//! that must not end what runs.

use std::io::Write;

/// A line of an answer.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A line about what is being done.
pub fn say(what: &str) {
    line(&format!("threshold: {what}"));
}
