//! Numbers on the command line.

use stack::{Error, Result};

/// Reads `--name N` pairs into their places, each from 1 to the most it may be.
///
/// # Errors
/// Naming what is wrong.
pub fn numbers(arguments: &[String], places: &mut [(&str, u64, &mut u64)]) -> Result<()> {
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(Error::new(crate::USAGE)) };
        let place = places.iter_mut().find(|(known, ..)| known == name);
        let (_, most, place) = place.ok_or_else(|| Error::new(crate::USAGE))?;
        **place = value
            .parse::<u64>()
            .ok()
            .filter(|value| (1..=*most).contains(value))
            .ok_or_else(|| Error::new(format!("{name} takes a number from 1 to {most}")))?;
    }
    Ok(())
}
