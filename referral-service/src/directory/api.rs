//! All addresses of the directory.

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .configure(super::organisation::routes)
        .configure(super::matching::routes)
        .configure(super::import::routes)
        .configure(super::service::routes)
        .configure(super::feed::routes);
}
