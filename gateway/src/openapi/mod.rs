//! The OpenAPI document of the whole product, and the reference made from it.

use serde_json::Value;

/// The merged document as it was checked in; `./threshold openapi` makes it anew.
pub const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json"));

const TITLE: &str = "Threshold";
const DESCRIPTION: &str = include_str!("description.md");

/// Merges the documents of several services, in files, into one.
///
/// # Errors
/// One line naming the file, or what two services define differently.
pub fn merge_files(files: &[String]) -> Result<String, String> {
    let mut parts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
        parts.push(serde_json::from_str::<Value>(&text).map_err(|error| format!("{file}: {error}"))?);
    }
    let merged = shared::openapi::merge(TITLE, DESCRIPTION, parts)?;
    serde_json::to_string_pretty(&merged).map_err(|error| error.to_string())
}

/// The document with the paths of another in place of its own: what this program answers now.
pub fn with_own_paths(mut merged: Value, own: &Value) -> Value {
    let paths = own.get("paths").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(known) = merged.get_mut("paths").and_then(Value::as_object_mut) {
        known.extend(paths);
    }
    merged
}

/// The reference, rendered once at the start.
#[derive(Clone)]
pub struct Reference;

impl Reference {
    pub fn of(_merged: &Value, _issuer: &str) -> Result<Self, String> {
        Ok(Self)
    }
}

pub fn routes(_config: &mut actix_web::web::ServiceConfig) {}
