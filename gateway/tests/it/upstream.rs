//! A service behind the gateway, which tells what reached it.

use std::time::Duration;

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

/// Starts it; the answer is its address.
pub fn start() -> String {
    let server = HttpServer::new(|| {
        App::new()
            .app_data(web::PayloadConfig::new(10 * 1024 * 1024))
            .route("/v1/referrals/slow", web::get().to(slow))
            .route("/v1/referrals/stream", web::get().to(drip))
            .default_service(web::to(tell))
    })
    .workers(1)
    .bind("127.0.0.1:0")
    .unwrap();
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    format!("http://{address}")
}

async fn tell(request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers: Value = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), Value::from(value.to_str().unwrap_or("?"))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    HttpResponse::Accepted()
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("etag", "\"1-full\""))
        .json(json!({ "method": request.method().as_str(), "uri": request.uri().to_string(), "headers": headers, "length": body.len() }))
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_secs(30)).await;
    HttpResponse::Ok().finish()
}

/// A first chunk at once, and the next when somebody has surely waited for it.
async fn drip() -> HttpResponse {
    let chunks = stream::iter([0u64, 400]).then(|wait| async move {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        Ok::<_, std::io::Error>(Bytes::from_static(b"drop"))
    });
    HttpResponse::Ok().streaming(Box::pin(chunks))
}
