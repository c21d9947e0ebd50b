//! `bench growth`: what people wait for, with few referrals and with many.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use stack::{Error, Result};

use crate::arguments::numbers;
use crate::figures::{float, histogram, millis};
use crate::load::{self, Load};
use crate::record::record;
use crate::requests::{MARK, Maker, OFFICER, SEED, Who, id, scattered};
use crate::site::{Site, say};
use crate::slowest;

/// How many times as long the 99th percentile may take with many referrals.
const AIM: f64 = 1.5;
/// How many different people are looked for.
const SOUGHT: u64 = 2000;
/// Whose agendas are read: the second of the districts in turn.
const HUB: (&str, u64) = ("charnwood", 1);
/// How many referrals in a row make one meeting of each district.
const A_MEETING: u64 = 1400;

/// What to measure.
#[derive(Debug)]
pub struct Plan {
    few: u64,
    rows: u64,
    rounds: u64,
    load: Load,
}

impl Plan {
    /// From the command line.
    ///
    /// # Errors
    /// Naming what is wrong with it.
    pub fn read(arguments: &[String]) -> Result<Self> {
        let (mut few, mut rows, mut connections, mut seconds, mut rounds) = (30_000, 3_000_000, 4, 4, 4);
        numbers(
            arguments,
            &mut [
                ("--few", 10_000_000, &mut few),
                ("--rows", 10_000_000, &mut rows),
                ("--connections", 100, &mut connections),
                ("--seconds", 60, &mut seconds),
                ("--rounds", 100, &mut rounds),
            ],
        )?;
        let load = Load { connections, warm_up: Duration::from_secs(1), measured: Duration::from_secs(seconds) };
        Ok(Self { few, rows, rounds, load })
    }
}

/// What people wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    Queue,
    SearchNameAndBirth,
    SearchName,
    SearchAddress,
    Read,
    Agenda,
    Work,
}

const WAITS: [(Wait, &str, Who); 7] = [
    (Wait::Queue, "queue", OFFICER),
    (Wait::SearchNameAndBirth, "search: name, birth date", OFFICER),
    (Wait::SearchName, "search: name", OFFICER),
    (Wait::SearchAddress, "search: address", OFFICER),
    (Wait::Read, "referral", OFFICER),
    (Wait::Agenda, "agenda", Who::User("harper.hub")),
    (Wait::Work, "work", Who::User("sam.senior")),
];

/// Runs it, and prints what it found.
///
/// # Errors
/// When a piece is missing, or anything is answered otherwise than it should be.
pub async fn run(plan: &Plan) -> Result<()> {
    let small = Grown::start(plan.few).await?;
    let large = Grown::start(plan.rows).await?;
    for grown in [&small, &large] {
        grown.site.warm().await?;
    }
    println!(
        "\n{:<26} {:>11} {:>9} {:>9} {:>11} {:>9} {:>9}  {:>6}  {:>5}",
        "", "referrals", "median", "p99", "referrals", "median", "p99", "growth", "aim"
    );
    let mut worst: Option<(u64, Wait, &str, Who)> = None;
    for (wait, name, who) in WAITS {
        let (few, many) = by_turns(&small, &large, wait, who, plan).await?;
        let [few_p99, many_p99] = [&few, &many].map(|each| each.value_at_quantile(0.99));
        println!(
            "{name:<26} {:>11} {:>9} {:>9} {:>11} {:>9} {:>9}  {:>6.2}  {:>5}",
            small.rows,
            millis(few.value_at_quantile(0.5)),
            millis(few_p99),
            large.rows,
            millis(many.value_at_quantile(0.5)),
            millis(many_p99),
            float(many_p99) / float(few_p99),
            format!("<{AIM}"),
        );
        if worst.is_none_or(|(p99, ..)| many_p99 > p99) {
            worst = Some((many_p99, wait, name, who));
        }
    }
    if let Some((_, wait, name, who)) = worst {
        println!("\nThe slowest with {} referrals: {name}. Its statements, and the plan of the longest:\n", large.rows);
        println!("{}", large.explained(wait, who).await?);
    }
    small.site.system.stop().await?;
    large.site.system.stop().await
}

/// Measures the two in short turns, so that whatever else the machine does falls on both.
async fn by_turns(
    small: &Grown,
    large: &Grown,
    wait: Wait,
    who: Who,
    plan: &Plan,
) -> Result<(Histogram<u64>, Histogram<u64>)> {
    say(&format!("{wait:?}, {} turns of {} s each", plan.rounds, plan.load.measured.as_secs()));
    let (mut few, mut many) = (histogram()?, histogram()?);
    let makers = [small.maker(wait, who).await?, large.maker(wait, who).await?];
    let [for_small, for_large] = &makers;
    for grown in [small, large] {
        grown.site.settle().await?;
    }
    for turn in 0..plan.rounds {
        let first = turn * 1_000_000_000;
        for (grown, maker, total) in [(small, for_small, &mut few), (large, for_large, &mut many)] {
            let latencies = load::run(grown.site.system.issuer(), plan.load, maker.clone(), first, 200).await?;
            total.add(&latencies).map_err(|error| Error::new(error.to_string()))?;
        }
    }
    Ok((few, many))
}

