//! `/v1/panels` and `/v1/panel-cases`.

mod case;
mod member;

use utoipa_actix_web::service_config::ServiceConfig;

use super::store;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(member::list_panel_members)
        .service(member::add_panel_member)
        .service(member::end_panel_membership)
        .service(case::list_panel_cases)
        .service(case::read_panel_case)
        .service(case::record_panel_outcome);
}
