//! Starting children so that they end when this process does, however it ends.
//!
//! Linux can send a child a signal when its parent dies, but by "parent" it
//! means the *thread* that started it. Threads of an async runtime come and
//! go, so every child is started by one thread that lasts as long as the
//! process.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

use rustix::process::Signal;

type Job = (Command, Sender<io::Result<Child>>);

/// Starts a command from the lasting thread.
pub(super) fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: OnceLock<Sender<Job>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (sender, jobs) = channel::<Job>();
        std::thread::spawn(move || {
            for (mut command, answer) in jobs {
                let _ = answer.send(command.spawn());
            }
        });
        sender
    });
    let gone = || io::Error::other("the thread that starts processes has ended");
    let (sender, answer) = channel();
    spawner.send((command, sender)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

/// A command for `program` that gets `signal` when this process dies, and
/// whether that is arranged: where `setpriv` cannot do it, the caller must
/// [`watch`] the child.
pub(super) fn tied_to_parent(program: &Path, signal: Signal) -> (Command, bool) {
    static CAN: OnceLock<bool> = OnceLock::new();
    let can = *CAN.get_or_init(|| {
        Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--", "true"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    });
    if !can {
        return (Command::new(program), false);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", name(signal), "--"]).arg(program);
    (command, true)
}

/// Starts a small shell loop that looks once a second whether this process
/// lives, and passes the signal on when it does not.
pub(super) fn watch(child: u32, signal: Signal) {
    let watcher = watcher(std::process::id(), child, signal).spawn();
    // Without a shell there is nothing to watch with; stopping in the ordinary
    // way still works.
    if let Ok(mut watcher) = watcher {
        std::thread::spawn(move || watcher.wait());
    }
}

fn watcher(parent: u32, child: u32, signal: Signal) -> Command {
    let script = "while kill -0 \"$1\"; do kill -0 \"$2\" || exit 0; sleep 1; done; \
                  kill -\"$3\" \"$2\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "watch"])
        .args([parent.to_string(), child.to_string(), name(signal).to_owned()])
        .current_dir("/")
        // A Ctrl-C that ends the parent must not end its watcher first.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The name that `setpriv` and `kill` know a signal by; they do not both know
/// numbers.
fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::INT => "INT",
        Signal::QUIT => "QUIT",
        Signal::KILL => "KILL",
        _ => "TERM",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Read;

    /// Another process plays the parent that dies, because a test cannot.
    #[test]
    fn a_watched_child_ends_with_its_parent() {
        let mut parent = Command::new("sleep").arg("0.3").spawn().unwrap();
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let mut watcher = watcher(parent.id(), child.id(), Signal::TERM).spawn().unwrap();
        parent.wait().unwrap();
        watcher.wait().unwrap();
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn a_tied_child_runs_its_program() {
        let (mut command, _) = tied_to_parent(Path::new("/bin/echo"), Signal::TERM);
        command.arg("tied").stdout(Stdio::piped());
        let mut child = spawn(command).unwrap();
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        assert_eq!(said, "tied\n");
    }
}
