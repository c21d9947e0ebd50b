//! The gateway: the one address of the product. It signs people and partners' systems in, limits and
//! passes on what they ask to the service that answers it, and holds the API's reference. Its own
//! database knows agencies, users and clients, and no child or family.

mod body;
mod config;
mod headers;
mod health;
mod identity;
pub mod limit;
mod openapi;
mod page;
mod password;
pub mod peer;
mod policy;
mod proxy;
mod revocation;
pub mod route;
mod schema;
pub mod serve;
pub mod token;
mod work;
mod worker;

use std::process::ExitCode;

use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use shared::openapi::document;
use shared::server::Program;
use utoipa_actix_web::service_config::ServiceConfig;

/// What the gateway's own part of the reference says it is.
const DESCRIPTION: &str = "Tokens, and the agencies, teams, users and clients of the partnership.";

/// The gateway, as far as it is a service like the others.
pub static PROGRAM: Program = Program {
    name: "gateway",
    roles: "gateway",
    description: DESCRIPTION,
    migrations,
    routes,
    internal: |_| {},
    actions: policy::ALL,
    start: |_, _| Ok(()),
};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

fn migrations() -> EmbeddedMigrations {
    MIGRATIONS
}

fn routes(config: &mut ServiceConfig) {
    token::routes(config);
    identity::routes(config);
    work::routes(config);
}

/// Runs the command the process was called with.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = arguments.split_first().map_or(("serve", [].as_slice()), |(c, rest)| (c.as_str(), rest));
    let outcome = match command {
        "serve" => actix_web::rt::System::new().block_on(serve::serve()),
        "admin" => actix_web::rt::System::new().block_on(admin(rest)),
        "merge-openapi" => openapi::merge_files(rest).map(|text| println!("{text}")),
        "bootstrap" | "migrate" | "openapi" | "access-table" => return shared::server::main(&PROGRAM),
        other => Err(format!(
            "unknown command {other}; try serve, migrate, bootstrap, admin, openapi, merge-openapi or access-table"
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("gateway: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn admin(arguments: &[String]) -> Result<(), String> {
    let new = identity::admin::NewAdministrator::parse(arguments)?;
    let worker = shared::config::database_url("THRESHOLD_WORKER_DATABASE_URL")?;
    println!("{}", identity::admin::create_administrator(&worker, new).await?);
    Ok(())
}

/// The gateway's own OpenAPI document.
///
/// # Errors
/// If it can't be written as JSON.
pub fn own_document() -> Result<serde_json::Value, String> {
    document(PROGRAM.name, DESCRIPTION, routes)
}
