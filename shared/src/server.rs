//! How a process starts, serves and stops: the same for every service.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError};
use diesel_migrations::EmbeddedMigrations;
use utoipa_actix_web::AppExt;

use crate::access::{self, Action};
use crate::auth::{ServiceIdentity, Verifier};
use crate::background::Background;
use crate::client::Peer;
use crate::clock::Clock;
use crate::code::SharedRules;
use crate::config::{self, Address, Databases, Trust};
use crate::openapi::{Methods, Routes, document};
use crate::problem::{self, Problem};
use crate::service::Service;
use crate::{audit, db, events, health, housekeeping, telemetry};

/// Connections of the web role for each of the server's threads.
const POOL_PER_THREAD: usize = 16;
/// Threads that serve.
const THREADS: usize = 2;
/// How long requests in flight may take to finish when the process stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 15;

/// All that one service differs by.
pub struct Program {
    /// The process: `referral-service`.
    pub name: &'static str,
    /// What its database roles begin with: `referral`.
    pub roles: &'static str,
    /// What the reference says it is.
    pub description: &'static str,
    /// Its own migrations; the shared ones come first.
    pub migrations: fn() -> EmbeddedMigrations,
    /// Its documented routes.
    pub routes: Routes,
    /// Its `/internal/*` routes and what its handlers need besides [`Service`].
    pub internal: fn(&mut web::ServiceConfig),
    /// Its actions.
    pub actions: &'static [&'static Action],
    /// Starts its own background work.
    pub start: fn(&Background, &ServiceIdentity) -> Result<(), String>,
}

