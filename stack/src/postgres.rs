//! A PostgreSQL cluster of this checkout's own.
//!
//! It listens on a Unix socket only and asks for no password: the socket's
//! folder, which only one account may enter, is what guards it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Progress;
use crate::error::{Attempt, Error, Result};
use crate::install::Programs;
use crate::layout::{Account, Layout, Scratch, give_to, make_folder};
use crate::process::{self, GLANCE, Launch, Running, Signal};

/// How long a cluster may take to recover after a crash and answer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long a clean shutdown, with its checkpoint, may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// How long a server whose launcher was killed may take to shut down by itself.
const LEFTOVER_LIMIT: Duration = Duration::from_secs(3);

/// What becomes of a cluster's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// On the disk, flushed at each commit, and there again at the next start.
    /// One for each checkout.
    Forever,
    /// On the disk, flushed at each commit, and removed when dropped: for tests
    /// that kill things and for measurements.
    Durable,
    /// In memory where the machine has room, never flushed, and removed when
    /// dropped: for every other test.
    Ephemeral,
}

/// How to end a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Ends the sessions, writes everything out, leaves nothing to recover.
    Fast,
    /// Ends at once; the next start recovers. What a power cut looks like.
    Immediate,
}

/// A private cluster. Stopped when dropped.
#[derive(Debug)]
pub struct Cluster {
    // First, so that it ends before its folders go.
    running: Mutex<Option<Running>>,
    programs: Programs,
    keep: Keep,
    own_settings: Vec<String>,
    data: PathBuf,
    sockets: PathBuf,
    log: PathBuf,
    account: Option<Account>,
    _scratch: Vec<Scratch>,
    _held: Option<File>,
}

impl Cluster {
    /// Makes the cluster if it is new, and starts it, with settings of its own beside the usual ones.
    ///
    /// # Errors
    /// When another process runs the checkout's lasting cluster, when its data
    /// is of another version, or when PostgreSQL does not start.
    pub fn start(
        layout: &Layout,
        programs: &Programs,
        keep: Keep,
        own_settings: &[String],
        progress: Progress,
    ) -> Result<Self> {
        let account = layout.account().cloned();
        let cluster = match keep {
            Keep::Forever => {
                make_folder(&layout.logs(), 0o700)?;
                let held = hold(&layout.private().join("postgres.lock"))?;
                Self {
                    running: Mutex::new(None),
                    programs: programs.clone(),
                    keep,
                    own_settings: own_settings.to_vec(),
                    data: layout.cluster(),
                    sockets: layout.sockets("postgres")?,
                    log: layout.logs().join("postgres.log"),
                    account,
                    _scratch: Vec::new(),
                    _held: Some(held),
                }
            }
            Keep::Durable | Keep::Ephemeral => {
                let folder =
                    if keep == Keep::Durable { layout.scratch_on_disk()? } else { layout.scratch_in_memory()? };
                let sockets = layout.scratch_for_sockets()?;
                Self {
                    running: Mutex::new(None),
                    programs: programs.clone(),
                    keep,
                    own_settings: own_settings.to_vec(),
                    data: folder.path().join("postgres"),
                    sockets: sockets.path().to_path_buf(),
                    log: folder.path().join("postgres.log"),
                    account,
                    _scratch: vec![folder, sockets],
                    _held: None,
                }
            }
        };
        cluster.make_if_new(progress)?;
        cluster.resume()?;
        Ok(cluster)
    }

    /// Starts a cluster that was stopped or killed, recovering it if need be,
    /// and waits until it answers. Does nothing if it runs.
    ///
    /// # Errors
    /// When PostgreSQL does not start.
    pub fn resume(&self) -> Result<()> {
        let mut running = self.lock();
        if running.as_mut().is_some_and(|one| one.ended().is_none()) {
            return Ok(());
        }
        let until = Instant::now() + START_LIMIT;
        loop {
            self.clear_stale_pid_file();
            let mut started = self.launch()?;
            match self.await_ready(&mut started, until) {
                Ok(()) => {
                    *running = Some(started);
                    return Ok(());
                }
                // A session of the killed one may hold its shared memory for a
                // moment; PostgreSQL then refuses to start, rightly.
                Err(_) if Instant::now() < until && self.shared_memory_held() => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Stops it and waits for its end.
    pub fn stop(&self, how: Shutdown) {
        if let Some(mut running) = self.lock().take() {
            let signal = match how {
                Shutdown::Fast => Signal::INT,
                Shutdown::Immediate => Signal::QUIT,
            };
            running.stop(signal, STOP_LIMIT);
        }
    }

    /// Kills the server process with signal 9. Its sessions notice and end.
    pub fn kill(&self) {
        if let Some(mut running) = self.lock().take() {
            running.kill();
        }
    }

    /// Whether the server process runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.lock().as_mut().is_some_and(|one| one.ended().is_none())
    }

    /// The server's process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.lock().as_ref().map(Running::pid)
    }

    /// The address of a database for a role, over the socket.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@/{database}?host={}", self.sockets.display())
    }

