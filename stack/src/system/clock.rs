//! The business clock of a system in test and demonstration mode: a file that
//! says how many seconds it is ahead of the machine's.

use std::path::Path;
use std::time::Duration;

use crate::error::{Attempt, Error, Result};
use crate::keys::write_private;

/// How many seconds ahead the clock is; an absent file means none.
///
/// # Errors
/// When the file holds no whole number.
pub fn ahead(file: &Path) -> Result<i64> {
    match std::fs::read_to_string(file) {
        Ok(text) => text.trim().parse().map_err(|_| Error::new(format!("{} holds no whole number", file.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).attempt(|| format!("read {}", file.display())),
    }
}

/// Moves the clock on, and answers how many seconds it is then ahead.
///
/// # Errors
/// When the file cannot be read or written.
pub fn advance(file: &Path, by: Duration) -> Result<i64> {
    let by = i64::try_from(by.as_secs()).map_err(|_| Error::new("that is too far"))?;
    let ahead = ahead(file)?.checked_add(by).ok_or_else(|| Error::new("that is too far"))?;
    set(file, ahead)?;
    Ok(ahead)
}

/// Sets how many seconds ahead the clock is.
///
/// # Errors
/// When the file cannot be written.
pub fn set(file: &Path, ahead: i64) -> Result<()> {
    write_private(file, format!("{ahead}\n").as_bytes())
}

/// The time in `3d`, `36h`, `90m`, `20s`, with or without a plus before it.
///
/// # Errors
/// When it is none of these.
pub fn duration(text: &str) -> Result<Duration> {
    let bad = || Error::new(format!("{text} is no time span; write +3d, +36h, +90m or +20s"));
    let plain = text.strip_prefix('+').unwrap_or(text);
    let unit = plain.chars().last().ok_or_else(bad)?;
    let number: u64 = plain.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(bad)?;
    let seconds = match unit {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return Err(bad()),
    };
    number
        .checked_mul(seconds)
        .filter(|seconds| *seconds <= 100 * 366 * 86_400)
        .map(Duration::from_secs)
        .ok_or_else(|| Error::new("the clock moves by a hundred years at most"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_time_spans() {
        assert_eq!(duration("+3d").unwrap().as_secs(), 259_200);
        assert_eq!(duration("90m").unwrap().as_secs(), 5_400);
        for wrong in ["", "+", "d", "3", "3w", "-3d", "3é", "99999999999999999999d"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moves_add_up() {
        let file = std::env::temp_dir().join(format!("stack-clock-{}", std::process::id()));
        assert_eq!(ahead(&file).unwrap(), 0);
        advance(&file, Duration::from_secs(60)).unwrap();
        assert_eq!(advance(&file, Duration::from_secs(5)).unwrap(), 65);
        set(&file, 0).unwrap();
        assert_eq!(ahead(&file).unwrap(), 0);
        std::fs::remove_file(&file).unwrap();
    }
}
