//! `status`: which parts run, and how they say they are.

use std::process::ExitCode;
use std::time::Duration;

use stack::{Layout, Result};

use super::speak::{line, say};
use super::state::{self, Part, State};

pub async fn run() -> Result<ExitCode> {
    let layout = Layout::find()?;
    let Some(pid) = state::running(&layout) else {
        say("it is not up");
        return Ok(ExitCode::FAILURE);
    };
    let Some(state) = State::read(&layout) else {
        say(&format!("it is starting or stopping (process {pid})"));
        return Ok(ExitCode::FAILURE);
    };
    say(&format!("it is up (process {pid}) at {}", state.issuer));
    for part in &state.parts {
        let pid = part.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
        line(&format!("  {:<24}{:<10}{:<12}{}", part.name, pid, health(part).await, part.address));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a process answers about itself; of a database, whether it runs.
async fn health(part: &Part) -> &'static str {
    if part.address == "external" {
        return "external";
    }
    if !part.address.starts_with("http://") {
        let runs = part.pid.is_none_or(stack::process::runs);
        return if runs { "running" } else { "gone" };
    }
    let asked = reqwest::Client::new()
        .get(format!("{}/health/ready", part.address))
        .timeout(Duration::from_secs(3))
        .send()
        .await;
    match asked {
        Ok(answer) if answer.status().is_success() => "ready",
        Ok(_) => "not ready",
        Err(_) => "gone",
    }
}