/// Runs the command the process was called with: `bootstrap`, `migrate`, `serve` (the default),
/// `openapi`, `access-table` or `new-epoch`.
pub fn main(program: &'static Program) -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_else(|| "serve".to_owned());
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let outcome = match command.as_str() {
        "serve" => actix_web::rt::System::new().block_on(serve(program)),
        "bootstrap" => runtime.block_on(bootstrap(program)),
        "migrate" => runtime.block_on(migrate(program)),
        "new-epoch" => runtime.block_on(async {
            let epoch = events::new_epoch(&config::required("THRESHOLD_WORKER_DATABASE_URL")?).await?;
            println!("{epoch}");
            Ok(())
        }),
        "openapi" => print_openapi(program),
        "access-table" => {
            print!("{}", access::render(program.name, program.actions));
            Ok(())
        }
        other => {
            Err(format!("unknown command {other}; try serve, migrate, bootstrap, openapi, access-table or new-epoch"))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => fail(&format!("{}: {cause}", program.name)),
    }
}

fn fail(cause: &str) -> ExitCode {
    eprintln!("{cause}");
    ExitCode::FAILURE
}

async fn bootstrap(program: &Program) -> Result<(), String> {
    let superuser = config::required("THRESHOLD_BOOTSTRAP_DATABASE_URL")?;
    let owner = config::required("THRESHOLD_OWNER_DATABASE_URL")?;
    let parsed: tokio_postgres::Config =
        owner.parse().map_err(|error| format!("THRESHOLD_OWNER_DATABASE_URL: {error}"))?;
    let database = parsed.get_dbname().ok_or("THRESHOLD_OWNER_DATABASE_URL names no database")?;
    db::bootstrap(&superuser, program.roles, database).await
}

async fn migrate(program: &Program) -> Result<(), String> {
    let applied = db::migrate(&config::required("THRESHOLD_OWNER_DATABASE_URL")?, (program.migrations)()).await?;
    println!("{}: {} migrations applied", program.name, applied.len());
    Ok(())
}

fn print_openapi(program: &Program) -> Result<(), String> {
    let api = document(program.name, program.description, program.routes)?;
    println!("{api:#}");
    Ok(())
}

/// What the threads of one server share.
#[derive(Clone)]
pub struct Wiring {
    /// The web role's address.
    pub web_url: String,
    /// The business clock.
    pub clock: Clock,
    /// The dated rules.
    pub rules: SharedRules,
    /// Who is believed.
    pub verifier: Arc<Verifier>,
    /// Who this process is.
    pub identity: ServiceIdentity,
    /// Background connections.
    pub background: Background,
}

async fn serve(program: &'static Program) -> Result<(), String> {
    telemetry::start();
    let address = Address::from_env()?;
    let databases = Databases::from_env()?;
    let trust = Trust::from_env()?;
    let clock = Clock::following(config::clock_file()?);
    let rules = SharedRules::default();
    let verifier = Arc::new(Verifier::new(&trust.issuer));
    let background = Background::new(program.name, &databases.worker, config::redis_url()?.as_deref(), clock.clone())?
        .acting(&databases.web, rules.clone())?
        .believing(verifier.clone());
    let identity = ServiceIdentity::read(program.name, &trust)?;
    let own = (program.migrations)();
    db::check_serving_role(&db::pool(&databases.web, 1)?, &own).await?;
    db::check_serving_role(background.pool(), &own).await?;
    rules.refresh(background.pool()).await?;
    let gateway = Peer::new("gateway", &trust.gateway, identity.clone())?;
    actix_web::rt::spawn(rules.clone().keep_learning_agencies(gateway.clone()));
    actix_web::rt::spawn(verifier.clone().keep_learning(gateway));
    actix_web::rt::spawn(rules.clone().keep_fresh(background.pool().clone()));
    actix_web::rt::spawn(events::run_relay(background.clone()));
    actix_web::rt::spawn(audit::run_sequencer(background.pool().clone()));
    actix_web::rt::spawn(housekeeping::run(background.pool().clone()));
    (program.start)(&background, &identity)?;
    let wiring = Wiring { web_url: databases.web, clock, rules, verifier, identity, background };
    let (server, bound) = listen(program, wiring, &address.bind)?;
    tracing::info!(service = program.name, bind = %bound, "serving");
    server.await.map_err(|error| error.to_string())?;
    tracing::info!(service = program.name, "stopped");
    Ok(())
}

/// Begins to listen; the answer is the running server and where it listens.
///
/// # Errors
/// If the address is taken.
pub fn listen(
    program: &'static Program,
    wiring: Wiring,
    bind: &str,
) -> Result<(actix_web::dev::Server, std::net::SocketAddr), String> {
    let api = document(program.name, program.description, program.routes)?;
    let methods = Methods::of(&api);
    let server = HttpServer::new(move || {
        // A pool for each thread: a connection's driver runs where the connection was made, and
        // serving from another thread would cost a wake-up across threads for each statement.
        let pool = db::pool(&wiring.web_url, POOL_PER_THREAD);
        App::new()
            .configure(|app| {
                if let Ok(pool) = pool {
                    let service = Service::new(pool, wiring.clock.clone(), wiring.rules.clone());
                    app.app_data(Data::new(service));
                }
            })
            .app_data(Data::new(wiring.verifier.clone()))
            .app_data(Data::new(wiring.identity.clone()))
            .app_data(Data::new(wiring.background.clone()))
            .app_data(Data::new(methods.clone()))
            // An id that is no id names nothing.
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
            .wrap(from_fn(telemetry::observe))
            .route("/health/live", web::get().to(health::live))
            .route("/health/ready", web::get().to(health::ready))
            .route("/metrics", web::get().to(telemetry::metrics))
            .route("/internal/events", web::get().to(events::feed))
            .configure(program.internal)
            .into_utoipa_app()
            .configure(program.routes)
            .into_app()
            .default_service(web::to(no_such_route))
    })
    .workers(THREADS)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    // An answer of some packets would else wait 40 ms for the other side's delayed acknowledgement.
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .bind(bind)
    .map_err(|error| format!("cannot listen at {bind}: {error}"))?;
    let bound = server.addrs().first().copied().ok_or("listening nowhere")?;
    Ok((server.run(), bound))
}

/// 405 with the methods the address takes, or 404.
async fn no_such_route(request: HttpRequest, methods: Data<Methods>) -> HttpResponse {
    let problem = match methods.allowed(request.path()) {
        Some(allowed) => {
            let list = allowed.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
            let problem = Problem::new(problem::METHOD_NOT_ALLOWED);
            match HeaderValue::from_str(&list) {
                Ok(value) => problem.header(ALLOW, value),
                Err(_) => problem,
            }
        }
        None => Problem::not_found(),
    };
    problem.error_response()
}
