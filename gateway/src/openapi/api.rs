//! `/openapi.json` and the pages below `/docs`.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH};
use actix_web::middleware::Compress;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use shared::problem::Problem;

use super::{DOCUMENT, Reference};
use crate::{headers, page};

/// The document and the reference. They are the same for everybody, so packing them tells nothing.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/openapi.json")
                .wrap(Compress::default())
                .route(web::get().to(document))
                .default_service(web::to(page::wrong_method)),
        )
        .service(
            web::resource(["/docs", "/docs/{page:.*}"])
                .wrap(Compress::default())
                .route(web::get().to(reference))
                .default_service(web::to(page::wrong_method)),
        );
}

async fn document(request: HttpRequest, reference: Data<Reference>) -> HttpResponse {
    give(&request, "application/json", &reference.tag, Bytes::from_static(DOCUMENT.as_bytes()))
}

async fn reference(request: HttpRequest, reference: Data<Reference>) -> HttpResponse {
    match reference.page(request.path()) {
        Some(text) => give(&request, "text/html; charset=utf-8", &reference.tag, text),
        None => Problem::not_found().error_response(),
    }
}

/// Something that changes only with a release.
fn give(request: &HttpRequest, media: &str, tag: &str, body: Bytes) -> HttpResponse {
    let known = request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "public, max-age=60"));
    if known {
        return response.finish();
    }
    if media.starts_with("text/html") {
        response.insert_header((CONTENT_SECURITY_POLICY, headers::PAGE));
    }
    response.content_type(media).body(body)
}