    /// The superuser's address of the database `postgres`.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.url("postgres", "postgres")
    }

    /// The folder of its socket, as `-h` of `psql` and `pgbench` takes it.
    #[must_use]
    pub fn socket_folder(&self) -> &Path {
        &self.sockets
    }

    /// The programs it was started with; `pgbench` is among them, mostly.
    #[must_use]
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The server's log.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_if_new(&self, progress: Progress) -> Result<()> {
        if let Ok(found) = fs::read_to_string(self.data.join("PG_VERSION")) {
            let (made, ours) = (found.trim(), self.programs.major().to_string());
            if made == ours {
                return Ok(());
            }
            return Err(Error::new(format!(
                "{} was made by PostgreSQL {made} and this is {ours}: install {made}, or run \
                 ./threshold reset to begin anew",
                self.data.display()
            )));
        }
        if self.keep == Keep::Forever {
            progress("making a database cluster");
        }
        // Made under another name first: a half-made cluster is never used.
        let new = self.data.with_extension("new");
        let _ = fs::remove_dir_all(&new);
        make_folder(&new, 0o700)?;
        give_to(&new, self.account.as_ref())?;
        self.initialise(&new, "C.UTF-8").or_else(|_| self.initialise(&new, "C"))?;
        fs::rename(&new, &self.data).attempt(|| format!("make {}", self.data.display()))
    }

    fn initialise(&self, folder: &Path, locale: &str) -> Result<()> {
        let program = self.programs.program("initdb").ok_or_else(|| Error::new("initdb is missing beside postgres"))?;
        let mut command = Command::new(program);
        command
            .arg("--pgdata")
            .arg(folder)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .arg(format!("--locale={locale}"))
            .envs(self.programs.environment())
            .env_remove("PGDATA")
            .current_dir("/");
        if self.keep != Keep::Forever {
            command.arg("--no-sync");
        }
        if let Some(account) = &self.account {
            account.lower(&mut command);
        }
        let output = command.output().attempt(|| "run initdb".to_owned())?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(Error::new(format!("initdb failed: {}", words.trim())))
    }

    fn launch(&self) -> Result<Running> {
        let mut arguments = vec!["-D".to_owned(), self.data.display().to_string()];
        let sockets = format!("unix_socket_directories={}", self.sockets.display());
        let settings = self.settings().map(|setting| (*setting).to_owned());
        for setting in settings.chain([sockets]).chain(self.own_settings.iter().cloned()) {
            arguments.extend(["-c".to_owned(), setting]);
        }
        Launch::new("PostgreSQL", self.programs.server(), &self.log)
            .arguments(arguments)
            .environment(self.programs.environment())
            .account(self.account.as_ref())
            .at_parents_death(match self.keep {
                Keep::Forever => Signal::INT,
                Keep::Durable | Keep::Ephemeral => Signal::QUIT,
            })
            .start()
    }

    /// Settings are given at each start, so that a cluster made by an older
    /// version of the launcher gets today's.
    fn settings(&self) -> impl Iterator<Item = &'static &'static str> {
        const ALL: &[&str] = &[
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=300",
            "max_locks_per_transaction=256",
            "shared_buffers=256MB",
            "max_wal_size=2GB",
            // Compiling a query costs more than any of ours takes.
            "jit=off",
            "log_min_messages=warning",
            "log_line_prefix=%m [%p] %q%u@%d ",
        ];
        const UNFLUSHED: &[&str] =
            &["fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"];
        const UTC: &[&str] = &["timezone=UTC", "log_timezone=UTC"];
        // Without the time zone files PostgreSQL knows this one name.
        const GMT: &[&str] = &["timezone=GMT", "log_timezone=GMT"];

        let zone = if Path::new("/usr/share/zoneinfo/UTC").exists() { UTC } else { GMT };
        let flushing = if self.keep == Keep::Ephemeral { UNFLUSHED } else { &[] };
        ALL.iter().chain(zone).chain(flushing)
    }

    /// The server writes how far it has come into the eighth line of its pid
    /// file; `pg_ctl` waits by the same means.
    fn await_ready(&self, running: &mut Running, until: Instant) -> Result<()> {
        loop {
            let state = fs::read_to_string(self.pid_file()).unwrap_or_default();
            let mut lines = state.lines();
            let is_ours = lines.next() == Some(running.pid().to_string().as_str());
            if is_ours && lines.nth(6).is_some_and(|word| word.trim() == "ready") {
                return Ok(());
            }
            if running.ended().is_some() {
                return Err(running.failure("ended while starting"));
            }
            if Instant::now() >= until {
                return Err(running.failure("did not get ready"));
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn shared_memory_held(&self) -> bool {
        process::log_end(&self.log, 5).contains("shared memory block")
    }

    /// After a power cut the pid file may name a process that is now another
    /// program, and PostgreSQL would not start. Nothing else can be serving the
    /// folder, which is locked or this run's own; sessions of a killed server
    /// are ended first.
    fn clear_stale_pid_file(&self) {
        process::end_leftovers(&self.data, LEFTOVER_LIMIT);
        let pid: Option<u32> =
            fs::read_to_string(self.pid_file()).ok().and_then(|text| text.lines().next()?.trim().parse().ok());
        if pid.is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = fs::remove_file(self.pid_file());
        }
    }

    fn pid_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop(if self.keep == Keep::Forever { Shutdown::Fast } else { Shutdown::Immediate });
    }
}

/// Keeps two launchers from one data folder.
fn hold(path: &Path) -> Result<File> {
    let file = File::create(path).attempt(|| format!("make {}", path.display()))?;
    file.try_lock().map_err(|_| Error::new("the databases of this checkout are in use: ./threshold is up"))?;
    Ok(file)
}
