//! `bench api`: the API through the gateway, beside the same statements without it.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};
use stack::demonstration::{self, PASSWORD};
use stack::layout::Scratch;
use stack::system::{Process, System, SystemOptions};
use stack::{Cluster, Error, Key, Layout, Result, identity};

use crate::figures::{Row, Spent, print};
use crate::load::{self, Load};
use crate::pgbench::Pgbench;
use crate::processor::Clocks;
use crate::record::record;
use crate::requests::{CREATE, LIST, MARK, Operation, READ, WORKLIST, What, Who};
use crate::script::Recorded;
use crate::seed::seed;

/// How many referrals there are at first.
const FEW: u64 = 1000;
/// How long the background work may take to catch up between two measurements.
const SETTLE: Duration = Duration::from_secs(120);
/// The school's system that refers.
const SCHOOL: &str = "greenfield-school-system";
/// The officer who reads and lists.
const OFFICER: &str = "olive.officer";

/// What to measure.
#[derive(Debug)]
pub struct Plan {
    rows: u64,
    load: Load,
}

impl Plan {
    /// From the command line.
    ///
    /// # Errors
    /// Naming what is wrong with it.
    pub fn read(arguments: &[String]) -> Result<Self> {
        let (mut rows, mut connections, mut seconds, mut warm_up) = (1_000_000, 32, 6, 2);
        for pair in arguments.chunks(2) {
            let (name, value) = match pair {
                [name, value] => (name.as_str(), value.parse::<u64>().ok()),
                _ => ("", None),
            };
            let (place, most) = match name {
                "--rows" => (&mut rows, 10_000_000),
                "--connections" => (&mut connections, 100),
                "--seconds" => (&mut seconds, 60),
                "--warm-up" => (&mut warm_up, 60),
                _ => return Err(Error::new(crate::USAGE)),
            };
            *place = value
                .filter(|value| (1..=most).contains(value))
                .ok_or_else(|| Error::new(format!("{name} takes a number from 1 to {most}")))?;
        }
        let load = Load { connections, warm_up: Duration::from_secs(warm_up), measured: Duration::from_secs(seconds) };
        Ok(Self { rows, load })
    }
}

/// Runs it, and prints what it found.
///
/// # Errors
/// When a piece is missing, or anything is answered otherwise than it should be.
pub async fn run(plan: &Plan) -> Result<()> {
    let mut options = SystemOptions::durable()?;
    options.progress = say;
    // What limits a caller is not what is measured.
    for name in ["THRESHOLD_LIMIT_PER_CALLER", "THRESHOLD_LIMIT_PER_ADDRESS"] {
        options = options.setting(Process::Gateway, name, "1000000000");
    }
    let layout = options.layout.clone();
    let system = System::start(options).await?;
    say("loading the demonstration county");
    demonstration::load(&system).await?;
    let mut bench = Bench::new(&system, &layout, plan)?;

    bench.seed(1, FEW).await?;
    let mut rows = Vec::new();
    for operation in [LIST, WORKLIST, READ, CREATE] {
        rows.push(bench.measure(operation, FEW).await?);
    }
    if plan.rows > FEW {
        bench.seed(FEW + 1, plan.rows).await?;
        for operation in [LIST, WORKLIST, READ] {
            rows.push(bench.measure(operation, plan.rows).await?);
        }
    }
    print(&rows);
    system.stop().await
}

fn say(what: &str) {
    eprintln!("bench: {what}");
}

struct Bench<'a> {
    system: &'a System,
    cluster: &'a Cluster,
    database: String,
    pgbench: Pgbench<'a>,
    plan: &'a Plan,
    until: DateTime<Utc>,
    requests: u64,
    _folder: Scratch,
}

impl<'a> Bench<'a> {
    fn new(system: &'a System, layout: &Layout, plan: &'a Plan) -> Result<Self> {
        let cluster = system.cluster().ok_or_else(|| Error::new("the bench needs a cluster of its own"))?;
        let folder = layout.scratch_on_disk()?;
        let database = system.databases().of(Process::Referral);
        Ok(Self {
            system,
            cluster,
            database: system.databases().superuser_url(Process::Referral)?,
            pgbench: Pgbench::new(cluster, database, folder.path())?,
            plan,
            until: Utc::now(),
            requests: 500_000_000_000,
            _folder: folder,
        })
    }

