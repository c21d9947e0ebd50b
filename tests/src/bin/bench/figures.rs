//! What one measurement found, and the table of them.

use std::time::Duration;

use hdrhistogram::Histogram;
use stack::{Error, Result};

/// The longest latency that is told apart, in microseconds.
const LONGEST: u64 = 120_000_000;

/// Latencies in microseconds, to three digits.
///
/// # Errors
/// Never at present.
pub fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_max(LONGEST, 3).map_err(|error| Error::new(error.to_string()))
}

/// One measurement.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    /// Requests, or transactions, a second.
    pub rate: f64,
    /// Half were answered within this, in microseconds.
    pub median: u64,
    /// 99 in 100 were answered within this, in microseconds.
    pub p99: u64,
}

impl Figures {
    /// From the latencies of what was answered in a span of time.
    pub fn of(latencies: &Histogram<u64>, span: Duration) -> Self {
        Self {
            rate: float(latencies.len()) / span.as_secs_f64(),
            median: latencies.value_at_quantile(0.5),
            p99: latencies.value_at_quantile(0.99),
        }
    }
}

/// A count as a number to reckon with; exact below 2^32, which no count here reaches.
pub fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Processor time of one measurement, by who spent it, in microseconds for each request.
#[derive(Debug, Clone)]
pub struct Spent(pub Vec<(&'static str, f64)>);

/// One operation, measured both ways.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was asked.
    pub name: &'static str,
    /// How many referrals there were.
    pub rows: u64,
    /// Through the gateway.
    pub api: Figures,
    /// The same statements by `pgbench`.
    pub pgbench: Figures,
    /// Who spent what on a request through the gateway.
    pub spent: Spent,
    /// And on the same statements by `pgbench`.
    pub spent_by_pgbench: Spent,
    /// The share of `pgbench`'s rate that is aimed at, in hundredths, if there is an aim.
    pub aim: Option<f64>,
}

impl Row {
    /// The share of `pgbench`'s rate, in hundredths.
    pub fn share(&self) -> f64 {
        100.0 * self.api.rate / self.pgbench.rate
    }
}

/// Prints the tables.
pub fn print(rows: &[Row]) {
    println!();
    println!(
        "{:<26} {:>9}  {:>8} {:>8} {:>8}  {:>8} {:>8} {:>8}  {:>6}  {:>5}",
        "", "referrals", "API/s", "median", "p99", "pgb/s", "median", "p99", "ratio", "aim"
    );
    for row in rows {
        let aim = row.aim.map(|aim| format!("{aim:.0} %")).unwrap_or_default();
        println!(
            "{:<26} {:>9}  {:>8.0} {:>8} {:>8}  {:>8.0} {:>8} {:>8}  {:>4.0} %  {aim:>5}",
            row.name,
            row.rows,
            row.api.rate,
            millis(row.api.median),
            millis(row.api.p99),
            row.pgbench.rate,
            millis(row.pgbench.median),
            millis(row.pgbench.p99),
            row.share(),
        );
    }
    println!("\nProcessor time in microseconds a request");
    for row in rows {
        println!(
            "{:<26} {:>9}  API: {}; pgbench: {}",
            row.name,
            row.rows,
            told(&row.spent),
            told(&row.spent_by_pgbench)
        );
    }
    let cheapest = |name: &str| rows.iter().filter(|row| row.name == name).map(|row| row.rows).min();
    println!("\nAgainst the same operation at the fewest referrals");
    for row in rows {
        let Some(fewest) = cheapest(row.name).filter(|fewest| *fewest < row.rows) else { continue };
        if let Some(base) = rows.iter().find(|base| base.name == row.name && base.rows == fewest) {
            println!(
                "{:<26} {:>9}  API {:.0} %, pgbench {:.0} % of the rate at {fewest}",
                row.name,
                row.rows,
                100.0 * row.api.rate / base.api.rate,
                100.0 * row.pgbench.rate / base.pgbench.rate,
            );
        }
    }
}

/// Microseconds as people read them.
pub fn millis(micros: u64) -> String {
    format!("{:.1} ms", float(micros) / 1000.0)
}

fn told(spent: &Spent) -> String {
    spent.0.iter().map(|(who, micros)| format!("{who} {micros:.0}")).collect::<Vec<_>>().join(", ")
}
