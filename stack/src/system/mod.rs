//! All of Threshold, running: databases, Redis and the four processes.

pub mod clock;
mod database;
mod environment;
mod options;
mod process;
mod setup;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::AsyncWriteExt;

pub use database::{DatabaseNames, Role, execute};
pub use options::{Databases, RedisAt, SystemOptions, binaries};
pub use process::Process;
pub use setup::last_issuer;

use crate::error::{Attempt, Error, Result};
use crate::keys::Keys;
use crate::layout::Scratch;
use crate::postgres::{Cluster, Shutdown};
use crate::process::{GLANCE, Launch, Running, Signal};
use crate::redis::Redis;
use environment::{Environment, Purpose};
use setup::Setup;

/// How long a process may take to get ready: it waits for its database, the
/// gateway's keys and its own migrations' schema.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How long a process may take to finish the requests in flight.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// A running system. What it started ends when it is dropped, at once; to let
/// requests in flight finish, [`System::stop`] it.
#[derive(Debug)]
pub struct System {
    // In this order, so that nothing outlives what it leans on.
    running: Mutex<BTreeMap<Process, Running>>,
    redis: Option<Redis>,
    cluster: Option<Cluster>,
    environment: Environment,
    serve: Vec<Process>,
    databases: Databases,
    logs: PathBuf,
    failed: PathBuf,
    scratch: Option<Scratch>,
}

impl System {
    /// Starts everything, and answers once every process is ready.
    ///
    /// # Errors
    /// When a piece is missing or a process does not get ready; the message has
    /// the end of its log.
    pub async fn start(options: SystemOptions) -> Result<Self> {
        let progress = options.progress;
        let databases = options.databases.clone();
        let serve = options.serve.clone();
        let failed = options.layout.private().join("failed");
        let setup = blocking(move || Setup::make(&options)).await?;
        let system = Self {
            running: Mutex::new(BTreeMap::new()),
            redis: setup.redis,
            cluster: setup.cluster,
            environment: setup.environment,
            serve,
            databases,
            logs: setup.logs,
            failed,
            scratch: setup.scratch,
        };
        progress("bringing the databases to this release");
        system.bootstrap(&setup.bootstrap_lock).await?;
        for process in Process::ALL {
            system.finish(process, Purpose::Migrate, &["migrate"]).await?;
        }
        let mut ports = setup.held_ports;
        ports.iter_mut().for_each(crate::ports::HeldPort::release);
        progress("starting the processes");
        for process in system.serve.clone() {
            system.launch(process)?;
        }
        for process in system.serve.clone() {
            system.ready(process).await?;
        }
        Ok(system)
    }

