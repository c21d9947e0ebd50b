//! `./threshold bench NAME`: measurements of the real processes on this machine.

mod api;
mod figures;
mod load;
mod pgbench;
mod processor;
mod record;
mod requests;
mod script;
mod seed;

use std::process::ExitCode;

use stack::{Error, Result};

const USAGE: &str = "\
bench api [--rows N] [--connections N] [--seconds N] [--warm-up N]
  creates, reads and lists through the gateway beside pgbench running the same statements:
  first at 1,000 referrals, then lists and reads at N (1,000,000)";

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
        _ => Err(Error::new(USAGE)),
    }
}
