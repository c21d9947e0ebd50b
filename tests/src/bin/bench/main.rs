//! `./threshold bench NAME`: measurements of the real processes on this machine.

mod api;
mod arguments;
mod figures;
mod growth;
mod load;
mod pgbench;
mod processor;
mod record;
mod requests;
mod script;
mod seed;
mod site;
mod slowest;

use std::process::ExitCode;

use stack::{Error, Result};

const USAGE: &str = "\
bench api [--rows N] [--connections N] [--seconds N] [--warm-up N]
  creates, reads and lists through the gateway beside pgbench running the same statements:
  first at 1,000 referrals, then lists and reads at N (1,000,000)
bench growth [--few N] [--rows N] [--connections N] [--seconds N] [--rounds N]
  what people wait for, at FEW (30,000) and at N (3,000,000) referrals by turns, and the plan of the slowest";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<()> {
    match arguments.split_first() {
        Some((name, rest)) if name == "api" => api::run(&api::Plan::read(rest)?).await,
        Some((name, rest)) if name == "growth" => growth::run(&growth::Plan::read(rest)?).await,
        _ => Err(Error::new(USAGE)),
    }
}
