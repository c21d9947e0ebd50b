//! Who is in the partnership: agencies, their teams, the people who sign in and the partners'
//! systems, and what roles they hold. Kept by administrators; the token endpoint reads it.

pub mod admin;
pub mod agency;
mod assignment;
mod client;
mod colleague;
mod role;
mod team;
mod user;

use shared::problem::Problem;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

/// The documented routes.
pub fn routes(config: &mut ServiceConfig) {
    agency::routes(config);
    team::routes(config);
    user::routes(config);
    client::routes(config);
    colleague::routes(config);
    role::routes(config);
}

/// The id that an address names.
///
/// # Errors
/// 404 if it is none: then there is nothing at that address.
fn id_of(address: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(address).map_err(|_| Problem::not_found())
}
