//! `up`: everything starts, stays up, and stops together.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use stack::system::SystemOptions;
use stack::{Layout, Process, Result, System, demonstration};

use super::speak::{line, say};
use super::state::{self, Hold, Part, State};
use super::stop::Stop;

/// How often it looks whether everything still runs.
const LOOK: Duration = Duration::from_millis(500);
/// A part that ends this often within [`SPELL`] is left alone.
const PATIENCE: usize = 5;
const SPELL: Duration = Duration::from_secs(60);

pub async fn run() -> Result<ExitCode> {
    let layout = Layout::find()?;
    let hold = match Hold::take(&layout)? {
        Ok(hold) => hold,
        Err(pid) => return already_up(&layout, pid),
    };
    State::remove(&layout);
    let mut stop = Stop::listen()?;
    let system = tokio::select! {
        // What has started so far ends with this process.
        () = stop.asked() => {
            say("stopped while starting");
            return Ok(ExitCode::from(130));
        }
        started = start() => started?,
    };
    state_of(&system).write(&layout)?;
    print_addresses(system.issuer())?;
    line("\nCtrl-C, or ./threshold down from another terminal, stops it.");

    tokio::select! {
        () = stop.asked() => {}
        () = tend(&system, &layout) => {}
    }
    line("");
    say("stopping; requests in flight are finished first");
    State::remove(&layout);
    tokio::select! {
        outcome = system.stop() => outcome?,
        // Asked twice: at once, then.
        () = stop.asked() => return Ok(ExitCode::from(130)),
    }
    drop(hold);
    say("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn start() -> Result<System> {
    let mut options = SystemOptions::lasting()?;
    options.progress = say;
    let system = System::start(options).await?;
    load(&system).await;
    Ok(system)
}

/// A county that cannot be loaded is no reason not to be up.
async fn load(system: &System) {
    say("loading the demonstration county: its agencies, people and client systems");
    if let Err(error) = demonstration::load(system).await {
        say(&format!("the demonstration county is not loaded: {error}"));
        return;
    }
    say("loading the demonstration county: invented referrals, published figures");
    if let Err(error) = demonstration::load_records(system).await {
        say(&format!("the demonstration county's records are not all loaded: {error}"));
    }
}

fn already_up(layout: &Layout, pid: u32) -> Result<ExitCode> {
    match State::read(layout) {
        Some(state) => {
            say(&format!("it is up already (process {pid})"));
            print_addresses(&state.issuer)?;
        }
        None => say(&format!("it is starting or stopping already (process {pid})")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts again whatever ends of itself or is killed.
async fn tend(system: &System, layout: &Layout) {
    let mut falls = Falls::default();
    loop {
        tokio::time::sleep(LOOK).await;
        let mut changed = false;
        if let Some(cluster) = system.cluster().filter(|cluster| !cluster.is_running())
            && falls.may_restart("postgres")
        {
            say("PostgreSQL ended; starting it again");
            report(tokio::task::block_in_place(|| cluster.resume()));
            changed = true;
        }
        if let Some(redis) = system.redis().filter(|redis| !redis.is_running())
            && falls.may_restart("redis")
        {
            say("Redis ended; starting it again");
            report(tokio::task::block_in_place(|| redis.resume()));
            changed = true;
        }
        for (process, status) in system.ended() {
            if falls.may_restart(process.binary()) {
                say(&format!("{process} ended ({status}); starting it again"));
                report(system.restart(process).await);
                changed = true;
            }
        }
        if changed {
            report(state_of(system).write(layout));
        }
    }
}

/// When each part ended of itself.
#[derive(Default)]
struct Falls {
    times: BTreeMap<String, Vec<Instant>>,
    left_alone: BTreeSet<String>,
}

impl Falls {
    /// Whether a part that has ended should be started again.
    fn may_restart(&mut self, name: &str) -> bool {
        if self.left_alone.contains(name) {
            return false;
        }
        let times = self.times.entry(name.to_owned()).or_default();
        times.retain(|time| time.elapsed() < SPELL);
        times.push(Instant::now());
        if times.len() <= PATIENCE {
            return true;
        }
        say(&format!("{name} keeps ending and is left alone; ./threshold logs {name} may say why"));
        self.left_alone.insert(name.to_owned());
        false
    }
}

fn report(outcome: Result<()>) {
    if let Err(error) = outcome {
        say(&error.to_string());
    }
}

fn state_of(system: &System) -> State {
    let mut parts = vec![
        Part {
            name: "postgres".to_owned(),
            pid: system.cluster().and_then(stack::Cluster::pid),
            address: match system.cluster() {
                Some(cluster) => cluster.superuser_url(),
                None => "external".to_owned(),
            },
        },
        Part {
            name: "redis".to_owned(),
            pid: system.redis().and_then(stack::Redis::pid),
            address: match system.redis() {
                Some(redis) => redis.url(),
                None => "external".to_owned(),
            },
        },
    ];
    parts.extend(Process::ALL.map(|process| Part {
        name: process.binary().to_owned(),
        pid: system.pid(process),
        address: system.address(process),
    }));
    State { issuer: system.issuer().to_owned(), parts }
}

fn print_addresses(issuer: &str) -> Result<()> {
    line("\nThreshold is up.\n");
    line(&format!("  API        {issuer}"));
    line(&format!("  reference  {issuer}/docs"));
    line(&format!("  document   {issuer}/openapi.json\n"));
    line(&format!("Demonstration sign-ins, password {}:", demonstration::PASSWORD));
    for person in demonstration::people()? {
        line(&format!("  {:<26}{:<32}{}", person.name, person.roles, person.place));
    }
    line("\nDemonstration client systems:");
    for client in demonstration::clients()? {
        line(&format!("  {:<26}{:<32}{}", client.name, client.roles, client.place));
    }
    line("\nTokens: ./threshold sign-in USER, ./threshold token CLIENT");
    Ok(())
}

/// Whether an `up` of this checkout runs, for commands that need it to be, or
/// not to be.
pub fn is_up(layout: &Layout) -> bool {
    state::running(layout).is_some()
}
