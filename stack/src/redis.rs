//! A Redis (or Valkey) of this checkout's own, which stores nothing on disk:
//! whatever is in it can be rebuilt from PostgreSQL.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Attempt, Error, Result};
use crate::install::Programs;
use crate::layout::{Account, Layout, Scratch, make_folder};
use crate::process::{self, GLANCE, Launch, Running, Signal};

const START_LIMIT: Duration = Duration::from_secs(10);
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// A private instance. Stopped when dropped.
#[derive(Debug)]
pub struct Redis {
    // First, so that it ends before its folder goes.
    running: Mutex<Option<Running>>,
    programs: Programs,
    folder: PathBuf,
    log: PathBuf,
    account: Option<Account>,
    _scratch: Option<Scratch>,
}

impl Redis {
    /// Starts the checkout's own instance, logging beside the other processes.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(layout: &Layout, programs: &Programs) -> Result<Self> {
        make_folder(&layout.logs(), 0o700)?;
        let log = layout.logs().join("redis.log");
        Self::start_in(layout, programs, layout.sockets("redis")?, log, None)
    }

    /// Starts another one, for a test.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_temporary(layout: &Layout, programs: &Programs) -> Result<Self> {
        let scratch = layout.scratch_for_sockets()?;
        let folder = scratch.path().to_path_buf();
        let log = folder.join("redis.log");
        Self::start_in(layout, programs, folder, log, Some(scratch))
    }

    fn start_in(
        layout: &Layout,
        programs: &Programs,
        folder: PathBuf,
        log: PathBuf,
        scratch: Option<Scratch>,
    ) -> Result<Self> {
        let redis = Self {
            running: Mutex::new(None),
            programs: programs.clone(),
            folder,
            log,
            account: layout.account().cloned(),
            _scratch: scratch,
        };
        redis.resume()?;
        Ok(redis)
    }

    /// Starts an instance that was stopped or killed, empty, and waits until it
    /// answers. Does nothing if it runs.
    ///
    /// # Errors
    /// When it does not start.
    pub fn resume(&self) -> Result<()> {
        let mut running = self.lock();
        if running.as_mut().is_some_and(|one| one.ended().is_none()) {
            return Ok(());
        }
        // One whose launcher was killed takes its socket away when it ends, and
        // would take this one's.
        process::end_leftovers(&self.folder, STOP_LIMIT);
        let socket = self.socket().display().to_string();
        let folder = self.folder.display().to_string();
        let mut started = Launch::new("Redis", self.programs.server(), &self.log)
            .arguments(["--port", "0", "--unixsocketperm", "700"])
            .arguments(["--unixsocket", &socket, "--dir", &folder])
            .arguments(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .environment(self.programs.environment())
            .account(self.account.as_ref())
            .start()?;
        let until = Instant::now() + START_LIMIT;
        while self.ask("PING").is_err() {
            if started.ended().is_some() {
                return Err(started.failure("ended while starting"));
            }
            if Instant::now() >= until {
                return Err(started.failure("did not answer"));
            }
            std::thread::sleep(GLANCE);
        }
        *running = Some(started);
        Ok(())
    }

    /// Stops it in good order.
    pub fn stop(&self) {
        if let Some(mut running) = self.lock().take() {
            running.stop(Signal::TERM, STOP_LIMIT);
        }
    }

    /// Kills it with signal 9.
    pub fn kill(&self) {
        if let Some(mut running) = self.lock().take() {
            running.kill();
        }
    }

    /// Empties it.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn flush(&self) -> Result<()> {
        self.ask("FLUSHALL").map(drop)
    }

    /// Whether the process runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.lock().as_mut().is_some_and(|one| one.ended().is_none())
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.lock().as_ref().map(Running::pid)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Its socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// Its log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Sends a command without arguments and reads the first line of the answer.
    fn ask(&self, command: &str) -> Result<String> {
        let answer = || -> std::io::Result<String> {
            let mut stream = UnixStream::connect(self.socket())?;
            stream.set_read_timeout(Some(STOP_LIMIT))?;
            stream.write_all(format!("{command}\r\n").as_bytes())?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line)?;
            Ok(line)
        };
        let line = answer().attempt(|| format!("send {command} to Redis"))?;
        if line.starts_with('+') {
            Ok(line)
        } else {
            Err(Error::new(format!("Redis answered {command} with {line:?}")))
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}
