//! `logs`: the logs of every part, or of one, followed until Ctrl-C.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use stack::{Error, Layout, Process, Result};

use super::up::is_up;

pub fn run(which: Option<&str>) -> Result<ExitCode> {
    let layout = Layout::find()?;
    let names: Vec<String> = match which {
        Some("postgres" | "redis") | None => which.map(str::to_owned).into_iter().collect(),
        Some(name) => vec![name.parse::<Process>()?.binary().to_owned()],
    };
    let names = if names.is_empty() {
        let all = ["postgres", "redis"].into_iter();
        all.chain(Process::ALL.map(Process::binary)).map(str::to_owned).collect()
    } else {
        names
    };
    let files: Vec<_> =
        names.iter().map(|name| layout.logs().join(format!("{name}.log"))).filter(|file| file.exists()).collect();
    if files.is_empty() {
        return Err(Error::new("there are no logs yet: run ./threshold up"));
    }
    let mut tail = Command::new("tail");
    tail.args(["-n", "100"]);
    if is_up(&layout) {
        tail.arg("-F");
    }
    let error = tail.args(files).exec();
    Err(Error::new(format!("could not run tail: {error}")))
}
