//! What a system stands on: databases, Redis, keys and ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::database::kept_password;
use super::environment::{Environment, Ports, loopback};
use super::{DatabaseNames, Databases, Process, RedisAt, SystemOptions, clock};
use crate::error::{Attempt, Error, Result};
use crate::install;
use crate::keys::Keys;
use crate::layout::{Layout, Scratch, make_folder};
use crate::ports::HeldPort;
use crate::postgres::Cluster;
use crate::redis::Redis;

/// Where the gateway of `./threshold up` listens if it can.
const USUAL_GATEWAY_PORT: u16 = 8080;

pub(super) struct Setup {
    pub cluster: Option<Cluster>,
    pub redis: Option<Redis>,
    pub environment: Environment,
    pub held_ports: Vec<HeldPort>,
    pub logs: PathBuf,
    pub bootstrap_lock: PathBuf,
    pub scratch: Option<Scratch>,
}

impl Setup {
    pub(super) fn make(options: &SystemOptions) -> Result<Self> {
        let layout = &options.layout;
        require_binaries(&options.binaries)?;
        let scratch = if options.lasting { None } else { Some(layout.scratch_on_disk()?) };
        let (home, logs) = match &scratch {
            // The processes run under the caller's account, which may not be
            // the one that owns the databases' folders; the caller is root then.
            Some(scratch) => (scratch.path().to_path_buf(), scratch.path().join("logs")),
            None => (layout.private(), layout.logs()),
        };
        make_folder(&logs, 0o700)?;
        let keys = Keys::prepare(&home.join("keys"))?;
        let clock = home.join("clock");
        clock::set(&clock, clock::ahead(&clock)?)?;

        let redis = match options.redis {
            RedisAt::Own => Some(start_redis(options)?),
            RedisAt::External(_) => None,
        };
        let redis_url = match (&options.redis, &redis) {
            (RedisAt::External(url), _) => url.clone(),
            (RedisAt::Own, Some(redis)) => redis.url(),
            (RedisAt::Own, None) => return Err(Error::new("Redis was not started")),
        };
        let cluster = match options.databases {
            Databases::Own(keep) => {
                let programs = install::postgres(layout, options.progress)?;
                (options.progress)(&format!("starting PostgreSQL {}", programs.version()));
                Some(Cluster::start(layout, &programs, keep, &options.postgres_settings, options.progress)?)
            }
            Databases::Shared(_) | Databases::External(_) => None,
        };
        let databases = database_names(options, cluster.as_ref())?;
        let (ports, held_ports) =
            if options.lasting { kept_ports(&layout.private().join("ports"))? } else { any_ports()? };
        Ok(Self {
            environment: Environment {
                binaries: options.binaries.clone(),
                databases,
                redis: redis_url,
                keys,
                clock,
                ports,
                issuer: loopback(ports.gateway),
                settings: options.settings.clone(),
            },
            cluster,
            redis,
            held_ports,
            logs,
            bootstrap_lock: layout.private().join("bootstrap.lock"),
            scratch,
        })
    }
}

fn require_binaries(folder: &Path) -> Result<()> {
    match Process::ALL.into_iter().find(|process| !folder.join(process.binary()).is_file()) {
        None => Ok(()),
        Some(process) => {
            Err(Error::new(format!("{} is not in {}: run cargo build --workspace", process.binary(), folder.display())))
        }
    }
}

fn start_redis(options: &SystemOptions) -> Result<Redis> {
    let programs = install::redis(&options.layout, options.progress)?;
    (options.progress)(&format!("starting Redis {}", programs.version()));
    if options.lasting {
        Redis::start(&options.layout, &programs)
    } else {
        Redis::start_temporary(&options.layout, &programs)
    }
}

fn database_names(options: &SystemOptions, cluster: Option<&Cluster>) -> Result<DatabaseNames> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let own = cluster.map(Cluster::superuser_url).unwrap_or_default();
    Ok(match &options.databases {
        Databases::Own(_) => DatabaseNames::new(own, String::new(), None),
        Databases::Shared(url) => {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            let suffix = format!("_{}_{number}", std::process::id());
            DatabaseNames::new(url.clone(), suffix, None)
        }
        Databases::External(url) => {
            let password = kept_password(&options.layout)?;
            DatabaseNames::new(url.clone(), String::new(), Some(password))
        }
    })
}

fn any_ports() -> Result<(Ports, Vec<HeldPort>)> {
    choose_ports(HeldPort::any()?, |_| HeldPort::any())
}

/// The ports of the last time, as far as they are free, so that addresses and
/// tokens stay valid over a restart.
fn kept_ports(file: &Path) -> Result<(Ports, Vec<HeldPort>)> {
    let kept = fs::read_to_string(file).unwrap_or_default();
    let last = |name: &str| -> Option<HeldPort> {
        let number = kept.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        // A process whose launcher was killed may be about to let go of it.
        HeldPort::soon(number?)
    };
    let gateway = match last("gateway ") {
        Some(port) => port,
        None => HeldPort::from(USUAL_GATEWAY_PORT)?,
    };
    let (ports, held) = choose_ports(gateway, |name| match last(&format!("{name} ")) {
        Some(port) => Ok(port),
        None => HeldPort::any(),
    })?;
    let text = format!(
        "gateway {}\ngateway_internal {}\nreferral {}\nyouth_justice {}\nperformance {}\n",
        ports.gateway, ports.gateway_internal, ports.referral, ports.youth_justice, ports.performance
    );
    fs::write(file, text).attempt(|| format!("write {}", file.display()))?;
    Ok((ports, held))
}

fn choose_ports(gateway: HeldPort, mut choose: impl FnMut(&str) -> Result<HeldPort>) -> Result<(Ports, Vec<HeldPort>)> {
    let internal = choose("gateway_internal")?;
    let referral = choose("referral")?;
    let youth_justice = choose("youth_justice")?;
    let performance = choose("performance")?;
    let ports = Ports {
        gateway: gateway.number(),
        gateway_internal: internal.number(),
        referral: referral.number(),
        youth_justice: youth_justice.number(),
        performance: performance.number(),
    };
    Ok((ports, vec![gateway, internal, referral, youth_justice, performance]))
}

/// The gateway's address at the last `./threshold up` of this checkout.
///
/// # Errors
/// When it was never up.
pub fn last_issuer(layout: &Layout) -> Result<String> {
    fs::read_to_string(layout.private().join("ports"))
        .ok()
        .and_then(|text| text.lines().find_map(|line| line.strip_prefix("gateway ")?.parse().ok()))
        .map(loopback)
        .ok_or_else(|| Error::new("it is not up: run ./threshold up"))
}
