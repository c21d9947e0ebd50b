//! Whether the gateway can do its work, and whether the services behind it say they can.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel_async::SimpleAsyncConnection;
use futures::future::join_all;
use serde::Serialize;
use shared::auth::Verifier;
use shared::service::Service;
use std::collections::BTreeMap;

use crate::proxy::Proxy;
use crate::route::Upstream;

/// The parts the gateway needs, each with whether it is there.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: bool,
    trust: bool,
    /// A service that is away makes the gateway no less able to pass on what is for the others.
    services: BTreeMap<&'static str, bool>,
}

/// `GET /health/ready`: 200 if the database answers and it is known who is signed in, else 503.
pub async fn ready(service: Data<Service>, verifier: Data<Arc<Verifier>>, proxy: Data<Proxy>) -> HttpResponse {
    let asked = async {
        let mut connection = service.pool().get().await.ok()?;
        connection.batch_execute("SELECT 1").await.ok()
    };
    let database = tokio::time::timeout(Duration::from_millis(900), asked);
    let services = join_all(Upstream::ALL.map(|upstream| {
        let proxy = proxy.clone();
        async move { (upstream.name(), proxy.is_ready(upstream).await) }
    }));
    let (database, services) = futures::join!(database, services);
    let database = database.ok().flatten().is_some();
    let trust = verifier.is_ready();
    let readiness = Readiness { ready: database && trust, database, trust, services: services.into_iter().collect() };
    if readiness.ready {
        HttpResponse::Ok().json(readiness)
    } else {
        HttpResponse::ServiceUnavailable().json(readiness)
    }
}
