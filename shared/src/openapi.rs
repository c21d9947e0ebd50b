//! The OpenAPI document: what every service's part has in common, and how the parts make one.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApiBuilder, SecurityRequirement};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{self, ProblemDocument};
use crate::schema;

/// The routes of a service, as one function of its `lib.rs`.
pub type Routes = fn(&mut ServiceConfig);

/// The document of one service, from its routes.
///
/// # Errors
/// If it can't be written as JSON.
pub fn document(title: &str, description: &str, routes: Routes) -> Result<Value, String> {
    let (_, collected) = actix_web::App::new().into_utoipa_app().configure(routes).split_for_parts();
    let mut components = collected.components.unwrap_or_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.security_schemes.insert("token".to_owned(), bearer.into());
    let problem = ComponentsBuilder::new().schema_from::<ProblemDocument>().build();
    components.schemas.extend(problem.schemas);
    let mut api = OpenApiBuilder::new()
        .info(InfoBuilder::new().title(title).description(Some(description)).version(env!("CARGO_PKG_VERSION")).build())
        .paths(collected.paths)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build();
    api.info.license = Some(utoipa::openapi::LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build());
    let mut api = serde_json::to_value(api).map_err(|error| error.to_string())?;
    if let Some(schemas) = api.pointer_mut("/components/schemas") {
        schema::want_text(schemas);
    }
    say_refusals(&mut api);
    Ok(api)
}

/// Every operation of a document, with its address.
pub fn operations(document: &mut Value) -> impl Iterator<Item = (&str, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.filter_map(move |(_, operation)| Some((path.as_str(), operation.as_object_mut()?)))
    })
}

/// Whether an operation needs no token.
pub fn is_open(operation: &Map<String, Value>) -> bool {
    operation.get("security").and_then(Value::as_array).is_some_and(|schemes| {
        schemes.is_empty() || schemes.iter().any(|scheme| scheme.as_object().is_some_and(Map::is_empty))
    })
}

/// Says of an operation that it may be refused with this status, unless it says so itself.
pub fn may_refuse(responses: &mut Map<String, Value>, status: &str) {
    responses.entry(status).or_insert_with(|| {
        json!({ "description": "",
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ProblemDocument" } } } })
    });
}

/// What an operation may be refused with whatever it does, said once for all of them: by what it takes, and by whether
/// it wants a token. Only what is peculiar to an operation stands beside its handler.
fn refusals(path: &str, operation: &Map<String, Value>) -> Vec<u16> {
    let names = |name: &str| {
        let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        parameters.filter_map(|parameter| parameter.get(name).and_then(Value::as_str)).collect::<Vec<_>>()
    };
    let body = operation.get("requestBody");
    let mut refused = Vec::new();
    if body.is_some_and(|body| body.pointer("/content/application~1json").is_some()) {
        refused.extend([problem::TOO_LARGE.status, problem::UNSUPPORTED_MEDIA.status]);
    }
    if is_open(operation) {
        return refused;
    }
    refused.extend([problem::UNAUTHENTICATED.status, problem::NOT_ALLOWED.status]);
    if path.contains('{') {
        refused.push(problem::NOT_FOUND.status);
    }
    if body.is_some() {
        refused.extend([problem::MALFORMED.status, problem::INVALID.status]);
    }
    if names("in").contains(&"query") {
        refused.push(problem::MALFORMED.status);
    }
    if names("name").contains(&"Idempotency-Key") {
        refused.push(problem::CONFLICT.status);
    }
    if names("name").contains(&"If-Match") {
        refused.extend([problem::STALE.status, problem::VERSION_REQUIRED.status]);
    }
    refused
}

fn say_refusals(api: &mut Value) {
    for (path, operation) in operations(api) {
        let refused = refusals(path, operation);
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            refused.iter().for_each(|status| may_refuse(responses, &status.to_string()));
        }
    }
}

/// One document from the documents of several services.
///
/// # Errors
/// If two of them define the same path, or the same schema name differently.
pub fn merge(title: &str, description: &str, parts: Vec<Value>) -> Result<Value, String> {
    let mut paths = BTreeMap::new();
    let mut schemas = BTreeMap::new();
    let mut schemes = BTreeMap::new();
    let object =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default();
    for part in &parts {
        for (path, item) in object(part, "/paths") {
            if paths.insert(path.clone(), item).is_some() {
                return Err(format!("two services define the path {path}"));
            }
        }
        for (name, schema) in object(part, "/components/schemas") {
            if schemas.get(&name).is_some_and(|other| *other != schema) {
                return Err(format!("two services define the schema {name} differently"));
            }
            schemas.insert(name, schema);
        }
        schemes.extend(object(part, "/components/securitySchemes"));
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": { "title": title, "description": description, "version": env!("CARGO_PKG_VERSION"),
                  "license": { "name": "MIT", "identifier": "MIT" } },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": schemes },
    }))
}

