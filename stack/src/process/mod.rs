//! Child processes that do not outlive the one that started them.

mod leftovers;
mod spawner;

use std::fs::{File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

pub(crate) use leftovers::end_leftovers;
pub use leftovers::runs;
pub use rustix::process::Signal;

use crate::error::{Attempt, Error, Result};
use crate::layout::Account;

/// A log longer than this is set aside as `….log.1` at the next start.
const LOG_LIMIT_BYTES: u64 = 20 * 1024 * 1024;

/// How often something that is waited for is looked at.
pub(crate) const GLANCE: Duration = Duration::from_millis(20);

/// A program about to be started.
#[derive(Debug)]
pub struct Launch {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    account: Option<Account>,
    at_parents_death: Signal,
    log: PathBuf,
}

impl Launch {
    /// A program by its path, called `name` in messages, writing what it says
    /// to the end of the file `log`.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>, log: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            account: None,
            at_parents_death: Signal::TERM,
            log: log.into(),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn arguments<I: IntoIterator<Item: Into<String>>>(mut self, arguments: I) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets variables, beside the inherited ones. `THRESHOLD_…` variables are
    /// not inherited: a process gets exactly the settings it is given.
    #[must_use]
    pub fn environment<I: IntoIterator<Item = (String, String)>>(mut self, variables: I) -> Self {
        self.environment.extend(variables);
        self
    }

    /// Runs it under another account.
    #[must_use]
    pub fn account(mut self, account: Option<&Account>) -> Self {
        self.account = account.cloned();
        self
    }

    /// The signal it gets if this process dies without stopping it.
    #[must_use]
    pub fn at_parents_death(mut self, signal: Signal) -> Self {
        self.at_parents_death = signal;
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the program or its log cannot be opened.
    pub fn start(self) -> Result<Running> {
        let log = open_log(&self.log)?;
        let errors = log.try_clone().attempt(|| format!("open {}", self.log.display()))?;
        let (mut command, watched) = spawner::tied_to_parent(&self.program, self.at_parents_death);
        command
            .args(&self.arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // Ctrl-C at the terminal is for the launcher, which then stops its
            // children in the right order.
            .process_group(0);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"THRESHOLD_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment);
        if let Some(account) = &self.account {
            account.lower(&mut command);
        }
        let child = spawner::spawn(command).attempt(|| format!("start {} ({})", self.name, self.program.display()))?;
        if !watched {
            spawner::watch(child.id(), self.at_parents_death);
        }
        Ok(Running { name: self.name, log: self.log, child })
    }
}

/// A program that was started. Killed when dropped.
#[derive(Debug)]
pub struct Running {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Running {
    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, or `None` while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal; does nothing if the process has ended.
    pub fn signal(&mut self, signal: Signal) {
        if self.ended().is_none() {
            send(self.child.id(), signal);
        }
    }

    /// Waits for it to end of itself; `None` if it runs still after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Sends `signal`, waits up to `limit` and then kills it.
    pub fn stop(&mut self, signal: Signal, limit: Duration) {
        self.signal(signal);
        if self.wait(limit).is_none() {
            self.kill();
        }
    }

    /// Kills it with signal 9 and waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// A failure that says what the process did and how its log ends.
    #[must_use]
    pub fn failure(&self, what: &str) -> Error {
        Error::new(format!(
            "{} {what}; the end of its log ({}):\n{}",
            self.name,
            self.log.display(),
            log_end(&self.log, 15)
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill();
        }
    }
}

/// Sends a signal to a process by its id; does nothing if there is none.
pub fn send(pid: u32, signal: Signal) {
    if let Some(pid) = id(pid) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Sends a signal to a group of processes by its leader's id.
pub fn send_to_group(leader: u32, signal: Signal) {
    if let Some(leader) = id(leader) {
        let _ = rustix::process::kill_process_group(leader, signal);
    }
}

fn id(pid: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(pid).ok()?)
}

/// The last lines of a log.
pub(crate) fn log_end(log: &Path, lines: usize) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut last: Vec<&str> = text.lines().rev().take(lines).collect();
    last.reverse();
    last.iter().map(|line| format!("    {line}\n")).collect()
}

fn open_log(path: &Path) -> Result<File> {
    let long = std::fs::metadata(path).is_ok_and(|found| found.len() > LOG_LIMIT_BYTES);
    if long {
        let _ = std::fs::rename(path, path.with_extension("log.1"));
    }
    OpenOptions::new().create(true).append(true).open(path).attempt(|| format!("open the log {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_process_is_stopped_and_its_log_kept() {
        let log = std::env::temp_dir().join(format!("stack-log-{}.log", std::process::id()));
        let mut running = Launch::new("shell", "/bin/sh", &log)
            .arguments(["-c", "echo \"$GREETING\"; exec sleep 60"])
            .environment([("GREETING".to_owned(), "hello".to_owned())])
            .start()
            .unwrap();
        while log_end(&log, 1).is_empty() {
            std::thread::sleep(GLANCE);
        }
        assert_eq!(running.ended(), None);
        running.stop(Signal::TERM, Duration::from_secs(5));
        assert!(running.ended().is_some());
        assert!(running.failure("ended").to_string().contains("hello"));
        std::fs::remove_file(&log).unwrap();
    }

    #[test]
    fn a_child_outlives_the_thread_that_asked_for_it() {
        let log = std::env::temp_dir().join(format!("stack-thread-{}.log", std::process::id()));
        let path = log.clone();
        let mut running =
            std::thread::spawn(move || Launch::new("sleep", "/bin/sleep", path).arguments(["60"]).start().unwrap())
                .join()
                .unwrap();
        assert_eq!(running.wait(Duration::from_millis(300)), None);
        std::fs::remove_file(&log).unwrap();
    }
}
