//! `/v1/partner-agreements`, `/v1/partner-lists` and `/v1/partner-families`.

mod agreement;
mod family;
mod list;
mod offer;
mod review;

use utoipa_actix_web::service_config::ServiceConfig;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(agreement::list_partner_agreements)
        .service(agreement::register_partner_agreement)
        .service(agreement::read_partner_agreement)
        .service(review::review_partner_agreement)
        .service(review::end_partner_agreement)
        .service(list::list_partner_lists)
        .service(list::send_partner_list)
        .service(list::send_partner_list_file)
        .service(list::read_partner_list)
        .service(family::list_partner_families)
        .service(family::read_partner_family)
        .service(family::decide_partner_match)
        .service(offer::move_partner_offer);
}