/// Which methods each documented path takes, so that another method is 405 and not 404.
#[derive(Clone, Default)]
pub struct Methods(Vec<(Vec<String>, Vec<Method>)>);

impl Methods {
    /// From a document.
    pub fn of(api: &Value) -> Self {
        let paths = api.pointer("/paths").and_then(Value::as_object).cloned().unwrap_or_default();
        Self(
            paths
                .iter()
                .map(|(path, item)| {
                    let methods = item.as_object().into_iter().flat_map(|item| item.keys());
                    let methods = methods.filter_map(|name| name.to_ascii_uppercase().parse().ok()).collect();
                    (path.split('/').map(str::to_owned).collect(), methods)
                })
                .collect(),
        )
    }

    /// The methods of the documented path that this one matches, if any.
    pub fn allowed(&self, path: &str) -> Option<Vec<Method>> {
        let segments: Vec<&str> = path.split('/').collect();
        let mut allowed = Vec::new();
        for (template, methods) in &self.0 {
            let fits = template.len() == segments.len()
                && template
                    .iter()
                    .zip(&segments)
                    .all(|(wanted, given)| (wanted.starts_with('{') && !given.is_empty()) || wanted == given);
            if fits {
                allowed.extend(methods.iter().cloned());
            }
        }
        if allowed.is_empty() { None } else { Some(allowed) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn said_of(path: &str, operation: &Value) -> Vec<u16> {
        refusals(path, operation.as_object().unwrap())
    }

    #[test]
    fn an_operation_says_what_it_may_be_refused_with() {
        let changes = json!({ "requestBody": { "content": { "application/json": {} } },
            "parameters": [{ "name": "Idempotency-Key", "in": "header" }, { "name": "If-Match", "in": "header" }] });
        let mut said = said_of("/v1/a/{id}/step", &changes);
        said.sort_unstable();
        assert_eq!(said, [400, 401, 403, 404, 409, 412, 413, 415, 422, 428]);
        assert_eq!(said_of("/v1/a", &json!({ "parameters": [{ "name": "limit", "in": "query" }] })), [401, 403, 400]);
        assert!(said_of("/v1/a/{id}", &json!({ "security": [{}] })).is_empty(), "what is open needs no token");
    }

    #[test]
    fn a_path_s_methods_are_known_by_its_template() {
        let methods = Methods::of(&json!({ "paths": { "/v1/a": { "post": {} }, "/v1/a/{id}": { "get": {} } } }));
        assert_eq!(methods.allowed("/v1/a/7").unwrap(), [Method::GET]);
        assert_eq!(methods.allowed("/v1/a").unwrap(), [Method::POST]);
        assert!(methods.allowed("/v1/a/").is_none());
        assert!(methods.allowed("/v1/b").is_none());
    }

    #[test]
    fn two_meanings_of_one_schema_are_refused() {
        let part = |kind| json!({ "components": { "schemas": { "A": { "type": kind } } } });
        assert!(merge("t", "d", vec![part("string"), part("string")]).is_ok());
        assert!(merge("t", "d", vec![part("string"), part("number")]).is_err());
    }
}
