//! performance-service: the figures the partners steer by. Facts projected from the event logs of
//! other services, indicators counted over them, figures that others published, and the dashboards
//! that show both.
//!
//! One folder per capability; [`measure`] is the kernel they share, and none knows another.

pub mod dashboard;
pub mod figure;
pub mod indicator;
pub mod measure;
pub mod observation;
pub mod policy;
pub mod projection;
pub mod schema;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared::auth::ServiceIdentity;
use shared::background::Background;
use shared::client::Peer;
use shared::config;
use shared::events::run_consumer;
use shared::server::Program;
use utoipa_actix_web::service_config::ServiceConfig;

/// This service's own tables.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The service.
pub static PROGRAM: Program = Program {
    name: "performance-service",
    roles: "performance",
    description: "Indicators, observations and dashboards of the partnership.",
    migrations: || MIGRATIONS,
    routes,
    internal: |_| {},
    actions: policy::ALL,
    start,
};

fn routes(config: &mut ServiceConfig) {
    indicator::routes(config);
    observation::routes(config);
    dashboard::routes(config);
    figure::routes(config);
}

/// Reads referral-service's events for as long as the process runs.
fn start(background: &Background, identity: &ServiceIdentity) -> Result<(), String> {
    let referral = Peer::new("referral-service", &config::peer_url("THRESHOLD_REFERRAL_URL")?, identity.clone())?;
    actix_web::rt::spawn(run_consumer(background.clone(), referral, projection::Projection));
    Ok(())
}
