//! How the gateway starts, listens and stops: one public listener, and one for the other
//! processes, which is never reached through the public one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::header::LOCATION;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpResponse, HttpServer, ResponseError};
use chrono::Utc;
use serde_json::Value;
use shared::auth::{ServiceIdentity, Verifier};
use shared::background::Background;
use shared::clock::Clock;
use shared::code::SharedRules;
use shared::openapi::Methods;
use shared::problem::Problem;
use shared::service::Service;
use shared::{audit, db, housekeeping, telemetry};
use utoipa_actix_web::AppExt;

use crate::config::Settings;
use crate::headers::{Tls, secured};
use crate::identity::agency;
use crate::limit::{Limiter, limited};
use crate::openapi::{self, Reference};
use crate::proxy::{self, Proxy};
use crate::route::{self, Upstreams};
use crate::token::{self, Issuer, Keyring};
use crate::{PROGRAM, health, page, revocation, worker};

/// Connections of the web role for each of the server's threads: only identity is served from here.
const POOL_PER_THREAD: usize = 8;
/// How long requests in flight may take to finish when the process stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 15;
/// How often revocations are read for the gateway's own verifier.
const READ_EVERY: Duration = Duration::from_secs(2);
/// How often what has expired is thrown away.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// What the threads of the gateway share.
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
    /// What makes tokens.
    pub issuer: Issuer,
    /// What counts callers.
    pub limiter: Limiter,
    /// The services behind.
    pub upstreams: Upstreams,
    /// How long a service may take for a whole answer.
    pub answer_within: Duration,
}

/// Serves until told to stop.
///
/// # Errors
/// One line that says what is missing or wrong.
pub async fn serve() -> Result<(), String> {
    telemetry::start();
    let settings = Settings::from_env()?;
    let clock = Clock::following(settings.clock);
    let background = Background::new(PROGRAM.name, &settings.databases.worker, None, clock.clone())?;
    let own = (PROGRAM.migrations)();
    db::check_serving_role(&db::pool(&settings.databases.web, 1)?, &own).await?;
    db::check_serving_role(background.pool(), &own).await?;
    let rules = SharedRules::default();
    rules.refresh(background.pool()).await?;
    let issuer = Issuer {
        address: settings.trust.issuer.clone(),
        keys: Keyring::open(&settings.signing_keys, token::SETTLES_IN)?,
        pool: background.pool().clone(),
    };
    let wiring = Wiring {
        web_url: settings.databases.web,
        clock,
        rules: rules.clone(),
        verifier: Arc::new(Verifier::new(&settings.trust.issuer)),
        identity: ServiceIdentity::read(PROGRAM.name, &settings.trust)?,
        issuer,
        limiter: Limiter::new(settings.limits, settings.proxies, settings.redis.as_deref())?,
        upstreams: settings.upstreams,
        answer_within: settings.answer_within,
    };
    work(&wiring);
    actix_web::rt::spawn(rules.keep_fresh(background.pool().clone()));
    actix_web::rt::spawn(audit::run_sequencer(background.pool().clone()));
    actix_web::rt::spawn(housekeeping::run(background.pool().clone()));
    let (internal, within) = listen_internal(&wiring, &settings.internal.bind)?;
    let (public, bound) = listen(wiring, &settings.public.bind)?;
    tracing::info!(service = PROGRAM.name, bind = %bound, internal = %within, "serving");
    futures::try_join!(public, internal).map_err(|error| error.to_string())?;
    tracing::info!(service = PROGRAM.name, "stopped");
    Ok(())
}

/// Starts what keeps the verifier and the keys up to date, and throws away what has expired.
pub fn work(wiring: &Wiring) {
    let verifier = wiring.verifier.clone();
    verifier.learn_keys(&wiring.issuer.keys.current().jwks);
    actix_web::rt::spawn(wiring.issuer.keys.clone().keep_fresh({
        let verifier = verifier.clone();
        move |jwks| verifier.learn_keys(jwks)
    }));
    let pool = wiring.issuer.pool.clone();
    actix_web::rt::spawn(async move {
        loop {
            match worker::transaction(&pool, async |connection| Ok(revocation::feed(connection).await?)).await {
                Ok(feed) => verifier.learn_revocations(&feed),
                Err(problem) => tracing::warn!(cause = %problem, "revocations not read"),
            }
            tokio::time::sleep(if verifier.is_ready() { READ_EVERY } else { Duration::from_millis(200) }).await;
        }
    });
    let pool = wiring.issuer.pool.clone();
    actix_web::rt::spawn(async move {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            let now = Utc::now();
            let forgotten = worker::transaction(&pool, async |connection| {
                revocation::forget(connection).await?;
                token::sign_in::forget(connection, now).await?;
                Ok(token::forget(connection, now).await?)
            });
            if let Err(problem) = forgotten.await {
                tracing::warn!(cause = %problem, "what has expired is still there");
            }
        }
    });
}

