//! Whether a process lives, and whether it can do its work.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::Data;
use diesel_async::SimpleAsyncConnection;
use serde::Serialize;

use crate::auth::Verifier;
use crate::service::Service;

/// The parts a process needs, each with whether it is there.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: bool,
    trust: bool,
}

/// `GET /health/live`: the process answers.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "live": true }))
}

/// `GET /health/ready`: 200 if the database answers and it is known who is signed in, else 503.
pub async fn ready(service: Data<Service>, verifier: Data<Arc<Verifier>>) -> HttpResponse {
    let asked = async {
        let mut connection = service.pool().get().await.ok()?;
        connection.batch_execute("SELECT 1").await.ok()
    };
    let database = tokio::time::timeout(Duration::from_millis(900), asked).await.ok().flatten().is_some();
    let trust = verifier.is_ready();
    let readiness = Readiness { ready: database && trust, database, trust };
    if readiness.ready {
        HttpResponse::Ok().json(readiness)
    } else {
        HttpResponse::ServiceUnavailable().json(readiness)
    }
}
