//! `/v1/feedback-questions`, and feedback under cases, groups and brief interventions.

mod give;
mod read;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read::list_feedback_questions)
        .service(read::read_feedback)
        .service(give::give_case_feedback)
        .service(read::read_case_feedback)
        .service(give::give_group_feedback)
        .service(read::read_group_feedback)
        .service(give::give_brief_feedback)
        .service(read::read_brief_feedback);
}
