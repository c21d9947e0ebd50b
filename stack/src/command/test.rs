//! `test`: the whole suite beside a cluster and a Redis of its own, which are
//! gone afterwards however it ends.

use std::process::ExitCode;

use stack::process::{Signal, send_to_group};
use stack::system::binaries;
use stack::{Cluster, Error, Keep, Layout, Redis, Result, install};
use tokio::process::Command;

use super::stop::Stop;

pub async fn run(arguments: &[String]) -> Result<ExitCode> {
    let layout = Layout::find()?;
    let mut stop = Stop::listen()?;
    let (cluster, redis) = tokio::task::block_in_place(|| start(&layout))?;

    // Cargo would pass over `-p` beside `--workspace` without a word.
    let one = arguments.iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"));
    let mut tests = Command::new("cargo")
        .arg("test")
        .args((!one).then_some("--workspace"))
        .args(arguments)
        .current_dir(layout.checkout())
        .env("THRESHOLD_TEST_DATABASE_URL", cluster.superuser_url())
        .env("THRESHOLD_TEST_REDIS_URL", redis.url())
        .env("THRESHOLD_BIN_DIR", binaries()?)
        // A Ctrl-C is for this program, which passes it on to the whole group
        // and takes the databases away once the tests have ended.
        .process_group(0)
        .spawn()
        .map_err(|error| Error::new(format!("could not run cargo: {error}")))?;
    let group = tests.id();
    let status = loop {
        tokio::select! {
            status = tests.wait() => break status,
            () = stop.asked() => {
                if let Some(group) = group {
                    send_to_group(group, Signal::TERM);
                }
            }
        }
    };
    let status = status.map_err(|error| Error::new(format!("could not run cargo: {error}")))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(130);
    Ok(ExitCode::from(code))
}

fn start(layout: &Layout) -> Result<(Cluster, Redis)> {
    let postgres = install::postgres(layout, say)?;
    let redis = install::redis(layout, say)?;
    Ok((Cluster::start(layout, &postgres, Keep::Ephemeral, &[], say)?, Redis::start_temporary(layout, &redis)?))
}

fn say(what: &str) {
    eprintln!("threshold: {what}");
}
