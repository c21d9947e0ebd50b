//! The operations: standards, samples, audits, actions.

mod action;
mod audit;
mod file;
mod grade;
mod sample;
mod view;

use super::{domain, store};
use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(sample::routes)
        .configure(audit::routes)
        .configure(file::routes)
        .configure(grade::routes)
        .configure(action::routes);
}
