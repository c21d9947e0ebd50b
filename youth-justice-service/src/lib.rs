//! youth-justice-service: what the youth justice service does with young people, so far the
//! prevention cases that an allocation from the early help hub becomes.
//!
//! `person_copy` is the service's kernel: names and birth dates that every slice shows. The
//! slices are `prevention`, `work`, and `referral_events`, which takes in what referral-service tells.

pub mod person_copy;
pub mod policy;
pub mod prevention;
pub mod referral_events;
pub mod schema;
pub mod work;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared::auth::ServiceIdentity;
use shared::background::Background;
use shared::client::{OnBehalf, Peer};
use shared::server::Program;
use shared::{config, events};
use utoipa_actix_web::service_config::ServiceConfig;

/// The service that owns referrals, allocations and the person index.
pub const OWNER: &str = "referral-service";

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The process.
pub static PROGRAM: Program = Program {
    name: "youth-justice-service",
    roles: "youth_justice",
    description: "Prevention cases of the youth justice service: offered by the hub, asked for, worked and closed.",
    migrations,
    routes,
    internal,
    actions: policy::ALL,
    start,
};

fn migrations() -> EmbeddedMigrations {
    MIGRATIONS
}

fn routes(cfg: &mut ServiceConfig) {
    prevention::routes(cfg);
}

/// `start` has refused a missing setting before this is asked.
fn internal(cfg: &mut actix_web::web::ServiceConfig) {
    work::part(cfg);
    if let Ok(owner) = config::peer_url("THRESHOLD_REFERRAL_URL").and_then(|url| OnBehalf::new(OWNER, &url)) {
        cfg.app_data(actix_web::web::Data::new(owner));
    }
}

fn start(background: &Background, identity: &ServiceIdentity) -> Result<(), String> {
    start_against(background, identity, &config::peer_url("THRESHOLD_REFERRAL_URL")?)
}

/// Starts the background work against referral-service at `url`: taking in its events, and
/// copying names.
///
/// # Errors
/// If the client can't be built.
pub fn start_against(background: &Background, identity: &ServiceIdentity, url: &str) -> Result<(), String> {
    let owner = Peer::new(OWNER, url, identity.clone())?;
    actix_web::rt::spawn(events::run_consumer(background.clone(), owner.clone(), referral_events::ReferralEvents));
    actix_web::rt::spawn(person_copy::run(background.clone(), owner));
    Ok(())
}