/// Begins to listen to the public; the answer is the running server and where it listens.
///
/// # Errors
/// If the address is taken, or the checked-in document can't be read.
pub fn listen(wiring: Wiring, bind: &str) -> Result<(Server, SocketAddr), String> {
    let merged: Value =
        serde_json::from_str(openapi::DOCUMENT).map_err(|error| format!("docs/openapi.json: {error}"))?;
    // The gateway's own part may be newer than the document that was checked in.
    let methods = Methods::of(&openapi::with_own_paths(merged.clone(), &crate::own_document()?));
    let reference = Reference::of(&merged, &wiring.issuer.address)?;
    let tls = Tls(wiring.issuer.address.starts_with("https://"));
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8));
    Proxy::new(wiring.upstreams.clone(), wiring.answer_within)?;
    let server = HttpServer::new(move || {
        // A pool and a client for each thread: a connection's driver runs where it was made, and
        // serving from another thread would cost a wake-up across threads each time.
        let pool = db::pool(&wiring.web_url, POOL_PER_THREAD);
        let proxy = Proxy::new(wiring.upstreams.clone(), wiring.answer_within);
        App::new()
            .configure(|app| {
                if let (Ok(pool), Ok(proxy)) = (pool, proxy) {
                    app.app_data(Data::new(Service::new(pool, wiring.clock.clone(), wiring.rules.clone())));
                    app.app_data(Data::new(proxy));
                }
            })
            .app_data(Data::new(wiring.verifier.clone()))
            .app_data(Data::new(wiring.issuer.clone()))
            .app_data(Data::new(wiring.limiter.clone()))
            .app_data(Data::new(methods.clone()))
            .app_data(Data::new(reference.clone()))
            .app_data(Data::new(tls))
            .wrap(from_fn(limited))
            .wrap(from_fn(only_normal))
            .wrap(from_fn(secured))
            .wrap(from_fn(telemetry::observe))
            .route("/", web::get().to(front))
            .route("/health/live", web::get().to(shared::health::live))
            .route("/health/ready", web::get().to(health::ready))
            .configure(page::routes)
            .configure(openapi::routes)
            .configure(token::sign_in::routes)
            .into_utoipa_app()
            .configure(crate::routes)
            .into_app()
            .default_service(web::to(proxy::pass_on))
    })
    .workers(threads)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    // As the services do: else a long answer waits for a delayed acknowledgement.
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .bind(bind)
    .map_err(|error| format!("cannot listen at {bind}: {error}"))?;
    let bound = server.addrs().first().copied().ok_or("listening nowhere")?;
    Ok((server.run(), bound))
}

/// Begins to listen to the other processes.
///
/// # Errors
/// If the address is taken.
pub fn listen_internal(wiring: &Wiring, bind: &str) -> Result<(Server, SocketAddr), String> {
    let (issuer, identity) = (wiring.issuer.clone(), wiring.identity.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(issuer.pool.clone()))
            .app_data(Data::new(issuer.clone()))
            .app_data(Data::new(identity.clone()))
            .route("/internal/agencies", web::get().to(agency::internal_agencies))
            .route("/internal/jwks", web::get().to(token::internal_jwks))
            .route("/internal/revocations", web::get().to(token::internal_revocations))
            .route("/health/live", web::get().to(shared::health::live))
            .route("/metrics", web::get().to(telemetry::metrics))
            .default_service(web::to(|| async { Problem::not_found().error_response() }))
    })
    .workers(1)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .tcp_nodelay(true)
    .bind(bind)
    .map_err(|error| format!("cannot listen at {bind}: {error}"))?;
    let bound = server.addrs().first().copied().ok_or("listening nowhere")?;
    Ok((server.run(), bound))
}

async fn front() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, "/docs")).finish()
}

/// Middleware: an address that isn't written in its one normal form does not exist. Judged on
/// the path as it was sent, before anything decodes it.
async fn only_normal(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.uri().path();
    if path == "/" || route::is_normal(path) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.into_response(Problem::not_found().error_response()))
}
