//! The operations: what was said, consents, what may be told.

mod consent;
mod study;
mod voice;

use super::{domain, store};
use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(voice::routes).configure(consent::routes).configure(study::routes);
}
