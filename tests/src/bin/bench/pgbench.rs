//! `pgbench`: what the database gives when nothing stands before it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;
use stack::system::run_to_end;
use stack::{Cluster, Error, Result};

use crate::figures::{Figures, histogram};
use crate::load::Load;
use crate::record::ROLE;

/// `pgbench` on a cluster.
pub struct Pgbench<'a> {
    cluster: &'a Cluster,
    program: PathBuf,
    database: String,
    folder: PathBuf,
    runs: u64,
}

impl<'a> Pgbench<'a> {
    /// `pgbench` beside the cluster's server; it leaves its logs in `folder`.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn new(cluster: &'a Cluster, database: String, folder: &Path) -> Result<Self> {
        let beside = cluster.programs().program("pgbench");
        let usual = || Some(PathBuf::from("/usr/bin/pgbench")).filter(|path| path.is_file());
        let program = beside.or_else(usual).ok_or_else(|| {
            Error::new("pgbench is missing: install it with PostgreSQL's server programs (Debian: postgresql)")
        })?;
        Ok(Self { cluster, program, database, folder: folder.to_owned(), runs: 0 })
    }

    /// Runs a script under the same load as the gateway gets.
    ///
    /// # Errors
    /// When a statement fails.
    pub async fn run(&mut self, script: &str, load: Load, rows: u64) -> Result<Figures> {
        self.runs += 1;
        let file = self.folder.join(format!("script-{}.sql", self.runs));
        let prefix = self.folder.join(format!("log-{}", self.runs));
        write(&file, script)?;
        // Numbers of twelve digits that no other run uses.
        let base = 200_000_000_000 + self.runs * 5_000_000_000;
        let seconds = (load.warm_up + load.measured).as_secs();
        let arguments = [
            format!("--host={}", self.cluster.socket_folder().display()),
            format!("--username={ROLE}"),
            "--no-vacuum".to_owned(),
            "--protocol=prepared".to_owned(),
            format!("--client={}", load.connections),
            "--jobs=1".to_owned(),
            format!("--time={seconds}"),
            "--log".to_owned(),
            format!("--log-prefix={}", prefix.display()),
            format!("--define=base={base}"),
            "--define=i=0".to_owned(),
            format!("--define=rows={rows}"),
            format!("--file={}", file.display()),
            self.database.clone(),
        ];
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut environment = self.cluster.programs().environment();
        // The settings of the service's own connections.
        environment.push((
            "PGOPTIONS".to_owned(),
            "-c statement_timeout=10s -c timezone=UTC -c plan_cache_mode=force_generic_plan".to_owned(),
        ));
        let said = run_to_end(&self.program, &arguments, environment, "").await?;
        if !said.contains("number of failed transactions: 0") && said.contains("number of failed transactions") {
            return Err(Error::new(format!("pgbench: {said}")));
        }
        self.read_logs(load)
    }

    /// Each line of the logs is a transaction: client, number, latency in microseconds, script, and
    /// when it ended in seconds and microseconds.
    fn read_logs(&self, load: Load) -> Result<Figures> {
        let start = format!("log-{}.", self.runs);
        let mut ended: Vec<(u64, u64)> = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)) {
                continue;
            }
            for line in fs::read_to_string(&path).map_err(unreadable)?.lines() {
                let mut numbers = line.split(' ').map(|word| word.parse::<u64>().unwrap_or_default()).skip(2);
                let (latency, _, second, micros) = (numbers.next(), numbers.next(), numbers.next(), numbers.next());
                if let (Some(latency), Some(second), Some(micros)) = (latency, second, micros) {
                    ended.push((second * 1_000_000 + micros, latency));
                }
            }
            fs::remove_file(&path).map_err(unreadable)?;
        }
        let begun = ended.iter().map(|(at, latency)| at.saturating_sub(*latency)).min().unwrap_or_default();
        let from = begun + whole_micros(load.warm_up);
        let until = from + whole_micros(load.measured);
        let mut latencies: Histogram<u64> = histogram()?;
        for (_, latency) in ended.iter().filter(|(at, _)| *at >= from && *at < until) {
            latencies.saturating_record(*latency);
        }
        Ok(Figures::of(&latencies, load.measured))
    }
}

fn whole_micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(format!("cannot read pgbench's logs: {error}"))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(|error| Error::new(format!("cannot write {}: {error}", file.display())))
}