    async fn seed(&self, first: u64, last: u64) -> Result<()> {
        say(&format!("storing the referrals {first} to {last}"));
        let began = Instant::now();
        let until = self.until.to_rfc3339_opts(SecondsFormat::Micros, true);
        seed(&self.database, first, last, self.plan.rows.max(FEW), &until).await?;
        say(&format!("stored in {} s", began.elapsed().as_secs()));
        Ok(())
    }

    async fn token(&self, who: Who) -> Result<String> {
        let issuer = self.system.issuer();
        match who {
            Who::School => {
                let key = Key::in_file(&self.system.keys().of_client(SCHOOL))?;
                identity::client_token(issuer, SCHOOL, &key).await
            }
            Who::Officer => identity::sign_in(issuer, OFFICER, PASSWORD).await,
        }
    }

    /// One operation both ways. What is recorded is recorded now, so that the pages the lists
    /// give are those the audit rows of `pgbench` name.
    async fn measure(&mut self, operation: Operation, rows: u64) -> Result<Row> {
        let token = self.token(operation.who).await?;
        let issuer = self.system.issuer();
        let host = issuer.trim_start_matches("http://");
        let maker = operation.maker(host, &token, rows);
        // The statements of a connection's first time are prepared; those of the second are the usual ones.
        let number = MARK;
        let (sent, answer) =
            record(&self.database, self.cluster.log(), issuer, &maker(number), operation.status).await?;
        let asked = match operation.what {
            What::Read => seeded(&answer),
            What::Create | What::List | What::Worklist => None,
        };
        let random = match operation.what {
            What::Create => reference(&answer).map(|reference| (reference, "R-")),
            What::Read | What::List | What::Worklist => None,
        };
        let script = Recorded { sent, asked, random }.script();

        self.settle().await?;
        say(&format!("{} at {rows} referrals: through the gateway", operation.name));
        let before = Clocks::read(self.system);
        let first = self.requests;
        self.requests += 1_000_000_000;
        let api = load::run(issuer, self.plan.load, maker, first, operation.status).await?;
        let spent = self.spent(before, api.rate);

        self.settle().await?;
        say(&format!("{} at {rows} referrals: by pgbench", operation.name));
        let before = Clocks::read(self.system);
        let pgbench = self.pgbench.run(&script, self.plan.load, rows).await?;
        let spent_by_pgbench = self.spent(before, pgbench.rate);
        let aim = (rows == FEW).then_some(operation.aim);
        Ok(Row { name: operation.name, rows, api, pgbench, spent, spent_by_pgbench, aim })
    }

    /// Processor time for each request, the warm-up's among them.
    fn spent(&self, before: Clocks, rate: f64) -> Spent {
        let seconds = (self.plan.load.warm_up + self.plan.load.measured).as_secs_f64();
        Clocks::read(self.system).since(before, rate * seconds)
    }

    /// Waits until the sequencer and the relay have caught up, so that one measurement does not
    /// pay for the one before; then writes out what is dirty.
    async fn settle(&self) -> Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.database, tokio_postgres::NoTls)
            .await
            .map_err(|error| Error::new(error.to_string()))?;
        let driver = tokio::spawn(connection);
        let began = Instant::now();
        let waiting = "SELECT (SELECT count(*) FROM audit_entry WHERE sequence IS NULL) \
                            + (SELECT count(*) FROM event_log WHERE position IS NULL)";
        loop {
            let row = client.query_one(waiting, &[]).await.map_err(|error| Error::new(error.to_string()))?;
            let count: i64 = row.get(0);
            if count == 0 {
                break;
            }
            if began.elapsed() > SETTLE {
                say(&format!("the background work is still {count} rows behind"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let waited = began.elapsed().as_secs_f64();
        if waited > 1.0 {
            say(&format!("the background work took {waited:.1} s more to catch up"));
        }
        drop(client);
        let _ = driver.await;
        stack::system::execute(&self.database, "CHECKPOINT").await
    }
}

/// The seeded row that an answer is about.
fn seeded(answer: &str) -> Option<u64> {
    let (_, rest) = answer.split_once(&crate::requests::id(0).get(..24).map(str::to_owned)?)?;
    rest.get(..12)?.parse::<u64>().ok()?.checked_sub(crate::requests::SEED)
}

/// The reference in an answer.
fn reference(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("\"reference\":\"")?;
    rest.split_once('"').map(|(reference, _)| reference.to_owned())
}
