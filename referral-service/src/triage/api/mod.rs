//! The front door's operations on a referral.

mod decision;
mod queue;
mod screening;
mod sign_off;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(queue::read_screening_queue)
        .service(screening::start_screening)
        .service(decision::decide_referral)
        .service(sign_off::sign_off_decision)
        .service(sign_off::read_sign_off);
}
