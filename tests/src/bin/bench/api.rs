//! `bench api`: the API through the gateway, beside the same statements without it.

use std::time::Duration;

use stack::Result;
use stack::layout::Scratch;
use stack::system::Process;

use crate::arguments::numbers;
use crate::figures::{Figures, Row, print};
use crate::load::{self, Load};
use crate::pgbench::Pgbench;
use crate::processor::Clocks;
use crate::record::record;
use crate::requests::{CREATE, LIST, MARK, Operation, READ, WORKLIST, What};
use crate::script::Recorded;
use crate::site::{Site, say};

/// How many referrals there are at first.
const FEW: u64 = 1000;

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
        numbers(
            arguments,
            &mut [
                ("--rows", 10_000_000, &mut rows),
                ("--connections", 100, &mut connections),
                ("--seconds", 60, &mut seconds),
                ("--warm-up", 60, &mut warm_up),
            ],
        )?;
        let load = Load { connections, warm_up: Duration::from_secs(warm_up), measured: Duration::from_secs(seconds) };
        Ok(Self { rows, load })
    }
}

/// Runs it, and prints what it found.
///
/// # Errors
/// When a piece is missing, or anything is answered otherwise than it should be.
pub async fn run(plan: &Plan) -> Result<()> {
    let site = Site::start(Vec::new()).await?;
    let total = plan.rows.max(FEW);
    let mut bench = Bench::new(&site, plan)?;
    site.seed(1, FEW, total).await?;
    let mut rows = Vec::new();
    for operation in [LIST, WORKLIST, READ, CREATE] {
        rows.push(bench.measure(operation, FEW).await?);
    }
    if plan.rows > FEW {
        site.seed(FEW + 1, plan.rows, total).await?;
        for operation in [LIST, WORKLIST, READ] {
            rows.push(bench.measure(operation, plan.rows).await?);
        }
    }
    print(&rows);
    drop(bench);
    site.system.stop().await
}

struct Bench<'a> {
    site: &'a Site,
    pgbench: Pgbench<'a>,
    plan: &'a Plan,
    requests: u64,
    _folder: Scratch,
}

impl<'a> Bench<'a> {
    fn new(site: &'a Site, plan: &'a Plan) -> Result<Self> {
        let folder = site.layout.scratch_on_disk()?;
        let database = site.system.databases().of(Process::Referral);
        let pgbench = Pgbench::new(site.cluster()?, database, folder.path())?;
        Ok(Self { site, pgbench, plan, requests: 500_000_000_000, _folder: folder })
    }

    /// One operation both ways. What is recorded is recorded now, so that the pages the lists
    /// give are those the audit rows of `pgbench` name.
    async fn measure(&mut self, operation: Operation, rows: u64) -> Result<Row> {
        let (site, load) = (self.site, self.plan.load);
        let token = site.token(operation.who).await?;
        let issuer = site.system.issuer();
        let maker = operation.maker(issuer.trim_start_matches("http://"), &token, rows);
        // The statements of a connection's first time are prepared; those of the second are the usual ones.
        let (sent, answer) =
            record(&site.database, site.cluster()?.log(), issuer, &maker(MARK), operation.status).await?;
        let asked = match operation.what {
            What::Read => seeded(&answer),
            What::Create | What::List | What::Worklist => None,
        };
        let random = match operation.what {
            What::Create => reference(&answer).map(|reference| (reference, "R-")),
            What::Read | What::List | What::Worklist => None,
        };
        let script = Recorded { sent, asked, random }.script();

        site.settle().await?;
        say(&format!("{} at {rows} referrals: through the gateway", operation.name));
        let before = Clocks::read(&site.system);
        let first = self.requests;
        self.requests += 1_000_000_000;
        let latencies = load::run(issuer, load, maker, first, operation.status).await?;
        let api = Figures::of(&latencies, load.measured);
        let spent = site.spent(before, load, api.rate);

        site.settle().await?;
        say(&format!("{} at {rows} referrals: by pgbench", operation.name));
        let before = Clocks::read(&site.system);
        let pgbench = self.pgbench.run(&script, load, rows).await?;
        let spent_by_pgbench = site.spent(before, load, pgbench.rate);
        let aim = (rows == FEW).then_some(operation.aim);
        Ok(Row { name: operation.name, rows, api, pgbench, spent, spent_by_pgbench, aim })
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
