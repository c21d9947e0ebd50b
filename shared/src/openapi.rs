//! The OpenAPI document: what every service's part has in common, and how the parts make one.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::Value;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, OpenApiBuilder, Ref, RefOr, ResponseBuilder, SecurityRequirement,
};
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
    let mut paths = collected.paths;
    paths.paths.values_mut().for_each(say_of_bodies);
    let mut components = collected.components.unwrap_or_default();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.security_schemes.insert("token".to_owned(), bearer.into());
    let problem = ComponentsBuilder::new().schema_from::<ProblemDocument>().build();
    components.schemas.extend(problem.schemas);
    let mut api = OpenApiBuilder::new()
        .info(InfoBuilder::new().title(title).description(Some(description)).version(env!("CARGO_PKG_VERSION")).build())
        .paths(paths)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build();
    api.info.license = Some(utoipa::openapi::LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build());
    let mut api = serde_json::to_value(api).map_err(|error| error.to_string())?;
    if let Some(schemas) = api.pointer_mut("/components/schemas") {
        schema::want_text(schemas);
    }
    Ok(api)
}

/// Whatever takes a body refuses one that is too large or not JSON: said once for all of them.
fn say_of_bodies(item: &mut PathItem) {
    let operations = [&mut item.post, &mut item.put, &mut item.patch];
    let takes_json = |operation: &&mut Operation| matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key("application/json"));
    for operation in operations.into_iter().flatten().filter(takes_json) {
        for kind in [problem::TOO_LARGE, problem::UNSUPPORTED_MEDIA] {
            let content = Content::new(Some(Ref::from_schema_name("ProblemDocument")));
            let refused = ResponseBuilder::new().description(kind.title).content("application/json", content).build();
            operation.responses.responses.entry(kind.status.to_string()).or_insert_with(|| refused.into());
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
    Ok(serde_json::json!({
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
    use serde_json::json;

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
