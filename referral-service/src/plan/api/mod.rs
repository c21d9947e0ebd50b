//! Plans and actions over HTTP.

mod action;
mod answer;
mod plan;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(plan::routes).configure(action::routes).configure(answer::routes);
}
