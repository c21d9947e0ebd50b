//! The end of a case, and what is heard of the family afterwards. A case ends with an outcome; with
//! what was measured at the end, or why nothing was; and, where the exit is planned, with who goes on
//! helping and how the family asks again. The case and the allocation it rests on end together.
//! 3, 6, 9 and 12 months later the team asks how the family is.
//!
//! The service's workers close and ask; the same team reads it.

mod api;
mod domain;
mod event;
mod follow_up;
mod store;

pub use follow_up::LIST as FOLLOW_UPS;
use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(api::routes).configure(follow_up::routes);
}
