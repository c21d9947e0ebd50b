//! `/v1/cases/{id}/assessments`, `/v1/cases/{id}/reviews`, `/v1/assessments` and what they are taken by.

mod begin;
mod journey;
mod read;
mod reference;
mod write;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(reference::read_outcome_ladder)
        .service(reference::list_issue_questions)
        .service(begin::begin_assessment)
        .service(begin::begin_review)
        .service(begin::correct_assessment)
        .service(read::list_assessments)
        .service(read::read_assessment)
        .service(write::write_assessment)
        .service(write::complete_assessment)
        .service(write::discard_assessment)
        .service(journey::read_journey);
}
