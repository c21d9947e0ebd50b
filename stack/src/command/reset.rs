//! `reset`: the next `up` begins with nothing. Fetched programs and the chosen
//! ports stay.

use std::fs;
use std::path::Path;

use stack::{Error, Layout, Result};

use super::speak::say;
use super::up::is_up;

pub fn run() -> Result<()> {
    let layout = Layout::find()?;
    if is_up(&layout) {
        return Err(Error::new("it is up: run ./threshold down first"));
    }
    let private = layout.private();
    for folder in [
        layout.cluster(),
        layout.data().join("runs"),
        layout.keys(),
        layout.logs(),
        private.join("failed"),
        layout.socket_root(),
    ] {
        remove(&folder, fs::remove_dir_all(&folder))?;
    }
    for name in ["clock", "state.json", "bootstrap.lock", "postgres.lock"] {
        let file = private.join(name);
        remove(&file, fs::remove_file(&file))?;
    }
    // Outside the checkout, when that is where PostgreSQL could reach it.
    if layout.data() != private {
        let _ = fs::remove_dir(layout.data());
    }
    say("databases, keys, logs and clock are gone; ./threshold up begins anew");
    Ok(())
}

fn remove(path: &Path, outcome: std::io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::new(format!("could not remove {}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}
