//! `/v1/information-requests`, and what of them stands on a referral and a person.

pub mod answer;
pub mod ask;
mod disclosure;
mod read;
mod source;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask::ask_for_information)
        .service(ask::cancel_information_request)
        .service(answer::answer_information_request)
        .service(read::list_information_requests)
        .service(read::read_information_request)
        .service(read::list_referral_information)
        .service(source::list_information_sources)
        .service(source::add_information_source)
        .service(disclosure::list_disclosures);
}
