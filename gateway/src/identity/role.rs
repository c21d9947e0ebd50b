//! The roles, and what each is for. They are part of the program: `policy.rs` of each service
//! says what a role may do.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use shared::actor::{Actor, Role};
use shared::problem::Problem;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_roles);
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleEntry {
    /// As tokens and assignments spell it.
    code: Role,
    /// What it is for, and what decides whose records its holder sees.
    description: &'static str,
}

/// All the roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleList {
    /// The roles.
    items: Vec<RoleEntry>,
}

const fn description(role: Role) -> &'static str {
    match role {
        Role::Referrer => {
            "Tells First Response of a worry about a child or family, and follows what becomes of it. Sees its agency's referrals, status only."
        }
        Role::FirstResponseOfficer => "Screens and decides at First Response. Sees every referral at the front door.",
        Role::FirstResponseManager => "Leads First Response: decides, signs off and reviews.",
        Role::HubMember => "Sits on the early help hub. Sees what is listed for the districts in `localities`.",
        Role::ServiceWorker => "Works with families. Sees what is allocated to the services in `teams`.",
        Role::ServiceManager => {
            "Leads a service's team: gives work out, passes it on, audits case files. Sees what is allocated to the services in `teams`."
        }
        Role::YouthJusticeWorker => {
            "Works with young people in youth justice. Sees what is allocated to the services in `teams`."
        }
        Role::Analyst => "Keeps the partnership's figures.",
        Role::BoardMember => "Reads the partnership's figures.",
        Role::InformationGovernanceOfficer => {
            "Answers for who may see what: reads users, clients and access logs, and changes nothing."
        }
        Role::PartnershipAdministrator => "Keeps agencies, teams, users and clients of the whole partnership.",
        Role::AgencyAdministrator => "Keeps the users of its own agency.",
    }
}

/// List the roles
///
/// What can stand in `roles` of a user or a client.
#[utoipa::path(operation_id = "list_roles", tag = "identity",
    responses((status = 200, description = "All roles", body = RoleList)))]
#[get("/v1/roles")]
async fn list_roles(actor: Actor) -> Result<HttpResponse, Problem> {
    policy::ROLE_READ.require(&actor)?;
    let items = Role::ALL.map(|code| RoleEntry { code, description: description(code) }).into();
    Ok(HttpResponse::Ok().json(RoleList { items }))
}
