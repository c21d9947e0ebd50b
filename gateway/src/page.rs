//! Pages for people, rendered on the server, and the one style sheet they use.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::http::{Method, StatusCode};
use actix_web::web;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use shared::problem::Problem;

use crate::{headers, proxy};

/// A page, under the policy of pages.
pub fn html(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::build(status)
            .insert_header((CONTENT_SECURITY_POLICY, headers::PAGE))
            .content_type("text/html; charset=utf-8")
            .body(text),
        Err(error) => Problem::internal(&error).error_response(),
    }
}

/// The style sheet.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/assets/style.css").route(web::get().to(style)).default_service(web::to(wrong_method)));
}

async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(include_str!("../assets/style.css"))
}

/// Pages are read, and only the sign-in's form is sent.
pub async fn wrong_method(request: actix_web::HttpRequest) -> HttpResponse {
    let problem = if request.path() == "/oauth/authorize" {
        proxy::wrong_method(&[Method::GET, Method::POST])
    } else {
        proxy::wrong_method(&[Method::GET])
    };
    problem.error_response()
}