    /// The gateway's public address, which is also the issuer of its tokens:
    /// `http://127.0.0.1:8080`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.environment.issuer()
    }

    /// The address a process itself listens at; the gateway's is its public one.
    #[must_use]
    pub fn address(&self, process: Process) -> String {
        self.environment.address(process)
    }

    /// The gateway's address for the other processes.
    #[must_use]
    pub fn gateway_internal(&self) -> String {
        self.environment.gateway_internal()
    }

    /// The databases' names and addresses.
    #[must_use]
    pub fn databases(&self) -> &DatabaseNames {
        self.environment.databases()
    }

    /// The address of Redis.
    #[must_use]
    pub fn redis_url(&self) -> &str {
        self.environment.redis()
    }

    /// The cluster, if this system has one of its own.
    #[must_use]
    pub fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }

    /// The Redis instance, if this system has one of its own.
    #[must_use]
    pub fn redis(&self) -> Option<&Redis> {
        self.redis.as_ref()
    }

    /// Its keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        self.environment.keys()
    }

    /// Moves the business clock of every process on, and answers how many
    /// seconds it is then ahead of the machine's.
    ///
    /// # Errors
    /// When the clock's file cannot be written.
    pub fn advance_clock(&self, by: Duration) -> Result<i64> {
        clock::advance(self.environment.clock(), by)
    }

    /// The business time of every process.
    ///
    /// # Errors
    /// When the clock's file cannot be read.
    pub fn business_time(&self) -> Result<DateTime<Utc>> {
        Ok(Utc::now() + TimeDelta::seconds(clock::ahead(self.environment.clock())?))
    }

    /// The log of a process.
    #[must_use]
    pub fn log(&self, process: Process) -> PathBuf {
        self.logs.join(format!("{}.log", process.binary()))
    }

    /// The id of a process, while it runs.
    #[must_use]
    pub fn pid(&self, process: Process) -> Option<u32> {
        self.lock().get(&process).map(Running::pid)
    }

    /// Kills a process with signal 9 and waits for its end.
    pub fn kill(&self, process: Process) {
        let taken = self.lock().remove(&process);
        if let Some(mut running) = taken {
            running.kill();
        }
    }

    /// Asks a process to stop, which it does once its requests are answered.
    ///
    /// # Errors
    /// Never at present.
    pub async fn end(&self, process: Process) -> Result<()> {
        let taken = self.lock().remove(&process);
        let Some(mut running) = taken else {
            return Ok(());
        };
        blocking(move || {
            running.stop(Signal::TERM, STOP_LIMIT);
            Ok(())
        })
        .await
    }

    /// Starts a process that was killed or ended, or one that runs once it is
    /// killed, and answers when it is ready.
    ///
    /// # Errors
    /// When it does not get ready.
    pub async fn restart(&self, process: Process) -> Result<()> {
        self.kill(process);
        self.launch(process)?;
        self.ready(process).await
    }

    /// The processes that ended of themselves since the last look, and how.
    pub fn ended(&self) -> Vec<(Process, ExitStatus)> {
        let mut running = self.lock();
        let ended: Vec<_> = running.iter_mut().filter_map(|(process, one)| Some((*process, one.ended()?))).collect();
        for (process, _) in &ended {
            running.remove(process);
        }
        ended
    }

    /// Runs one of a binary's other commands to its end, with the system's
    /// settings, and answers what it wrote to its output.
    ///
    /// # Errors
    /// When it fails; the message is the last it said.
    pub async fn run(&self, process: Process, arguments: &[&str], input: &str) -> Result<String> {
        let purpose = Purpose::Migrate;
        let variables = self.environment.variables(process, purpose)?;
        let program = self.environment.program(process);
        run_to_end(&program, arguments, variables, input).await
    }

    /// Stops everything in good order: the gateway first, so that what it has
    /// passed on is still answered.
    ///
    /// # Errors
    /// When this system's databases cannot be removed from a shared cluster.
    pub async fn stop(self) -> Result<()> {
        self.end(Process::Gateway).await?;
        let (referral, youth_justice, performance) =
            tokio::join!(self.end(Process::Referral), self.end(Process::YouthJustice), self.end(Process::Performance),);
        referral.and(youth_justice).and(performance)?;
        if let Databases::Shared(superuser) = &self.databases {
            for process in Process::ALL {
                let name = self.databases().of(process);
                execute(superuser, &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")).await?;
            }
        }
        blocking(move || {
            if let Some(redis) = &self.redis {
                redis.stop();
            }
            if let Some(cluster) = &self.cluster {
                cluster.stop(Shutdown::Fast);
            }
            Ok(())
        })
        .await
    }

    /// Makes roles and databases. Two processes that make the same role at the
    /// same moment both fail, and roles belong to the whole cluster: a lock file
    /// keeps this apart from other systems of this checkout.
    async fn bootstrap(&self, lock: &Path) -> Result<()> {
        let path = lock.to_path_buf();
        let held = blocking(move || {
            let file = std::fs::File::create(&path).attempt(|| format!("make {}", path.display()))?;
            file.lock().attempt(|| format!("lock {}", path.display()))?;
            Ok(file)
        })
        .await?;
        for process in Process::ALL {
            self.finish(process, Purpose::Bootstrap, &["bootstrap"]).await?;
        }
        self.set_passwords().await?;
        drop(held);
        Ok(())
    }

    /// Gives the roles their password where the cluster may ask for one.
    async fn set_passwords(&self) -> Result<()> {
        let (Databases::External(superuser), Some(password)) = (&self.databases, self.databases().password()) else {
            return Ok(());
        };
        for process in Process::ALL {
            for role in Role::ALL.map(|role| role.name(process)) {
                // Role and password are made of letters, digits and underscores.
                execute(superuser, &format!("ALTER ROLE {role} PASSWORD '{password}'")).await?;
            }
        }
        Ok(())
    }

    async fn finish(&self, process: Process, purpose: Purpose, arguments: &[&str]) -> Result<()> {
        let variables = self.environment.variables(process, purpose)?;
        let program = self.environment.program(process);
        run_to_end(&program, arguments, variables, "").await.map(drop)
    }

    fn launch(&self, process: Process) -> Result<()> {
        let variables = self.environment.variables(process, Purpose::Serve)?;
        let running = Launch::new(process.binary(), self.environment.program(process), self.log(process))
            .arguments(["serve"])
            .environment(variables)
            .start()?;
        self.lock().insert(process, running);
        Ok(())
    }

    /// Waits until a process says it is ready.
    ///
    /// # Errors
    /// When it ends, or does not get ready within a minute.
    pub async fn ready(&self, process: Process) -> Result<()> {
        let client = plain_client()?;
        let address = format!("{}/health/ready", self.address(process));
        let until = Instant::now() + READY_LIMIT;
        loop {
            let answer = client.get(&address).timeout(Duration::from_secs(2)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            self.check_starting(process, until)?;
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn check_starting(&self, process: Process, until: Instant) -> Result<()> {
        let mut running = self.lock();
        let one = running.get_mut(&process).ok_or_else(|| Error::new(format!("{process} is not running")))?;
        if one.ended().is_some() {
            return Err(one.failure("ended while starting"));
        }
        if Instant::now() >= until {
            return Err(one.failure("did not get ready"));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Process, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for System {
    /// What a failing test would have to look at is kept.
    fn drop(&mut self) {
        if self.scratch.is_some() && std::thread::panicking() {
            let name = format!("{}-{}", std::process::id(), uuid::Uuid::now_v7().simple());
            let kept = self.failed.join(name);
            let moved = std::fs::create_dir_all(&self.failed).and_then(|()| std::fs::rename(&self.logs, &kept));
            if moved.is_ok() {
                eprintln!("the logs of this test's processes are kept in {}", kept.display());
            }
        }
    }
}

/// A client that follows no redirects and keeps no connections, so that it can
/// be used from whatever runtime.
pub(crate) fn plain_client() -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(30))
        .build()
        .attempt(|| "make an HTTP client".to_owned())
}

/// Runs a program to its end, with `variables` beside the inherited ones and
/// `input` to read, and answers what it wrote to its output.
///
/// # Errors
/// When it cannot be started or fails; the message is the last it said.
pub async fn run_to_end(
    program: &Path,
    arguments: &[&str],
    variables: Vec<(String, String)>,
    input: &str,
) -> Result<String> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let what = format!("{name} {}", arguments.join(" "));
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .attempt(|| format!("run {what} ({}); run ./threshold up to build", program.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input is no failure.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let output = child.wait_with_output().await.attempt(|| format!("run {what}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let errors = errors.trim();
    Err(Error::new(format!("{what} failed: {}", if errors.is_empty() { said.trim() } else { errors })))
}

/// Runs what waits for processes or the disk, off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::new(format!("starting was interrupted: {error}")))?
}
