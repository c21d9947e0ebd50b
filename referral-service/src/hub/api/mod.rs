//! `/v1/hubs` and `POST /v1/referrals/{id}/hub-decision`.

mod agenda;
mod deciding;
mod decision;
pub mod form;
mod item;
mod meeting;
mod note;
mod practice;
mod queue;
mod session;
mod view;

use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::service::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain;
use super::store;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(queue::list_hub_referrals)
        .service(practice::read_hub_practice)
        .service(practice::change_hub_practice)
        .service(meeting::plan_hub_meeting)
        .service(meeting::list_hub_meetings)
        .service(meeting::read_hub_meeting)
        .service(meeting::change_hub_meeting)
        .service(session::record_hub_attendance)
        .service(session::open_hub_meeting)
        .service(session::close_hub_meeting)
        .service(agenda::build_hub_agenda)
        .service(agenda::read_hub_agenda)
        .service(item::add_hub_item)
        .service(item::read_hub_item)
        .service(item::remove_hub_item)
        .service(decision::decide_hub_item)
        .service(decision::decide_at_hub)
        .service(note::list_hub_notes)
        .service(note::acknowledge_hub_note);
}

/// The scope of a district's hub. A hub one doesn't sit on is not found: only those hold its scope who
/// sit on it, in the role of a hub member.
fn hub_scope(actor: &Actor, locality: &str) -> Result<String, Problem> {
    let scope = format!("hub:{locality}");
    if actor.scopes().contains(&scope) { Ok(scope) } else { Err(Problem::not_found()) }
}

/// A district there is.
fn known_locality(service: &Service, locality: &str) -> Result<(), Problem> {
    let known = service.rules().has_code("locality", locality, service.now().local_day());
    if known { Ok(()) } else { Err(Problem::not_found()) }
}