/// A system that holds so many referrals.
struct Grown {
    site: Site,
    rows: u64,
    sought: Arc<Vec<Sought>>,
}

/// Somebody who is looked for.
struct Sought {
    name: String,
    birth_date: String,
    address: String,
}

impl Grown {
    async fn start(rows: u64) -> Result<Self> {
        let site = Site::start(vec![format!("shared_buffers={}MB", memory()? * 6 / 10)]).await?;
        site.seed(1, rows, rows).await?;
        let sought = Arc::new(sought(&site.database, rows).await?);
        Ok(Self { site, rows, sought })
    }

    /// Requests of this kind with a fresh token.
    async fn maker(&self, wait: Wait, who: Who) -> Result<Maker> {
        let token = self.site.token(who).await?;
        let host = self.site.system.issuer().trim_start_matches("http://").to_owned();
        let common = format!("host: {host}\r\nauthorization: Bearer {token}\r\naccept: application/json\r\n");
        let (rows, sought) = (self.rows, self.sought.clone());
        Ok(Arc::new(move |number| {
            let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{common}\r\n").into_bytes();
            let search = |body: &dyn Fn(&Sought) -> String| {
                let at = usize::try_from(scattered(number, SOUGHT)).unwrap_or_default() % sought.len().max(1);
                let body = sought.get(at).map(body).unwrap_or_default();
                format!(
                    "POST /v1/searches HTTP/1.1\r\n{common}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes()
            };
            match wait {
                Wait::Queue => get("/v1/referrals/queue?limit=20"),
                Wait::Read => get(&format!("/v1/referrals/{}", id(scattered(number, rows)))),
                Wait::Agenda => {
                    get(&format!("/v1/hubs/{}/meetings/{}/agenda", HUB.0, meeting(scattered(number, rows))))
                }
                Wait::Work => get("/v1/work"),
                Wait::SearchNameAndBirth => {
                    search(&|person| format!(r#"{{"name":"{}","birth_date":"{}"}}"#, person.name, person.birth_date))
                }
                Wait::SearchName => search(&|person| format!(r#"{{"name":"{}"}}"#, person.name)),
                Wait::SearchAddress => search(&|person| format!(r#"{{"address":"{}"}}"#, person.address)),
            }
        }))
    }

    async fn explained(&self, wait: Wait, who: Who) -> Result<String> {
        let maker = self.maker(wait, who).await?;
        let (site, issuer) = (&self.site, self.site.system.issuer());
        let (sent, _) = record(&site.database, site.cluster()?.log(), issuer, &maker(MARK), 200).await?;
        slowest::explained(&site.database, &sent).await
    }
}

/// How much memory the machine has, in MiB.
fn memory() -> Result<u64> {
    let told = std::fs::read_to_string("/proc/meminfo").map_err(|error| Error::new(error.to_string()))?;
    let kibibytes = told
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes
        .map(|amount| amount / 1024)
        .ok_or_else(|| Error::new("/proc/meminfo does not say how much memory there is"))
}

/// The id of the meeting whose agenda has what was listed about then. The last one may not be whole.
fn meeting(row: u64) -> String {
    let (_, place) = HUB;
    let blocks = row.saturating_sub(A_MEETING) / A_MEETING;
    format!("01900000-0000-7000-8013-{}", SEED + blocks * 7 + place)
}

/// Children of referrals that lie evenly over all.
async fn sought(database: &str, rows: u64) -> Result<Vec<Sought>> {
    let failed = |error: tokio_postgres::Error| Error::new(error.to_string());
    let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.map_err(failed)?;
    let driver = tokio::spawn(connection);
    let ids = (1..=SOUGHT).map(|n| format!("'{}'", id(1 + n * rows.saturating_sub(1) / SOUGHT))).collect::<Vec<_>>();
    let statement = format!(
        "SELECT given_name || ' ' || family_name, birth_date::text, split_part(address, ',', 1) \
         FROM named_person WHERE place = 0 AND referral_id IN ({})",
        ids.join(", ")
    );
    let found = client.query(&statement, &[]).await.map_err(failed)?;
    drop(client);
    let _ = driver.await;
    Ok(found.iter().map(|row| Sought { name: row.get(0), birth_date: row.get(1), address: row.get(2) }).collect())
}
