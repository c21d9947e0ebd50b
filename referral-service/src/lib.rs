//! The front door and early help: what referrers tell, what First Response and the hubs
//! decide, which service takes it on and what came of it; and the person index.
//!
//! One folder for each capability. The kernel is what other slices act on and reach one another by:
//! `referral`, `people`, `contact`, `family`, `measurement`, whether a service may be asked (`provision`),
//! and `alert`, by which anyone tells anyone else at once.

pub mod alert;
pub mod allocation;
pub mod assessment;
pub mod batch;
pub mod brief_intervention;
pub mod case_audit;
pub mod case_note;
pub mod closure;
pub mod codes;
pub mod contact;
pub mod development;
pub mod directory;
pub mod draft;
pub mod exploitation;
pub mod family;
pub mod family_voice;
pub mod feedback;
pub mod group;
pub mod hub;
pub mod information_request;
pub mod measurement;
pub mod message;
pub mod missing;
pub mod onward;
pub mod panel;
pub mod partner_list;
pub mod people;
pub mod plan;
pub mod policy;
pub mod provision;
pub mod referral;
pub mod schema;
pub mod search;
pub mod service_consent;
pub mod sheet;
pub mod short_break;
pub mod step;
pub mod team_around;
pub mod triage;
pub mod work;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared::server::Program;
use utoipa_actix_web::service_config::ServiceConfig;

/// This service's own migrations.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// The process.
pub static PROGRAM: Program = Program {
    name: "referral-service",
    roles: "referral",
    description: "The front door and early help: referrals, their screening, the hubs' decisions, allocations to \
                  services, and the person index.",
    migrations: || MIGRATIONS,
    routes,
    internal: |app| {
        people::internal(app);
        work::part(app);
    },
    actions: policy::ALL,
    start: |background, _| {
        actix_web::rt::spawn(alert::chaser::run(background.clone()));
        actix_web::rt::spawn(draft::expiry::run(background.clone()));
        actix_web::rt::spawn(batch::worker::run(background.clone()));
        actix_web::rt::spawn(people::sound::filling::run(background.clone()));
        actix_web::rt::spawn(onward::expiry::run(background.clone()));
        actix_web::rt::spawn(partner_list::expiry::run(background.clone()));
        Ok(())
    },
};

/// Every documented route.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(contact::routes)
        .configure(draft::routes)
        .configure(batch::routes)
        // Before the referral's own, which would take `queue` for an id.
        .configure(triage::routes)
        .configure(referral::routes)
        .configure(step::routes)
        .configure(service_consent::routes)
        .configure(message::routes)
        .configure(information_request::routes)
        .configure(hub::routes)
        .configure(panel::routes)
        .configure(allocation::routes)
        .configure(people::routes)
        .configure(codes::routes)
        .configure(alert::routes)
        .configure(missing::routes)
        .configure(directory::routes);
    config
        .configure(family::routes)
        .configure(plan::routes)
        .configure(team_around::routes)
        .configure(case_note::routes);
    config.configure(assessment::routes);
    config.configure(closure::routes);
    config.configure(family_voice::routes);
    config.configure(case_audit::routes);
    config.configure(exploitation::routes);
    config.configure(search::routes);
    config.configure(onward::routes);
    config.configure(group::routes);
    config.configure(brief_intervention::routes);
    config.configure(feedback::routes);
    config.configure(development::routes);
    config.configure(partner_list::routes);
    config.configure(short_break::routes);
}
